"""One keeper a host: real processes that want the same lock."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pxedoctor.watch.only_one import HeldError, Holder, only_one

_HOLDS = """\
import sys, pathlib
from pxedoctor.watch.only_one import only_one
with only_one("2026-02-03T04:05:06.000Z", pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(lock: Path) -> "subprocess.Popen[str]":
    argv = [sys.executable, "-c", _HOLDS, str(lock)]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_the_second_is_told_who_holds_it_and_one_that_was_killed_holds_nothing(tmp_path: Path) -> None:
    lock = tmp_path / "run" / "keeper.lock"
    with holder(lock) as first:
        with (
            pytest.raises(HeldError, match=f"pid {first.pid}, since 2026-02-03T04:05:06.000Z") as held,
            only_one("", lock),
        ):
            pass
        assert held.value.holder == Holder(first.pid, "2026-02-03T04:05:06.000Z")
        first.send_signal(signal.SIGKILL)
    assert lock.exists()
    with only_one("now", lock):
        pass


def test_one_that_ends_in_good_order_lets_the_next_begin(tmp_path: Path) -> None:
    lock = tmp_path / "keeper.lock"
    for _ in range(2):
        with only_one("now", lock):
            assert b'"since":"now"' in lock.read_bytes()
    assert lock.read_bytes() == b"", "nobody is named who is gone"


def test_one_that_has_not_said_who_it_is_yet_holds_it_all_the_same(tmp_path: Path) -> None:
    lock = tmp_path / "keeper.lock"
    with holder(lock) as first:
        lock.write_bytes(b"")
        with pytest.raises(HeldError, match="just begun"), only_one("", lock):
            pass
        first.communicate()


def test_a_link_in_its_place_is_followed_by_nobody(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("somebody's")
    (tmp_path / "keeper.lock").symlink_to(other)
    with pytest.raises(OSError, match="symbolic links"), only_one("", tmp_path / "keeper.lock"):
        pass
    assert other.read_text() == "somebody's"
