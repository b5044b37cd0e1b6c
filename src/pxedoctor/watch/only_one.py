"""One keeper a host: two would repair against each other, and each would take the other for a party of a fight.

The lock is the kernel's (flock(2)) and goes with whoever holds it, also after `kill -9`: a file that is left blocks
nobody.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

LOCK = Path("/run/pxedoctor/keeper.lock")
_MOST = 4096


class Holder(msgspec.Struct, frozen=True):
    """`pid` as its own pid namespace counts; `since`: RFC 3339, UTC."""

    pid: int
    since: str


class HeldError(Exception):
    """Another keeper is here; the words say which. `holder`: None where it has not written down yet who it is."""

    def __init__(self, holder: Holder | None) -> None:
        who = f"pid {holder.pid}, since {holder.since}" if holder else "it has just begun"
        super().__init__(f"another keeper watches this host ({who})")
        self.holder = holder


@contextlib.contextmanager
def only_one(since: str, file: Path = LOCK) -> Iterator[None]:
    """No other keeper begins within this block. Raises HeldError; OSError where the lock cannot be made."""
    file.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HeldError(_holder(handle)) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, msgspec.json.encode(Holder(os.getpid(), since)), 0)
        yield
        # Who holds it no longer is named to nobody.
        os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def _holder(handle: int) -> Holder | None:
    try:
        return msgspec.json.decode(os.pread(handle, _MOST, 0), type=Holder)
    except msgspec.DecodeError:
        return None
