"""Package managers at work, seen without taking their locks."""

import fcntl
import os
from pathlib import Path

from pxedoctor.watch.busy import held

LOCKS = """\
1: POSIX  ADVISORY  WRITE 4711 fe:00:131073 0 EOF
2: FLOCK  ADVISORY  WRITE 815 00:1a:42 0 EOF
2: -> FLOCK  ADVISORY  WRITE 816 00:1a:42 0 EOF
3: LEASE  ACTIVE    READ  900 00:1a:77 0 EOF
"""


def test_locks_are_read_by_device_and_inode() -> None:
    assert held(LOCKS) == {(0xFE, 0, 131073), (0, 0x1A, 42)}


def test_a_file_that_this_kernel_locks_is_seen(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with lock.open("w") as file:
        inode = os.fstat(file.fileno()).st_ino
        assert inode not in {entry[2] for entry in held(Path("/proc/locks").read_text())}
        fcntl.lockf(file, fcntl.LOCK_EX)
        assert inode in {entry[2] for entry in held(Path("/proc/locks").read_text())}
