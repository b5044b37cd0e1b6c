"""Cases of relay-missing: a routed network of libvirt's, a DHCP server on another segment, a dnsmasq between."""

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import (
    cold_start,
    define_guest,
    guest_xml,
    network_interface,
    network_xml,
    restart_network,
    start_libvirt,
)
from pxedoctor.lab.parts_routed import SERVER, outside, server_behind
from pxedoctor.lab.site import Site

_PID = "/run/relay.pid"
_OWN, _OTHER = "192.168.150.1", "192.168.159.1"
_OPTIONS = ("--conf-file=/dev/null", "--port=0", "--user=root", "--bind-dynamic")


def _relayed_site(site: Site) -> None:
    """A routed network without <dhcp>, whose server is behind this host, with a relay for it."""
    start_libvirt(site)
    server_behind(site)
    given = "--dhcp-range=192.168.150.10,192.168.150.99,255.255.255.0"
    outside(site, "dnsmasq", *_OPTIONS, given, "--no-ping", "--pid-file=/run/outside.pid")
    xml = network_xml(site, stp="off", mode="route")
    restart_network(site, xml[: xml.index("<dhcp>")] + xml[xml.index("</dhcp>") + len("</dhcp>") :])
    define_guest(site, guest_xml(network_interface()))
    older = site.device("vo")
    site.run("ip", "link", "add", "name", older, "type", "bridge")
    site.run("ip", "address", "add", f"{_OTHER}/24", "dev", older)
    site.run("ip", "link", "set", "dev", older, "up")
    _start(site, _OWN)


def _start(site: Site, *addresses: str) -> None:
    relays = (f"--dhcp-relay={address},{SERVER}" for address in addresses)
    site.run("dnsmasq", *_OPTIONS, f"--pid-file={_PID}", *relays)


def _restart(site: Site, *addresses: str) -> None:
    site.run("sh", "-ec", f"pid=$(cat {_PID}); kill $pid; while kill -0 $pid 2>/dev/null; do sleep 0.05; done")
    _start(site, *addresses)


def _for_the_older_network(site: Site) -> None:
    _restart(site, _OTHER)


def _for_this_one(site: Site) -> None:
    _restart(site, _OWN)


def _for_both(site: Site) -> None:
    _restart(site, _OTHER, _OWN)


def _attempt(site: Site) -> Attempt:
    return cold_start(site)


CASES: tuple[Case, ...] = (
    Case(
        name="relay-missing",
        expect=Breaks("relay-missing"),
        story="A routed network was added, and the relay knows the older one alone: the server never hears its guests.",
        build=_relayed_site,
        inject=_for_the_older_network,
        heal=_for_this_one,
        attempt=_attempt,
        mended=False,
    ),
    Case(
        name="relay-for-two-networks",
        expect=Passes(),
        story="No <dhcp> in the network and no server on its bridge: a dnsmasq relays for it, as for an older one.",
        build=_relayed_site,
        inject=_for_both,
        attempt=_attempt,
    ),
)
