"""Cases of dhcp-not-configured."""

from pxedoctor.lab import parts_bridge
from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import cold_start, libvirt_site, network_xml, restart_network
from pxedoctor.lab.site import Site

_ADDRESS = "192.168.150.1"
_ROUTER = "router"


def without_dhcp(site: Site) -> str:
    """The network's definition, with its address and without <dhcp>."""
    xml = network_xml(site, stp="off")
    return xml[: xml.index("<dhcp>")] + xml[xml.index("</dhcp>") + len("</dhcp>") :]


def _do_not_serve(site: Site) -> None:
    restart_network(site, without_dhcp(site))


def _serve_again(site: Site) -> None:
    restart_network(site, network_xml(site, stp="off"))


def _take_address(site: Site) -> None:
    site.run("ip", "address", "flush", "dev", site.bridge)


def _give_address(site: Site) -> None:
    site.run("ip", "address", "add", f"{_ADDRESS}/24", "broadcast", "+", "dev", site.bridge)


def _served_by_a_router(site: Site) -> None:
    """A network without <dhcp>, whose router is somebody else on it, with a DHCP server of its own."""
    _do_not_serve(site)
    inside = ("ip", "netns", "exec", _ROUTER)
    site.run("ip", "netns", "add", _ROUTER)
    parts_bridge.plug_in_from_elsewhere(site, _ROUTER, "eth0")
    site.run(*inside, "ip", "address", "add", "192.168.150.2/24", "dev", "eth0")
    site.run(*inside, "ip", "link", "set", "dev", "eth0", "up")
    words = ("--conf-file=/dev/null", "--port=0", "--user=root", "--no-ping", "--pid-file=/run/router.pid")
    leases = "--dhcp-leasefile=/var/lib/misc/router.leases"
    site.run(*inside, "dnsmasq", *words, leases, "--dhcp-range=192.168.150.10,192.168.150.99")


def _another_address_of_the_network(site: Site) -> None:
    """The bridge has another address of the range's network, and with a longer prefix: dnsmasq goes by the mask."""
    site.run("ip", "address", "add", "192.168.150.2/29", "dev", site.bridge)
    site.run("ip", "address", "del", f"{_ADDRESS}/24", "dev", site.bridge)


def _move_bridge(site: Site) -> None:
    site.run("ip", "address", "add", "192.168.161.1/24", "dev", site.bridge)
    site.run("ip", "address", "del", f"{parts_bridge.LAN_SERVER}/24", "dev", site.bridge)


def _move_bridge_back(site: Site) -> None:
    site.run("ip", "address", "add", f"{parts_bridge.LAN_SERVER}/24", "dev", site.bridge)
    site.run("ip", "address", "del", "192.168.161.1/24", "dev", site.bridge)


def _attempt(site: Site) -> Attempt:
    return cold_start(site)


CASES: tuple[Case, ...] = (
    Case(
        name="dhcp-not-configured",
        expect=Breaks("dhcp-not-configured"),
        story="The guest's network has an address and no <dhcp>: its dnsmasq answers DNS alone.",
        build=libvirt_site,
        inject=_do_not_serve,
        heal=_serve_again,
        attempt=_attempt,
        mended=False,
    ),
    Case(
        name="dhcp-not-configured-for-want-of-an-address",
        expect=Breaks("dhcp-not-configured"),
        story="A script flushed the bridge's address: dnsmasq lives and has nothing to answer from (corpus DS08).",
        build=libvirt_site,
        inject=_take_address,
        heal=_give_address,
        attempt=_attempt,
    ),
    Case(
        name="dhcp-not-configured-for-the-network-of-its-bridge",
        expect=Breaks("dhcp-not-configured"),
        story="An administrator's bridge was renumbered, and the range of his dnsmasq was not.",
        build=parts_bridge.served_bridge_site,
        inject=_move_bridge,
        heal=_move_bridge_back,
        attempt=_attempt,
        mended=False,
    ),
    Case(
        name="dhcp-not-configured-where-a-router-serves",
        expect=Passes(),
        story="A network without <dhcp>; a router that is plugged into it hands out the addresses.",
        build=libvirt_site,
        inject=_served_by_a_router,
        attempt=_attempt,
    ),
    Case(
        name="dhcp-not-configured-but-for-another-address",
        expect=Passes(),
        story="The bridge's address was replaced by another of the same network, with another prefix.",
        build=libvirt_site,
        inject=_another_address_of_the_network,
        attempt=_attempt,
    ),
)
