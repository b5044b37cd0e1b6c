"""A command that is run by the standby is the command that `python -m` runs: words, output, exit status."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pxedoctor.lab.ground.namespace import open_site
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
    here, there = standby.run(DOCTOR, *words, beside=0), started(*words)
    assert (here.returncode, here.stdout, here.stderr) == (there.returncode, there.stdout, there.stderr)


def test_one_command_leaves_nothing_to_the_next(standby: Standby) -> None:
    assert standby.run(DOCTOR, "dig", "--json", beside=0).returncode == 2
    again = standby.run(DOCTOR, "explain", "bridge-forward-delay", "--json", beside=0)
    assert json.loads(again.stdout) == json.loads(started("explain", "bridge-forward-delay", "--json").stdout)


def test_a_command_that_raises_ends_as_python_ends(standby: Standby) -> None:
    done = standby.run("pxedoctor.lab.no_such_module", beside=0)
    assert done.returncode == 1
    assert "ModuleNotFoundError" in done.stderr


def test_a_command_that_lasts_too_long_ends_the_standby(standby: Standby) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        standby.run(DOCTOR, "list", seconds=0, beside=0)
    assert standby.run(DOCTOR, "--version", beside=0).returncode == 0


def test_a_standby_that_was_killed_is_a_command_that_failed(standby: Standby) -> None:
    standby.run(DOCTOR, "--version", beside=0)
    assert standby._process is not None
    os.kill(standby._process.pid, signal.SIGKILL)
    standby._process.wait()
    done = standby.run(DOCTOR, "--version", beside=0)
    assert (done.returncode, done.stdout) == (1, "")
    assert "the standby ended" in done.stderr
    assert standby.run(DOCTOR, "--version", beside=0).returncode == 0


def test_one_whose_modules_cannot_be_imported_says_so() -> None:
    done = Standby(("pxedoctor.no_such_module",)).run(DOCTOR, "--version", beside=0)
    assert done.returncode == 1
    assert "No module named 'pxedoctor.no_such_module'" in done.stderr


@pytest.mark.lab
def test_beside_a_process_of_a_site_it_is_in_that_site(standby: Standby) -> None:
    with open_site() as site:
        done = standby.run(DOCTOR, "snapshot", "-o", "/tmp/picture", beside=site.pid)
        assert (done.returncode, site.exists("/tmp/picture")) == (0, True)
        told = json.loads(standby.run(DOCTOR, "diagnose", "--json", beside=site.pid).stdout)
        assert told["host"]["hostname"] == f"site-{site.tag}"


@pytest.mark.lab
def test_what_a_signal_ends_has_ended_by_it_beside_a_site_too(monkeypatch: pytest.MonkeyPatch) -> None:
    tests = str(Path(__file__).parents[1])
    monkeypatch.setenv("PYTHONPATH", f"{tests}:{os.environ.get('PYTHONPATH', '')}")
    with open_site() as site, contextlib.closing(Standby(("killed_by_itself",))) as standby:
        for beside in (0, site.pid):
            assert standby.run("killed_by_itself", beside=beside).returncode == -signal.SIGKILL
