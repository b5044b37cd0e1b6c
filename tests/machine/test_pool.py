"""A machine is booted once and thawed for each story; what one does is gone for the next. It ends with its story."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from pxedoctor.lab.ground.error import GroundError
from pxedoctor.lab.machine.disk import disk_of
from pxedoctor.lab.machine.emulator import Hardware
from pxedoctor.lab.machine.machine import Machine, open_machine
from pxedoctor.lab.machine.pool import thawed
from pxedoctor.lab.machine.programs import run
from pxedoctor.lab.machine.recipe import RECIPES

pytestmark = pytest.mark.machine
BOOKWORM = RECIPES["bookworm"]


def lives(machine: Machine) -> bool:
    try:
        os.kill(machine.emulator.pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_each_story_gets_the_machine_as_it_was_when_it_came_up() -> None:
    with thawed(BOOKWORM, print) as machine:
        first = machine
        assert machine.run("cat", "/proc/1/comm") == "systemd\n"
        assert "6.1" in machine.run("uname", "-r")
        assert machine.run("pxedoctor", "--version").startswith("pxedoctor")
        machine.write("/root/left-behind", "by the first story")
        machine.run("ip", "link", "add", "br9", "type", "bridge")
    assert not lives(first)
    with thawed(BOOKWORM, print) as machine:
        assert machine.ask("ls", "/root/left-behind").returncode == 2
        assert machine.ask("ip", "link", "show", "br9").returncode == 1
        assert machine.ask("sh", "-c", "echo out; echo err >&2; exit 7").returncode == 7


def test_a_program_that_hangs_is_ended_within_its_deadline() -> None:
    with thawed(BOOKWORM, print) as machine:
        with pytest.raises(subprocess.TimeoutExpired):
            machine.ask("sleep", "1000", seconds=2)
        assert machine.run("echo", "still here") == "still here\n"


def test_a_machine_that_hangs_is_said_and_ended() -> None:
    with thawed(BOOKWORM, print) as machine:
        # A stopped process: the machine answers nothing, and only its emulator's id is left to end it by.
        os.kill(machine.emulator.pid, signal.SIGSTOP)
        with pytest.raises(GroundError, match="did not come up in 2 s"):
            machine.await_agent(2)
    assert not lives(machine)


def test_a_machine_that_never_boots_shows_its_console(tmp_path: Path) -> None:
    disk = disk_of(BOOKWORM, print)
    empty = tmp_path / "empty.qcow2"
    run("qemu-img", "create", "-q", "-f", "qcow2", str(empty), "1G")
    hardware = Hardware(kernel=disk.kernel, initrd=disk.initrd, disk=empty, memory=512)
    with (
        pytest.raises(GroundError, match=r"did not come up in 60 s(.|\n)*ALERT"),
        open_machine(hardware, seconds=60),
    ):
        pass


def test_a_disk_that_is_not_there_is_said_in_qemus_words() -> None:
    disk = disk_of(BOOKWORM, print)
    hardware = Hardware(kernel=disk.kernel, initrd=disk.initrd, disk=disk.folder / "gone", memory=512)
    with pytest.raises(GroundError, match="No such file or directory"), open_machine(hardware):
        pass
