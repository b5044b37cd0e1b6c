"""A share of docs/trace-truth.md: where the tracer says that a packet died is where the fault was put."""

import subprocess
import sys
from pathlib import Path

import pytest

from one_tracefs import shared_tracefs

pytestmark = pytest.mark.lab

SCRIPT = Path(__file__).parents[2] / "scripts" / "trace_table.py"
# An answer of which only rules tell, and one that only the guest refuses.
CASES = ("host-firewall-drops-tftp-data", "dhcp-reply-masqueraded")


def test_where_it_says_that_a_packet_died_is_where_the_fault_was_put() -> None:
    with shared_tracefs():
        done = subprocess.run([sys.executable, SCRIPT, *CASES], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "2 of 2 right"
