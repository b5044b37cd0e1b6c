"""A site with another release's programs, on this machine's kernel: what the matrix tries without an emulator."""

import os
from pathlib import Path

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.machine.disk import disk_of
from pxedoctor.lab.machine.recipe import RECIPES

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
