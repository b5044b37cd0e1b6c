"""A script for the host's Python, run in this one: it says what another Python says, or leaves it to that."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from pxedoctor.access.own_script import printed
from pxedoctor.collect.ask import boot_roms, firmware_images

ROMS = sorted(str(path) for path in Path("/usr/share").glob("*/*.rom"))
STORES = sorted(str(path) for path in Path("/usr/share/OVMF").glob("*VARS*.fd"))


def by_another(argv: Sequence[str]) -> str:
    return subprocess.run([sys.executable, *argv[1:]], check=True, capture_output=True, text=True).stdout


@pytest.fixture
def odd(tmp_path: Path) -> list[str]:
    """Files that are no whole ROM, and paths where there is none."""
    contents = {"empty": b"", "short": b"\x55\xaa", "zeros": bytes(4096), "h\xe9 llo": b"\x55\xaa" + b"\xff" * 100}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return [*(str(tmp_path / name) for name in contents), "/nowhere", f"{tmp_path}/empty/below"]


def test_the_boot_roms_of_this_machine(odd: list[str]) -> None:
    assert ROMS
    question = boot_roms.look_at(*ROMS, *odd)
    assert printed(question) == by_another(question)


def test_the_stores_of_uefi_variables_of_this_machine(odd: list[str]) -> None:
    assert STORES
    question = firmware_images.variables_in(*STORES, *odd)
    assert printed(question) == by_another(question)


def test_what_is_no_file_is_left_to_one_that_can_be_ended(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (str(tmp_path / "pipe"), str(tmp_path), "/dev/zero"):
        assert printed(boot_roms.look_at(path)) is None


def test_what_takes_time_and_memory_is_left_to_one_that_gives_them_back() -> None:
    assert printed(firmware_images.look_into("/nowhere")) is None


@pytest.mark.parametrize("script", ["1 / 0", "import os", "syntax error", "import sys; sys.exit(3)"])
def test_a_script_that_fails_here_is_left_to_another(script: str) -> None:
    assert printed(("python3", "-IS", "-c", script)) is None


@pytest.mark.parametrize(
    "argv", [("python3", "-c", "print(1)"), ("/usr/bin/python3", "-IS", "-c", "print(1)"), ("ip",)]
)
def test_other_programs_are_none_of_its_business(argv: tuple[str, ...]) -> None:
    assert printed(argv) is None
