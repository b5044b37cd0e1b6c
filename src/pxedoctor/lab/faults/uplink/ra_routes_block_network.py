"""Cases of ra-routes-block-network: a router in the LAN advertises, and the host's own routes hang on it."""

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import (
    NETWORK,
    cold_start,
    define_guest,
    guest_xml,
    network_interface,
    network_xml,
    restart_network,
    start_libvirt,
)
from pxedoctor.lab.site import Site

_ROUTER = "router"
_IPV6 = "<ip family='ipv6' address='fd00:d0d::1' prefix='64'/>"


def _nic(site: Site) -> str:
    return site.device("nx")


def _with_router(site: Site) -> None:
    """A NIC behind which a dnsmasq advertises itself, accept_ra 2; and a running network with IPv4 and IPv6."""
    start_libvirt(site)
    # The bridge's addresses are good at once: dnsmasq listens on them as soon as they are.
    site.run("sysctl", "-q", "-w", "net.ipv6.conf.default.accept_dad=0")
    nic = _nic(site)
    site.run("ip", "netns", "add", _ROUTER)
    site.run("ip", "link", "add", nic, "type", "veth", "peer", "name", "eth0", "netns", _ROUTER)
    inside = ("ip", "netns", "exec", _ROUTER)
    site.run(*inside, "sysctl", "-q", "-w", "net.ipv6.conf.eth0.accept_dad=0")
    # What does not forward says in its neighbour advertisements that it is no router, and its route is dropped for that
    # (net/ipv6/ndisc.c ndisc_recv_na), some seconds after it was learned.
    site.run(*inside, "sysctl", "-q", "-w", "net.ipv6.conf.all.forwarding=1")
    site.run(*inside, "ip", "address", "add", "fd00:77::1/64", "dev", "eth0")
    site.run(*inside, "ip", "link", "set", "dev", "eth0", "up")
    _accept(site, "2")
    site.run("sysctl", "-q", "-w", f"net.ipv6.conf.{nic}.accept_dad=0")
    site.run("ip", "link", "set", "dev", nic, "up")
    _advertise(site)
    restart_network(site, network_xml(site, stp="off", beside=_IPV6))
    site.run("virsh", "net-autostart", NETWORK)
    define_guest(site, guest_xml(network_interface()))


def _advertise(site: Site) -> None:
    """The router begins anew, and so advertises itself at once; until its route is learned."""
    options = ("--conf-file=/dev/null", "--port=0", "--interface=eth0", "--bind-dynamic", "--user=root")
    site.ask("sh", "-c", "kill $(cat /run/ra.pid) && while kill -0 $(cat /run/ra.pid); do sleep 0.05; done")
    words = ("dnsmasq", *options, "--enable-ra", "--dhcp-range=fd00:77::,ra-only", "--pid-file=/run/ra.pid")
    site.run("ip", "netns", "exec", _ROUTER, *words)
    learned = f"until ip -6 route show dev {_nic(site)} proto ra | grep -q default; do sleep 0.05; done"
    site.run("timeout", "20", "sh", "-c", learned)


def _accept(site: Site, value: str) -> None:
    site.run("sysctl", "-q", "-w", f"net.ipv6.conf.{_nic(site)}.accept_ra={value}")


def _as_after_a_boot(site: Site) -> None:
    """accept_ra as the kernel has it by itself; libvirt is to start the network, and refuses."""
    _accept(site, "1")
    site.run("virsh", "net-destroy", NETWORK)
    site.ask("virsh", "net-start", NETWORK)


def _kept(site: Site) -> None:
    """A guest's start gives the new bridge the carrier without which its IPv6 addresses are not in use.

    A host that forwards, and takes no advertisements meanwhile, has lost the route.
    """
    _accept(site, "2")
    _advertise(site)
    site.run("virsh", "net-start", NETWORK)
    cold_start(site)


def _started_anew(site: Site) -> None:
    site.run("virsh", "net-destroy", NETWORK)
    site.run("virsh", "net-start", NETWORK)


def _attempt(site: Site) -> Attempt:
    return cold_start(site)


CASES: tuple[Case, ...] = (
    Case(
        name="ra-routes-block-network",
        expect=Breaks("ra-routes-block-network"),
        story="After a reboot the NIC's routes come from a router's advertisements, and virbr0 is not there (DS14).",
        build=_with_router,
        inject=_as_after_a_boot,
        heal=_kept,
        attempt=_attempt,
    ),
    Case(
        name="ra-routes-that-are-kept",
        expect=Passes(),
        story="The same routes, and accept_ra is 2: libvirt starts the network, and the host keeps them (DS14).",
        build=_with_router,
        inject=_started_anew,
        attempt=_attempt,
    ),
)
