"""The journal's files: one per treatment, root's only, each write whole and on disk before anything is done.

1. `write` replaces the entry's file atomically and returns after fsync(2).
2. `read` and `entries` return what is there; a file that cannot be understood is a JournalError that names it.
3. `locked` lets one treatment at a time touch a host.
"""

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import msgspec

from pxedoctor.plans.record import JOURNAL_VERSION, Entry

FOLDER = Path("/var/lib/pxedoctor/journal")
# How many treatments may begin in one second after the first of it.
_LEFT_AFTER_FIRST = 0x8000


class JournalError(Exception):
    """The journal could not be read or written: what, where, and what would help."""

    def __init__(self, message: str, would_help: str) -> None:
        super().__init__(message)
        self.message = message
        self.would_help = would_help


class Journal:
    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder

    def new_id(self, at: str) -> str:
        """Of a treatment that begins `at` (ISO 8601 in UTC, to the second): ids are ordered as treatments began."""
        stamp = at.replace(":", "").replace("-", "")
        same = [
            name.removesuffix(".json").removeprefix(f"{stamp}-") for name in self._names() if name.startswith(stamp)
        ]
        number = int(same[-1], 16) + 1 if same else secrets.randbelow(_LEFT_AFTER_FIRST)
        return f"{stamp}-{number:04x}"

    def write(self, entry: Entry) -> None:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = self._path(entry.id)
            fresh = path.with_suffix(".new")
            with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(entry)))
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
            _sync_folder(self.folder)
        except OSError as error:
            raise JournalError(
                f"the journal in {self.folder} cannot be written: {error.strerror}", "make room there, and be root"
            ) from error

    def read(self, entry_id: str) -> Entry:
        path = self._path(entry_id)
        if path.parent != self.folder or not os.path.isfile(path):
            known = ", ".join(entry.id for entry in self.entries()) or "none"
            raise JournalError(f"the journal has no treatment {entry_id[:80]!r}", f"treatments in it: {known}")
        return _decode(path)

    def entries(self) -> tuple[Entry, ...]:
        """All treatments, oldest first."""
        return tuple(_decode(self.folder / name) for name in self._names())

    def _names(self) -> tuple[str, ...]:
        try:
            # Not glob(), to which a folder that may not be read is an empty one.
            return tuple(sorted(name for name in os.listdir(self.folder) if name.endswith(".json")))
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise JournalError(f"{self.folder} may not be read by this user", "run it as root") from error

    def cut_off(self) -> Entry | None:
        """A treatment that has no outcome yet: a crash ended it in its middle, or, without the lock, it is going on."""
        unfinished = (entry for entry in self.entries() if not entry.outcome)
        return next((e for e in unfinished if any(step.state in {"doing", "done"} for step in e.steps)), None)

    def overdue(self, now: str) -> Entry | None:
        """A treatment that was to be taken back by `now` unless it was kept, and still stands: who waited is gone.

        `now` as ISO 8601 in UTC, to the second: such texts are ordered as the times are.
        """
        stands = (entry for entry in self.entries() if entry.outcome in {"verified", "pending"})
        return next((e for e in stands if e.keep_by and not e.kept and e.keep_by < now), None)

    def keep(self, entry: Entry) -> bool:
        """From now on nothing takes it back by itself. False where that was done already. Ask with the lock."""
        if any(step.state in {"undone", "undo-failed"} for step in entry.steps):
            return False
        self.write(msgspec.structs.replace(entry, kept=True))
        return True

    @contextlib.contextmanager
    def locked(self, wait: bool = False) -> Iterator[None]:
        """`wait`: until the other pxedoctor has ended; else it is a JournalError at once."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self.folder / ".lock", os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise JournalError(
                f"the journal in {self.folder} cannot be used: {error.strerror}", "run it as root"
            ) from error
        with os.fdopen(lock, "w"):
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError as error:
                raise JournalError(
                    "another pxedoctor is changing this host just now", "wait until it has ended, and try again"
                ) from error
            yield

    def _path(self, entry_id: str) -> Path:
        return self.folder / f"{entry_id}.json"


def _decode(path: Path) -> Entry:
    try:
        entry = msgspec.json.decode(path.read_bytes(), type=Entry)
    except PermissionError as error:
        raise JournalError(f"{path} may not be read by this user", "run it as root") from error
    except (OSError, msgspec.DecodeError, RecursionError) as error:
        raise JournalError(f"{path} is not a treatment pxedoctor wrote: {error}", "move it out of the way") from error
    if entry.id != path.stem:
        raise JournalError(f"{path} holds another treatment, {entry.id!r}", "move it out of the way")
    if entry.version != JOURNAL_VERSION:
        raise JournalError(
            f"{path} has version {entry.version}, not {JOURNAL_VERSION}", "use the pxedoctor that wrote it"
        )
    return entry


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
