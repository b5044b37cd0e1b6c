"""Cases of host-firewall-drops-dhcpv6: a network of libvirt that serves both families, or IPv6 alone."""

import re
import secrets
import time

from pxedoctor.lab import wiring
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
from pxedoctor.lab.parts_bridge import lend_a_port
from pxedoctor.lab.parts_nftables import restart_nftables, write_conf
from pxedoctor.lab.site import Site

_IPV6 = """<ip family='ipv6' address='fd00:150::1' prefix='64'>
    <dhcp><range start='fd00:150::10' end='fd00:150::ff'/></dhcp></ip>
</network>"""


_PREFIX = "<ip family='ipv6' address='fd00:150::1' prefix='64'/>"
# A kernel asks three times, 4 s apart (RFC 4861 section 10).
_AUTOCONFIGURED_SECONDS = 12.0
_POLL_SECONDS = 0.2


def _both_families(site: Site) -> None:
    start_libvirt(site)
    restart_network(site, network_xml(site, stp="off").replace("</network>", _IPV6))
    site.run("virsh", "net-autostart", "lab")
    define_guest(site, guest_xml(network_interface()))
    lend_a_port(site)
    _with_ipv6(site)


def _ipv6_alone(site: Site) -> None:
    """Its guest boots from its disk: no firmware that pxedoctor knows the times of would ask for IPv6 there."""
    start_libvirt(site)
    both = network_xml(site, stp="off", mode="").replace("</network>", _IPV6)
    restart_network(site, re.sub(r"(?s)<ip address='192.*?</ip>", "", both))
    site.run("virsh", "net-autostart", "lab")
    define_guest(site, guest_xml(network_interface(), boot="hd"))
    lend_a_port(site)
    _load(site, "547")


def _load(site: Site, ports: str) -> None:
    opened = f'iifname "{site.bridge}" udp dport {{ {ports} }} accept'
    write_conf(site, flush=False, table="host", more=opened)
    restart_nftables(site)


def _with_ipv6(site: Site) -> None:
    _load(site, "53, 67, 547")


def _without_ipv6(site: Site) -> None:
    _load(site, "53, 67")


def _without_all(site: Site) -> None:
    _load(site, "53")


def _with_547(site: Site) -> None:
    _load(site, "547")


def _policy_of_ip6tables(site: Site) -> None:
    site.run("ip6tables", "-P", "INPUT", "DROP")
    site.run("ip6tables", "-A", "INPUT", "-p", "ipv6-icmp", "-j", "ACCEPT")


def _solicits(site: Site) -> Attempt:
    return cold_start(site, None, "dhclient6")


def _advertised(site: Site, more: str = "") -> None:
    """No address is handed out: guests make theirs of the prefix. `more`: a line for its dnsmasq."""
    start_libvirt(site)
    namespace = "xmlns:dnsmasq='http://libvirt.org/schemas/network/dnsmasq/1.0'"
    options = f"<dnsmasq:options><dnsmasq:option value='{more}'/></dnsmasq:options>" if more else ""
    xml = re.sub(r"(?s)<ip address='192.*?</ip>", _PREFIX, network_xml(site, stp="off", mode=""))
    restart_network(
        site, xml.replace("<network>", f"<network {namespace}>").replace("</network>", f"{options}</network>")
    )
    site.run("virsh", "net-autostart", "lab")
    define_guest(site, guest_xml(network_interface(), boot="hd"))
    lend_a_port(site)


def _stateless(site: Site) -> None:
    _advertised(site, "dhcp-range=fd00:150::,ra-stateless")


def _no_icmpv6_out(site: Site) -> None:
    """An OUTPUT chain that knows DHCPv6 and pings, and nothing of neighbour discovery's other half."""
    rules = "icmpv6 type { nd-router-advert, nd-redirect } drop"
    chain = f"chain out {{\n type filter hook output priority 0; policy accept;\n {rules}\n }}"
    site.write("/tmp/out.nft", f"table ip6 outwards {{\n {chain}\n}}\n")
    site.run("nft", "-f", "/tmp/out.nft")


def _without_it(site: Site) -> None:
    site.run("nft", "delete", "table", "ip6", "outwards")


def _autoconfigures(site: Site) -> Attempt:
    """A guest's kernel, which asks for a router and makes an address of the prefix that it hears."""
    name = f"slaac{secrets.token_hex(2)}"
    port = wiring.plug_in(site, name)
    address = [*wiring.inside(name), "ip", "-6", "-o", "address", "show", "dev", "eth0", "scope", "global"]
    deadline = time.monotonic() + _AUTOCONFIGURED_SECONDS * site.patience
    said = ""
    while not said and time.monotonic() < deadline:
        said = site.run(*address).strip()
        time.sleep(_POLL_SECONDS)
    # The kernel takes a namespace's devices away some time after its name is gone.
    site.run("ip", "link", "delete", "dev", port)
    site.run("ip", "netns", "delete", name)
    return Attempt(ok=bool(said), said=said or "no address was made")


CASES: tuple[Case, ...] = (
    Case(
        name="host-firewall-drops-dhcpv6",
        expect=Breaks("host-firewall-drops-dhcpv6"),
        story="An inet table lets UDP 67 of the guests' bridge in, and nobody thought of 547 (corpus NF20).",
        build=_both_families,
        inject=_without_ipv6,
        heal=_with_ipv6,
        attempt=_solicits,
    ),
    Case(
        name="ip6tables-drops-behind-libvirts-accept",
        expect=Passes(),
        story="ip6tables' INPUT has policy DROP, and libvirt's own rules of IPv6 stand before it and open 547.",
        build=_both_families,
        inject=_policy_of_ip6tables,
        attempt=_solicits,
    ),
    Case(
        name="host-firewall-drops-dhcpv6-alone",
        expect=Breaks("host-firewall-drops-dhcpv6"),
        story="A network without any IPv4, and an inet table that lets DNS of the guests' bridge in and no DHCPv6.",
        build=_ipv6_alone,
        inject=_without_all,
        heal=_with_547,
        attempt=_solicits,
    ),
    Case(
        name="ipv6-alone",
        expect=Passes(),
        story="Nobody on the guests' bridge serves IPv4, and its network was meant so: guests get IPv6 addresses.",
        build=_ipv6_alone,
        attempt=_solicits,
    ),
    Case(
        name="router-advertisements-dropped",
        expect=Breaks("host-firewall-drops-dhcpv6"),
        story="Guests make their addresses of what is advertised alone, and the host lets no advertisement out.",
        build=_advertised,
        inject=_no_icmpv6_out,
        heal=_without_it,
        attempt=_autoconfigures,
        mended=False,
    ),
    Case(
        name="ipv6-advertised-alone",
        expect=Passes(),
        story="A network without any DHCP: its guests make IPv6 addresses of the prefix, and have no other.",
        build=_advertised,
        attempt=_autoconfigures,
    ),
    Case(
        name="ipv6-stateless-alone",
        expect=Passes(),
        story="The same, and its dnsmasq tells guests by DHCPv6 what an advertisement does not.",
        build=_stateless,
        attempt=_autoconfigures,
    ),
)
