"""A share of scripts/crash_drill --machines: a repair is killed and taken back inside a whole machine."""

import subprocess
import sys

import pytest

from pxedoctor.lab.catalogue import faults
from pxedoctor.lab.drill import Asked, drill


@pytest.mark.machine
def test_a_plan_that_needs_a_kernel_of_its_own_is_killed_there() -> None:
    """Three settings of the whole kernel: killed between them, undo puts back those that were set."""
    case = next(case for case in faults() if case.name == "neighbour-table-overflow")
    row = drill(case, Asked(boundaries=False, moments=2, seed=1), print)
    assert row.wrong == []
    assert (row.steps, row.restored, row.moments) == (3, 2, 2)
    assert "in a machine of bookworm" in row.taken


def test_no_other_host_is_drilled() -> None:
    words = ("pxedoctor.lab.machine.drilling", "neighbour-table-overflow", "{}")
    done = subprocess.run([sys.executable, "-m", *words], check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.endswith("Nothing was done.\n")
