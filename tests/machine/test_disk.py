"""Bad ground for a machine: no mirror, no memory. It is said, nothing half built stays, what is cached still runs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pxedoctor.lab.ground.error import GroundError
from pxedoctor.lab.machine.disk import disk_of
from pxedoctor.lab.machine.emulator import Hardware
from pxedoctor.lab.machine.machine import open_machine
from pxedoctor.lab.machine.programs import run
from pxedoctor.lab.machine.recipe import RECIPES

pytestmark = pytest.mark.machine

# In a network namespace of its own, with nothing in it, no mirror answers.
BUILD = """
from pxedoctor.lab.ground.error import GroundError
from pxedoctor.lab.machine.disk import disk_of
from pxedoctor.lab.machine.recipe import Recipe
try:
    disk_of(Recipe("bookworm"), print)
except GroundError as error:
    print(error.message, error.would_help, sep="\\n")
"""
THAW = """
from pxedoctor.lab.machine.pool import thawed
from pxedoctor.lab.machine.recipe import RECIPES
with thawed(RECIPES["bookworm"], print) as machine:
    print(machine.run("uname", "-s"))
"""


def without_network(script: str, **environment: str) -> str:
    argv = ["unshare", "--net", sys.executable, "-c", script]
    done = subprocess.run(
        argv, check=False, capture_output=True, text=True, timeout=600, env={**os.environ, **environment}
    )
    return done.stdout + done.stderr


def test_the_mirror_is_away(tmp_path: Path) -> None:
    told = without_network(BUILD, XDG_CACHE_HOME=str(tmp_path))
    assert "the packages of bookworm could not be had from http://deb.debian.org/debian" in told
    assert "resolving 'deb.debian.org'" in told, "apt's own words say why"
    assert "is the mirror reachable? A machine that is in the cache needs it no more" in told
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".lock"]


def test_the_mirror_is_away_and_the_machine_is_in_the_cache() -> None:
    disk_of(RECIPES["bookworm"], print)
    assert "Linux\n" in without_network(THAW)


def test_there_is_too_little_memory(tmp_path: Path) -> None:
    disk = disk_of(RECIPES["bookworm"], print)
    empty = tmp_path / "empty.qcow2"
    run("qemu-img", "create", "-q", "-f", "qcow2", str(empty), "1G")
    # 16 TiB.
    hardware = Hardware(kernel=disk.kernel, initrd=disk.initrd, disk=empty, memory=1 << 24)
    with pytest.raises(GroundError, match=r"QEMU did not start: .*memory"), open_machine(hardware):
        pass
