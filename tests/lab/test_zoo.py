"""The zoo: healthy hosts with every kind of libvirt's network, behind every firewall manager, guests of both firmwares.

Nothing is found on any of them: a false alarm is worse than silence. A site is one machine with one firewall; the kinds
of network follow each other on it. libvirt's nftables backend has its hosts in the matrix, which needs other releases.
"""

from collections.abc import Callable

import pytest

from pxedoctor.lab import parts_nftables, parts_ufw
from pxedoctor.lab.ground.namespace import open_site
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
from pxedoctor.lab.site import Site

pytestmark = pytest.mark.lab

NETWORKS: dict[str, Callable[[Site], str]] = {
    "nat": lambda site: network_xml(site, stp="off"),
    "route": lambda site: network_xml(site, stp="off", mode="route"),
    "isolated": lambda site: network_xml(site, stp="off", mode=""),
    "nat with tftp": lambda site: network_xml(site, stp="off", extra="<tftp root='/srv'/>"),
    "nat with ipv6": lambda site: network_xml(site, stp="off", beside=DHCPV6),
}
FIRMWARE = {"bios": "", "efi": "<loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>"}


def no_firewall(site: Site) -> None:
    start_libvirt(site)


def firewalld(site: Site) -> None:
    start_firewalld(site)
    start_libvirt(site)


def ufw(site: Site) -> None:
    """libvirt comes first, as at a boot: its chains stand before ufw's."""
    start_libvirt(site)
    restart_network(site, NETWORKS["nat"](site))
    parts_ufw.enable(site)


def own_nftables(site: Site) -> None:
    """A careful administrator's file: a table of its own that drops all but what guests ask this host for."""
    start_libvirt(site)
    opened = f'iifname "{site.bridge}" udp dport {{ 53, 67, 69, 547 }} accept'
    parts_nftables.write_conf(site, flush=False, more=opened)
    parts_nftables.restart_nftables(site)


def define_guests(site: Site) -> None:
    for number, (firmware, loader) in enumerate(FIRMWARE.items(), 1):
        xml = guest_xml(network_interface(), extra=loader).replace(GUEST, firmware)
        # UEFI demands ACPI.
        xml = xml.replace("</os>", "</os><features><acpi/></features>")
        mac, uuid = f"52:54:00:0d:0d:2{number}", f"6f0c1b52-0d0d-4d0d-8d0d-0d0d0d0d0d2{number}"
        define_guest(site, xml.replace("52:54:00:0d:0d:01", mac).replace("6f0c1b52-0d0d-4d0d-8d0d-0d0d0d0d0d02", uuid))


@pytest.mark.parametrize("manager", [no_firewall, firewalld, ufw, own_nftables], ids=lambda manager: manager.__name__)
def test_nothing_is_found_on_healthy_hosts(manager: Callable[[Site], None]) -> None:
    with open_site() as site:
        manager(site)
        define_guests(site)
        site.run("mkdir", "-p", "/srv")
        for kind, definition in NETWORKS.items():
            restart_network(site, definition(site))
            site.run("virsh", "net-autostart", "lab")
            if manager is firewalld:
                wait_for_zone(site, site.bridge, "libvirt-routed" if kind == "route" else "libvirt")
            told = site.doctor("diagnose", "--verbose")
            verdicts = {target["guest"]: target["verdict"] for target in told.document["targets"]}
            assert not told.names(), (kind, told.document["findings"])
            assert verdicts == dict.fromkeys(FIRMWARE, "healthy"), (kind, told.document["unknown"])
            assert told.exit_code == 0, kind
