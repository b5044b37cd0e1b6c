"""Cases of host-firewall-drops-tftp: the lease comes, and the boot file does not."""

import re

from pxedoctor.lab import loader
from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import (
    DHCPV6,
    cold_start,
    define_guest,
    guest_xml,
    network_interface,
    network_xml,
    restart_network,
    start_libvirt,
)
from pxedoctor.lab.parts_bridge import lend_a_port
from pxedoctor.lab.parts_nftables import restart_nftables, write_conf
from pxedoctor.lab.site import Site

_ROOT = "/var/lib/libvirt/images"
_SERVER = "192.168.150.1"
_URL6 = "tftp://[fd00:d0d::1]/boot.0"


def _netboot_site(site: Site) -> None:
    """A network of libvirt with a boot file on its own TFTP server, behind nftables.service that lets all three in."""
    start_libvirt(site)
    loader.put(site, f"{_ROOT}/boot.0")
    extra = f"<tftp root='{_ROOT}'/>"
    xml = network_xml(site, stp="off", extra=extra).replace("<dhcp>", "<dhcp><bootp file='boot.0'/>")
    restart_network(site, xml)
    site.run("virsh", "net-autostart", "lab")
    define_guest(site, guest_xml(network_interface()))
    _with_tftp(site)


def _ipv6_site(site: Site) -> None:
    """The same for a network of IPv6 alone, whose dnsmasq names the file by option 59: libvirt has no word for that."""
    start_libvirt(site)
    loader.put(site, f"{_ROOT}/boot.0")
    words = ("enable-tftp", f"tftp-root={_ROOT}", f"dhcp-option=option6:bootfile-url,{_URL6}")
    options = "".join(f"<dnsmasq:option value='{word}'/>" for word in words)
    both = network_xml(site, stp="off", mode="", beside=f"{DHCPV6}<dnsmasq:options>{options}</dnsmasq:options>")
    namespace = "xmlns:dnsmasq='http://libvirt.org/schemas/network/dnsmasq/1.0'"
    xml = re.sub(r"(?s)<ip address='192.*?</ip>", "", both).replace("<network>", f"<network {namespace}>")
    restart_network(site, xml)
    site.run("virsh", "net-autostart", "lab")
    define_guest(site, guest_xml(network_interface()))
    lend_a_port(site)
    _load(site, "53, 69, 547")


def _load(site: Site, ports: str) -> None:
    opened = f'iifname "{site.bridge}" udp dport {{ {ports} }} accept'
    write_conf(site, flush=False, table="host", more=opened)
    restart_nftables(site)


def _with_tftp(site: Site) -> None:
    _load(site, "53, 67, 69")


def _without_tftp(site: Site) -> None:
    _load(site, "53, 67")


_OUT = (
    "nft add table ip out; nft add chain ip out output '{ type filter hook output priority 0; policy drop; }'; "
    "nft add rule ip out output oifname lo accept; nft add rule ip out output ct state established,related accept; "
    "nft add rule ip out output udp sport 67 udp dport 68 accept; "
    "nft add rule ip out output icmp type echo-request accept"
)


def _only_known_goes_out(site: Site) -> None:
    site.run("sh", "-ec", _OUT)


def _all_goes_out(site: Site) -> None:
    site.run("nft", "delete", "table", "ip", "out")


def _rejects_the_rest(site: Site) -> None:
    """Behind the accept for TFTP stands a rule that refuses everything else: it is never met."""
    site.run("nft", "add", "rule", "inet", "host", "input", "iifname", site.bridge, "udp", "dport", "0-1023", "drop")


def _attempt(site: Site) -> Attempt:
    return cold_start(site, None, "udhcpc", "--fetch", f"tftp://{_SERVER}/boot.0")


def _attempt6(site: Site) -> Attempt:
    return cold_start(site, None, "dhclient6", "--fetch", _URL6)


CASES: tuple[Case, ...] = (
    Case(
        name="host-firewall-drops-tftp",
        expect=Breaks("host-firewall-drops-tftp"),
        story="nftables.service opens DHCP and DNS of the guests' bridge, and nobody thought of port 69 (NF18).",
        build=_netboot_site,
        inject=_without_tftp,
        heal=_with_tftp,
        attempt=_attempt,
    ),
    Case(
        name="host-firewall-drops-tftp-data",
        expect=Breaks("host-firewall-drops-tftp"),
        story="OUTPUT lets out what is established, and the first block, from a port of its own, is new (NF18).",
        build=_netboot_site,
        inject=_only_known_goes_out,
        heal=_all_goes_out,
        attempt=_attempt,
        mended=False,
    ),
    Case(
        name="boot-file-over-ipv6",
        expect=Passes(),
        story="A network of IPv6 alone names its boot file by option 59, and the host opens no DHCP but that of IPv6.",
        build=_ipv6_site,
        attempt=_attempt6,
    ),
    Case(
        name="host-firewall-drops-after-the-accept",
        expect=Passes(),
        story="A rule drops all low ports of the bridge, and stands behind the one that accepts 69: it is never met.",
        build=_netboot_site,
        inject=_rejects_the_rest,
        attempt=_attempt,
    ),
)
