"""A command that is run by the standby is the command that `python -m` runs: words, output, exit status."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from pxedoctor.lab.standby import Standby

DOCTOR = "pxedoctor.__main__"


@pytest.fixture
def standby() -> Iterator[Standby]:
    found = Standby(("pxedoctor.cli.explain",))
    yield found
    found.close()


def started(*words: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "pxedoctor", *words]
    return subprocess.run(argv, capture_output=True, text=True, check=False, cwd="/", stdin=subprocess.DEVNULL)


@pytest.mark.parametrize(
    "words", [("--version",), ("explain", "bridge-forward-delay"), ("explain", "no-such"), ("dig",)]
)
def test_it_says_what_the_started_command_says(standby: Standby, words: tuple[str, ...]) -> None:
    here, there = standby.run(DOCTOR, *words), started(*words)
    assert (here.returncode, here.stdout, here.stderr) == (there.returncode, there.stdout, there.stderr)


def test_one_command_leaves_nothing_to_the_next(standby: Standby) -> None:
    assert standby.run(DOCTOR, "dig", "--json").returncode == 2
    again = standby.run(DOCTOR, "explain", "bridge-forward-delay", "--json")
    assert json.loads(again.stdout) == json.loads(started("explain", "bridge-forward-delay", "--json").stdout)


def test_a_command_that_raises_ends_as_python_ends(standby: Standby) -> None:
    done = standby.run("pxedoctor.lab.no_such_module")
    assert done.returncode == 1
    assert "ModuleNotFoundError" in done.stderr


def test_a_command_that_lasts_too_long_ends_the_standby(standby: Standby) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        standby.run(DOCTOR, "list", seconds=0)
    assert standby.run(DOCTOR, "--version").returncode == 0


def test_a_standby_that_was_killed_is_a_command_that_failed(standby: Standby) -> None:
    standby.run(DOCTOR, "--version")
    assert standby._process is not None
    os.kill(standby._process.pid, signal.SIGKILL)
    standby._process.wait()
    done = standby.run(DOCTOR, "--version")
    assert (done.returncode, done.stdout) == (1, "")
    assert "the standby ended" in done.stderr
    assert standby.run(DOCTOR, "--version").returncode == 0


def test_one_whose_modules_cannot_be_imported_says_so() -> None:
    done = Standby(("pxedoctor.no_such_module",)).run(DOCTOR, "--version")
    assert done.returncode == 1
    assert "No module named 'pxedoctor.no_such_module'" in done.stderr
