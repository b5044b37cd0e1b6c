"""A site with another release's programs, on this machine's kernel: what the matrix tries without an emulator.

And what only that shows: a real libvirt 11.3 without tc, with which its nftables backend has checksums filled; the
nftables driver of nwfilter, which libvirt 12.8 has; iproute2 before and after it told a bridge's root rightly.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pxedoctor.lab.catalogue import cases
from pxedoctor.lab.elsewhere import said_elsewhere
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.machine.disk import disk_of
from pxedoctor.lab.machine.recipe import RECIPES
from pxedoctor.lab.parts import (
    NETWORK,
    cold_start,
    define_guest,
    define_network,
    guest_xml,
    network_interface,
    network_xml,
    start_libvirt,
)
from pxedoctor.lab.parts_libvirt_11 import RELEASE, choose_nftables
from pxedoctor.lab.runner import DecoyResult, FaultResult, decoy_on, fault_on

pytestmark = pytest.mark.machine


# sid's os-release has the codename of the release to come.
@pytest.mark.parametrize(
    ("release", "libvirt", "named"),
    [("bookworm", "9.0.", "CODENAME=bookworm"), ("trixie", "11.3.", "CODENAME=trixie"), ("sid", "12.", "/sid")],
)
def test_its_programs_are_the_releases_and_its_tree_stays_as_it_was(release: str, libvirt: str, named: str) -> None:
    tree = disk_of(RECIPES[release], print).tree
    with open_site(tree) as site:
        assert site.run("virsh", "--version").startswith(libvirt)
        assert site.run("uname", "-r").strip() == os.uname().release
        assert named in site.path("/etc/os-release").read_text()
        assert site.doctor("diagnose").exit_code == 0
        site.run("touch", "/usr/left-behind")
        assert not (tree / "usr/left-behind").exists()
        assert not Path("/usr/left-behind").exists()


# A bridge behind another root.
TREE = """
ip link add name qa type bridge stp_state 1 priority 100
ip link add name qb type bridge stp_state 1 priority 200
ip link add va type veth peer name vb
ip link set va master qa up
ip link set vb master qb up
ip link set qa up
ip link set qb up
timeout 60 sh -c 'until [ $(cat /sys/class/net/qb/bridge/root_port) != 0 ]; do sleep 0.2; done'
"""


@pytest.mark.parametrize(("release", "told"), [("bookworm", "00c8."), ("trixie", "0064.")])
def test_iproute2_before_6_5_calls_a_bridge_its_own_root(release: str, told: str) -> None:
    """Why the doctor reads sysfs, which is right with both."""
    with open_site(disk_of(RECIPES[release], print).tree) as site:
        site.run("sh", "-ec", TREE)
        (link,) = json.loads(site.run("ip", "-d", "-j", "link", "show", "qb"))
        assert link["linkinfo"]["info_data"]["root_id"].startswith(told)
        assert site.path("/sys/class/net/qb/bridge/root_id").read_text().startswith("0064.")


@pytest.mark.parametrize("release", ["bookworm", "trixie"])
def test_a_lease_file_that_is_no_json_does_not_keep_a_network_from_starting(release: str) -> None:
    """It was believed to: libvirt's lease helper, which reads it, is asked by dnsmasq at its start."""
    with open_site(disk_of(RECIPES[release], print).tree) as site:
        site.write("/etc/libvirt/network.conf", 'firewall_backend = "iptables"\n')
        start_libvirt(site)
        define_network(site, network_xml(site, stp="off"))
        site.write(f"/var/lib/libvirt/dnsmasq/{site.bridge}.status", '[{"ip-address": "192.168.150.10", ')
        site.run("virsh", "net-start", NETWORK)
        assert cold_start(site).ok


def test_libvirts_nftables_backend_without_tc() -> None:
    with open_site(disk_of(RECIPES[RELEASE], print).tree) as site:
        choose_nftables(site)
        start_libvirt(site)
        define_network(site, network_xml(site, stp="off"))
        define_guest(site, guest_xml(network_interface()))
        site.run("sh", "-ec", "rm $(command -v tc)")
        said = site.ask("virsh", "net-start", NETWORK)
        assert "Cannot find 'tc' in path" in said.stderr
        told = site.doctor("diagnose")
        assert told.exit_code == 1
        assert told.names()[0] == "tc-checksum-action-missing", told.document
        assert said_elsewhere(site, ()).names() == told.names()


@pytest.mark.parametrize(("name", "run"), [("nwfilter-drops-dhcp", fault_on), ("nwfilter-that-allows-dhcp", decoy_on)])
def test_nwfilters_nftables_driver(name: str, run: Callable[..., FaultResult | DecoyResult]) -> None:
    """The lab's own cases, with rules that libvirt writes by nft and not by ebtables."""
    (case,) = [case for case in cases() if case.name == name]
    with open_site(disk_of(RECIPES["sid"], print).tree) as site:
        site.write("/etc/libvirt/network.conf", 'firewall_backend = "iptables"\n')
        site.write("/etc/libvirt/nwfilter.conf", 'firewall_backend = "nftables"\n')
        assert run(site, case, print).why_not == []
        assert "libvirt_nwfilter_ethernet" in site.run("nft", "list", "tables")
