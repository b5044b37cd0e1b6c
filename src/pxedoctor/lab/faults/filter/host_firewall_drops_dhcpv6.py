"""Cases of host-firewall-drops-dhcpv6: a network of libvirt that serves both families, or IPv6 alone."""

import re

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
)
