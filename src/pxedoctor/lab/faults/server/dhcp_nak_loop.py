"""Cases of dhcp-nak-loop."""

from pxedoctor.lab import parts_bridge
from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.parts import bridge_interface, define_guest, guest_xml, start_libvirt
from pxedoctor.lab.parts_log import start_syslog
from pxedoctor.lab.site import Site

_PREFIX = parts_bridge.PREFIX
_PID = "/run/own-dnsmasq.pid"
# dhcpd gathers ACKs before it writes its leases to disk, as a busy one does: whoever refuses is always first. A lease
# that is young it would acknowledge without writing (dhcp-cache-threshold).
_DHCPD = f"""\
delayed-ack 28;
max-ack-delay 1500000;
dhcp-cache-threshold 0;
subnet {_PREFIX}.0 netmask 255.255.255.0 {{ range {_PREFIX}.10 {_PREFIX}.99; }}
"""


def _dhcpd_site(site: Site) -> None:
    """A bridge of the host's own with ISC dhcpd on it, a log, and a guest."""
    start_syslog(site)
    start_libvirt(site)
    parts_bridge.make_bridge(site)
    site.run("ip", "address", "add", f"{parts_bridge.LAN_SERVER}/24", "dev", site.bridge)
    _start_dhcpd(site, site.bridge)
    define_guest(site, guest_xml(bridge_interface(site.bridge)))


def _lan_site(site: Site) -> None:
    """The same dhcpd in the LAN behind the bridge, on which the host has another address."""
    start_syslog(site)
    start_libvirt(site)
    parts_bridge.make_bridge(site)
    site.run("ip", "netns", "add", "lan")
    parts_bridge.plug_in_from_elsewhere(site, "lan", "lan0")
    parts_bridge.in_lan(site, "ip", "address", "add", f"{parts_bridge.LAN_SERVER}/24", "dev", "lan0")
    parts_bridge.in_lan(site, "ip", "link", "set", "dev", "lan0", "up")
    _start_dhcpd(site, "lan0", "ip", "netns", "exec", "lan")
    site.run("ip", "address", "add", f"{_PREFIX}.2/24", "dev", site.bridge)
    define_guest(site, guest_xml(bridge_interface(site.bridge)))


def _start_dhcpd(site: Site, device: str, *where: str) -> None:
    site.write("/etc/dhcp/own.conf", _DHCPD)
    site.run("sh", "-ec", "mkdir -p /var/lib/dhcp; : >/var/lib/dhcp/own.leases")
    files = ("-cf", "/etc/dhcp/own.conf", "-lf", "/var/lib/dhcp/own.leases", "-pf", "/run/own-dhcpd.pid")
    site.run(*where, "dhcpd", "-4", "-q", *files, device)


def _own_dnsmasq(site: Site, *options: str) -> None:
    """A dnsmasq of this host for a few machines that it knows, on the bridge that another server serves."""
    words = ("--conf-file=/dev/null", "--port=0", "--no-ping", "--user=root", "--bind-dynamic", "--except-interface=lo")
    leases = (f"--dhcp-range={_PREFIX}.0,static", f"--dhcp-host=52:54:00:00:00:77,{_PREFIX}.77")
    files = ("--dhcp-leasefile=/var/lib/misc/own.leases", f"--pid-file={_PID}")
    site.run("dnsmasq", f"--interface={site.bridge}", *words, *leases, *files, *options)


def _authoritative(site: Site) -> None:
    _own_dnsmasq(site, "--dhcp-authoritative")


def _gone(site: Site) -> None:
    site.run("sh", "-ec", f"pid=$(cat {_PID}); kill $pid; while kill -0 $pid 2>/dev/null; do sleep 0.05; done")


CASES: tuple[Case, ...] = (
    Case(
        name="dhcp-nak-loop",
        expect=Breaks("dhcp-nak-loop"),
        story="Two servers with one address: dhcpd offers, and a dnsmasq that does not know the guest refuses (DS09).",
        build=_dhcpd_site,
        inject=_authoritative,
        heal=_gone,
        attempt=parts_bridge.attempt,
        mended=False,
        probe=True,
        fetch=True,
    ),
    Case(
        name="dhcp-nak-loop-of-another-server",
        expect=Passes(),
        story="An authoritative dnsmasq refuses what is meant for the LAN's server; clients do not listen to it.",
        build=_lan_site,
        inject=_authoritative,
        attempt=parts_bridge.attempt,
        probe=True,
        fetch=True,
    ),
)
