"""A site with another release's programs, on this machine's kernel: what the matrix tries without an emulator.

And what a real libvirt 11.3 says when tc, with which its nftables backend has checksums filled, is not there.
"""

import os
from pathlib import Path

import pytest

from pxedoctor.lab.elsewhere import said_elsewhere
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.machine.disk import disk_of
from pxedoctor.lab.machine.recipe import RECIPES
from pxedoctor.lab.parts import (
    NETWORK,
    define_guest,
    define_network,
    guest_xml,
    network_interface,
    network_xml,
    start_libvirt,
)
from pxedoctor.lab.parts_libvirt_11 import RELEASE, choose_nftables

pytestmark = pytest.mark.machine


@pytest.mark.parametrize(("release", "libvirt"), [("bookworm", "9.0."), ("trixie", "11.3.")])
def test_its_programs_are_the_releases_and_its_tree_stays_as_it_was(release: str, libvirt: str) -> None:
    tree = disk_of(RECIPES[release], print).tree
    with open_site(tree) as site:
        assert site.run("virsh", "--version").startswith(libvirt)
        assert site.run("uname", "-r").strip() == os.uname().release
        assert f"VERSION_CODENAME={release}" in site.path("/etc/os-release").read_text()
        assert site.doctor("diagnose").exit_code == 0
        site.run("touch", "/usr/left-behind")
        assert not (tree / "usr/left-behind").exists()
        assert not Path("/usr/left-behind").exists()


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
