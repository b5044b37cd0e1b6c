"""The zoo: healthy hosts with every kind of libvirt's network, behind every firewall manager, guests of both firmwares.

A site is one machine with one firewall; the kinds of network follow each other on it, and each has both guests.
libvirt's nftables backend has its hosts in the matrix, which needs other releases.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from pxedoctor.lab import parts_nftables, parts_ufw
from pxedoctor.lab.parts import (
    DHCPV6,
    GUEST,
    define_guest,
    guest_xml,
    network_interface,
    network_xml,
    restart_network,
    start_libvirt,
)
from pxedoctor.lab.parts_firewalld import start_firewalld, wait_for_zone
from pxedoctor.lab.site import Site, Told

_NETWORKS: Mapping[str, Callable[[Site], str]] = MappingProxyType(
    {
        "nat": lambda site: network_xml(site, stp="off"),
        "route": lambda site: network_xml(site, stp="off", mode="route"),
        "isolated": lambda site: network_xml(site, stp="off", mode=""),
        "nat with tftp": lambda site: network_xml(site, stp="off", extra="<tftp root='/srv'/>"),
        "nat with ipv6": lambda site: network_xml(site, stp="off", beside=DHCPV6),
        "ipv6 alone": lambda site: re.sub(
            r"(?s)<ip address='192.*?</ip>", "", network_xml(site, stp="off", mode="", beside=DHCPV6)
        ),
    }
)
FIRMWARE: Mapping[str, str] = MappingProxyType(
    {"bios": "", "efi": "<loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>"}
)


def _no_firewall(site: Site) -> None:
    start_libvirt(site)


def _firewalld(site: Site) -> None:
    start_firewalld(site)
    start_libvirt(site)


def _ufw(site: Site) -> None:
    """libvirt comes first, as at a boot: its chains stand before ufw's."""
    start_libvirt(site)
    restart_network(site, _NETWORKS["nat"](site))
    parts_ufw.enable(site)


def _own_nftables(site: Site) -> None:
    """A careful administrator's file: a table of its own that drops all but what guests ask this host for."""
    start_libvirt(site)
    opened = f'iifname "{site.bridge}" udp dport {{ 53, 67, 69, 547 }} accept'
    parts_nftables.write_conf(site, flush=False, more=opened)
    parts_nftables.restart_nftables(site)


MANAGERS: Mapping[str, Callable[[Site], None]] = MappingProxyType(
    {"no firewall": _no_firewall, "firewalld": _firewalld, "ufw": _ufw, "own nftables": _own_nftables}
)


def diagnosed(site: Site, manager: str) -> Iterator[tuple[str, Told]]:
    """Behind one firewall manager: each kind of network, with what the doctor says of its two guests, named bios and
    efi."""
    MANAGERS[manager](site)
    _define_guests(site)
    site.run("mkdir", "-p", "/srv")
    for kind, definition in _NETWORKS.items():
        restart_network(site, definition(site))
        site.run("virsh", "net-autostart", "lab")
        if manager == "firewalld":
            wait_for_zone(site, site.bridge, "libvirt-routed" if kind == "route" else "libvirt")
        yield kind, site.doctor("diagnose", "--verbose")


def _define_guests(site: Site) -> None:
    for number, (firmware, loader) in enumerate(FIRMWARE.items(), 1):
        xml = guest_xml(network_interface(), extra=loader).replace(GUEST, firmware)
        # UEFI demands ACPI.
        xml = xml.replace("</os>", "</os><features><acpi/></features>")
        mac, uuid = f"52:54:00:0d:0d:2{number}", f"6f0c1b52-0d0d-4d0d-8d0d-0d0d0d0d0d2{number}"
        define_guest(site, xml.replace("52:54:00:0d:0d:01", mac).replace("6f0c1b52-0d0d-4d0d-8d0d-0d0d0d0d0d02", uuid))
