"""Frozen machines, each booted once, and copies of them that are thawed in seconds.

    disk     from the recipe's packages                       key: the recipe
    booted   the disk after one cold boot, and the memory     key: the recipe
    ready    the same with this checkout's pxedoctor in it    key: the recipe and the sources

A frozen machine is a layer over the disk below it (qcow2) and a file with its memory. A thawed one gets a layer of its
own, so that what a case does to it is thrown away with it, and any number can be thawed at once.
"""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from pxedoctor.lab.machine import cache, wheels
from pxedoctor.lab.machine.disk import Disk, Tell, disk_of
from pxedoctor.lab.machine.emulator import PLAIN, Hardware
from pxedoctor.lab.machine.machine import BOOT_SECONDS, Machine, open_machine
from pxedoctor.lab.machine.programs import run
from pxedoctor.lab.machine.recipe import Recipe

_TAR = "/root/pxedoctor.tar.zst"
# Of each recipe, how many checkouts' machines are kept.
_KEPT = 3


class Frozen(msgspec.Struct, frozen=True):
    """A folder with a layer and a memory."""

    folder: Path

    @property
    def layer(self) -> Path:
        return self.folder / "layer.qcow2"

    @property
    def state(self) -> Path:
        return self.folder / "state"


@contextlib.contextmanager
def thawed(recipe: Recipe, tell: Tell) -> Iterator[Machine]:
    """A machine with pxedoctor in it, as it was when it had just come up; built, booted and frozen first if need be."""
    disk = disk_of(recipe, tell)
    frozen = ready(recipe, disk, tell)
    with _copy_of(recipe, disk, frozen) as machine:
        machine.set_clock()
        yield machine


@contextlib.contextmanager
def cold(recipe: Recipe, tell: Tell, processor: str = PLAIN, memory: int = 0) -> Iterator[Machine]:
    """The same disk, booted anew, also with another processor, and pxedoctor put into it: some three minutes.

    `memory`: MiB, where not as many as the recipe's.
    """
    disk = disk_of(recipe, tell)
    with tempfile.TemporaryDirectory(prefix="pxedoctor-layer-") as folder:
        scratch = Path(folder)
        layer = scratch / "layer.qcow2"
        _layer_over(disk.root, layer)
        tar = wheels.packed(disk.tree, scratch)
        hardware = _hardware(recipe, disk, layer)
        hardware = msgspec.structs.replace(hardware, processor=processor, memory=memory or recipe.memory)
        with open_machine(hardware) as machine:
            machine.ask("systemctl", "is-system-running", "--wait")
            _install(machine, tar.read_bytes())
            yield machine


def ready(recipe: Recipe, disk: Disk, tell: Tell) -> Frozen:
    booted = _booted(recipe, disk, tell)
    folder = disk.folder.parent / f"ready-{wheels.key()}"
    with cache.locked(folder):
        if not folder.exists():
            tell(f"putting this checkout's pxedoctor into the {recipe.release} machine: a minute or two, once")
            with _scratch(folder) as scratch:
                layer = scratch / "whole" / "layer.qcow2"
                _layer_over(booted.layer, layer)
                tar = wheels.packed(disk.tree, scratch)
                with open_machine(_hardware(recipe, disk, layer), booted.state) as machine:
                    machine.set_clock()
                    _install(machine, tar.read_bytes())
                    machine.freeze(scratch / "whole" / "state")
                (scratch / "whole").rename(folder)
            _forget_oldest(disk.folder.parent)
    return Frozen(folder)


def _install(machine: Machine, tar: bytes) -> None:
    machine.write(_TAR, tar)
    # Seconds of a quiet machine; at a load of 23 they were more than 300.
    machine.run("tar", "--zstd", "-xf", _TAR, "-C", "/", seconds=BOOT_SECONDS)
    machine.run("rm", _TAR)
    machine.run("ln", "-sf", f"{wheels.VENV}/bin/pxedoctor", "/usr/local/bin/pxedoctor")
    # Its first start reads everything from the disk; a frozen machine has it in memory.
    machine.ask("pxedoctor", "diagnose", "--json", seconds=BOOT_SECONDS)


def _booted(recipe: Recipe, disk: Disk, tell: Tell) -> Frozen:
    folder = disk.folder.parent / "booted"
    with cache.locked(folder):
        if not folder.exists():
            tell(f"booting the {recipe.release} machine under emulation: a minute or more, once")
            with _scratch(folder) as scratch:
                layer = scratch / "whole" / "layer.qcow2"
                _layer_over(disk.root, layer)
                with open_machine(_hardware(recipe, disk, layer)) as machine:
                    settle(machine)
                    machine.freeze(scratch / "whole" / "state")
                (scratch / "whole").rename(folder)
    return Frozen(folder)


def settle(machine: Machine) -> None:
    """Up, and with libvirt's knowledge of its emulator, which costs a minute to gather under emulation."""
    machine.ask("systemctl", "is-system-running", "--wait", seconds=BOOT_SECONDS)
    machine.run("systemctl", "start", "libvirtd", seconds=BOOT_SECONDS)
    machine.run("virsh", "capabilities", seconds=BOOT_SECONDS)
    machine.run("systemctl", "stop", "libvirtd")
    machine.run("sync")


@contextlib.contextmanager
def _copy_of(recipe: Recipe, disk: Disk, frozen: Frozen) -> Iterator[Machine]:
    with tempfile.TemporaryDirectory(prefix="pxedoctor-layer-") as scratch:
        layer = Path(scratch) / "layer.qcow2"
        _layer_over(frozen.layer, layer)
        with open_machine(_hardware(recipe, disk, layer), frozen.state) as machine:
            yield machine


@contextlib.contextmanager
def _scratch(beside: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="freezing-", dir=beside.parent) as folder:
        (Path(folder) / "whole").mkdir()
        yield Path(folder)


def _hardware(recipe: Recipe, disk: Disk, layer: Path) -> Hardware:
    return Hardware(kernel=disk.kernel, initrd=disk.initrd, disk=layer, memory=recipe.memory)


def _layer_over(below: Path, layer: Path) -> None:
    run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", str(below), str(layer))


def _forget_oldest(folder: Path) -> None:
    old = sorted(folder.glob("ready-*/state"), key=lambda state: state.stat().st_mtime)
    for state in old[:-_KEPT]:
        shutil.rmtree(state.parent)
