"""A case in a machine that does not come to an end is said, with the machine's console, and its machine is ended."""

import os
import subprocess

import pytest

from pxedoctor.lab.ground.error import GroundError
from pxedoctor.lab.machine.trying import try_in_machine

pytestmark = pytest.mark.machine


def emulators() -> str:
    """Of this process alone."""
    return subprocess.run(
        ["pgrep", "-P", str(os.getpid()), "-f", "qemu-system"], check=False, capture_output=True, text=True
    ).stdout


def test_a_case_that_hangs_ends_with_its_machine_within_its_deadline() -> None:
    with pytest.raises(GroundError, match=r"did not come to an end in 2 s\. Its console's last lines:\n"):
        try_in_machine("vlan-filtering-by-default", print, "bookworm", seconds=2)
    assert emulators() == ""
