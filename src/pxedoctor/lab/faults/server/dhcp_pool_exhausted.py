"""Cases of dhcp-pool-exhausted."""

from pxedoctor.lab import parts_bridge
from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import (
    MAC,
    NETWORK,
    bridge_interface,
    cold_start,
    define_guest,
    define_network,
    guest_xml,
    libvirt_site,
    network_xml,
    restart_network,
    start_libvirt,
)
from pxedoctor.lab.parts_log import start_syslog
from pxedoctor.lab.site import Site, SiteError

_RESERVED = f"<host mac='{MAC}' ip='192.168.150.5'/>"
_WRITTEN_DOWN = 'until grep -qi "$0" /var/lib/libvirt/dnsmasq/*.status; do sleep 0.05; done'
_OTHERS = ("52:54:00:0d:0d:11", "52:54:00:0d:0d:12")


def _two_addresses(site: Site, reserved: str = "") -> str:
    xml = network_xml(site, stp="off").replace(_RESERVED, reserved)
    return xml.replace("end='192.168.150.99'", "end='192.168.150.11'")


def _small_site(site: Site) -> None:
    """A network of two addresses, none of them reserved, and a guest."""
    libvirt_site(site)
    restart_network(site, _two_addresses(site))


def _others_take_all(site: Site) -> None:
    """The leases of guests that were destroyed since; web01 has none of its own any more."""
    _forget(site)
    for mac in _OTHERS:
        _libvirt_lease_for(site, mac)


def _lease_for(site: Site, mac: str) -> None:
    attempt = cold_start(site, None, "udhcpc", "--mac", mac)
    if not attempt.ok:
        raise SiteError(f"{mac} got no lease: {attempt.said}")


def _libvirt_lease_for(site: Site, mac: str) -> None:
    """dnsmasq's helper writes it down after the client has it."""
    _lease_for(site, mac)
    site.run("timeout", "20", "sh", "-c", _WRITTEN_DOWN, mac)


def _small_again(site: Site) -> None:
    define_network(site, _two_addresses(site))
    _forget(site)


def _forget(site: Site) -> None:
    site.run("virsh", "net-destroy", NETWORK)
    site.run("sh", "-c", "rm -f /var/lib/libvirt/dnsmasq/*.status")
    site.run("virsh", "net-start", NETWORK)


def _reserved_for_web01(site: Site) -> None:
    """As many leases as the range has addresses less one, and that one is reserved: web01's own."""
    restart_network(site, _two_addresses(site, _RESERVED.replace("192.168.150.5", "192.168.150.11")))
    _libvirt_lease_for(site, _OTHERS[0])


def _one_of_them_is_its_own(site: Site) -> None:
    _libvirt_lease_for(site, MAC)
    _libvirt_lease_for(site, _OTHERS[0])


def _limit_reached(site: Site) -> None:
    """Two leases for a range of two, one of them of a reserved address outside: the limit is reached, not the range."""
    define_network(site, _two_addresses(site, f"<host mac='{_OTHERS[0]}' ip='192.168.150.5'/>"))
    _others_take_all(site)


def _dhcpd_site(site: Site) -> None:
    """ISC dhcpd with a range of two, which logs to the host's log."""
    start_syslog(site)
    parts_bridge.make_bridge(site)
    start_libvirt(site)
    site.run("ip", "address", "add", f"{parts_bridge.LAN_SERVER}/24", "dev", site.bridge)
    _start_dhcpd(site)
    define_guest(site, guest_xml(bridge_interface(site.bridge)))


def _start_dhcpd(site: Site) -> None:
    prefix = parts_bridge.PREFIX
    subnet = f"subnet {prefix}.0 netmask 255.255.255.0 {{ range {prefix}.10 {prefix}.11; }}"
    site.write("/etc/dhcp/dhcpd.conf", f"authoritative;\n{subnet}\n")
    site.run("sh", "-ec", "mkdir -p /var/lib/dhcp; echo >/var/lib/dhcp/dhcpd.leases")
    site.run("dhcpd", "-4", "-q", "-cf", "/etc/dhcp/dhcpd.conf", site.bridge)


def _restart_dhcpd(site: Site) -> None:
    """With no lease and, so that nothing tells of earlier ones, an empty log."""
    end = "pid=$(cat /var/run/dhcpd.pid); kill $pid; while kill -0 $pid 2>/dev/null; do sleep 0.05; done"
    site.run("sh", "-ec", f"{end}; : >/var/log/messages")
    _start_dhcpd(site)


def _dhcpd_full(site: Site) -> None:
    _restart_dhcpd(site)
    for mac in _OTHERS:
        _lease_for(site, mac)
    if cold_start(site).ok:
        raise SiteError("dhcpd still had an address")


def _attempt(site: Site) -> Attempt:
    return cold_start(site)


CASES: tuple[Case, ...] = (
    Case(
        name="dhcp-pool-exhausted",
        expect=Breaks("dhcp-pool-exhausted"),
        story="Guests that are gone have the leases of all addresses of the range (corpus DS07).",
        build=_small_site,
        inject=_others_take_all,
        heal=_small_again,
        attempt=_attempt,
        allow_risky=True,
    ),
    Case(
        name="dhcp-pool-exhausted-by-reservations",
        expect=Breaks("dhcp-pool-exhausted"),
        story="The range has an address left, but a reserved one took its lease: dnsmasq offers, then refuses.",
        build=_small_site,
        inject=_limit_reached,
        heal=_small_again,
        attempt=_attempt,
        allow_risky=True,
    ),
    Case(
        name="dhcp-pool-exhausted-of-dhcpd",
        expect=Breaks("dhcp-pool-exhausted"),
        story="ISC dhcpd has no free lease left, and says so in the log.",
        build=_dhcpd_site,
        inject=_dhcpd_full,
        heal=_restart_dhcpd,
        attempt=_attempt,
        mended=False,
    ),
    Case(
        name="dhcp-pool-exhausted-but-for-its-reservation",
        expect=Passes(),
        story="No address is left but the one that is reserved for the guest.",
        build=_small_site,
        inject=_reserved_for_web01,
        attempt=_attempt,
    ),
    Case(
        name="dhcp-pool-exhausted-with-its-own-lease",
        expect=Passes(),
        story="All addresses are given away, and one of them to the guest itself.",
        build=_small_site,
        inject=_one_of_them_is_its_own,
        attempt=_attempt,
    ),
)
