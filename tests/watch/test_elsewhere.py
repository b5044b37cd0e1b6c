"""Daemons of containers, which are in a network namespace of their own."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pxedoctor.watch.elsewhere import Elsewhere

SECONDS = 10.0
# No process has a number beyond it (proc_sys_kernel(5), pid_max).
CHILD = 1 << 22


@contextmanager
def sleeping(*wrapper: str) -> Iterator[int]:
    """A real process, when it has become what it will be."""
    with subprocess.Popen([*wrapper, "sleep", "60"]) as process:
        deadline = time.monotonic() + SECONDS
        while Path(f"/proc/{process.pid}/comm").read_text(encoding="ascii") != "sleep\n":
            assert time.monotonic() < deadline
            time.sleep(0.01)
        try:
            yield process.pid
        finally:
            process.kill()


@pytest.mark.lab
def test_a_container_s_daemon_and_its_children_are_elsewhere_until_they_end() -> None:
    proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
    elsewhere = Elsewhere(proc)
    with sleeping("unshare", "--net") as theirs, sleeping() as ours:
        for pid in (theirs, ours):
            elsewhere.began(pid)
            elsewhere.forked(CHILD + pid, pid)
        assert [elsewhere.has(pid) for pid in (theirs, CHILD + theirs, ours, CHILD + ours)] == [
            True,
            True,
            False,
            False,
        ]
        elsewhere.ended(theirs)
        assert not elsewhere.has(theirs), "another process may have its number next"
    os.close(proc)


@pytest.mark.lab
def test_one_that_was_gone_before_anybody_could_look_counts_as_this_host_s() -> None:
    proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
    elsewhere = Elsewhere(proc)
    with sleeping("unshare", "--net") as theirs:
        pass
    elsewhere.began(theirs)
    assert not elsewhere.has(theirs)
    os.close(proc)
