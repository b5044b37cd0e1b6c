"""What the keeper told, kept over restarts: one sqlite file, root's only, bounded in number and age.

1. `add` is on disk when it returns.
2. `last` gives the newest ones, oldest first.
3. `forget` takes away what is older, but not the word of a finding that still stands: it tells since when.
4. A file that is no event store is an EventsError that names it; it is never overwritten.
"""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from pxedoctor.verdict.happened import Happened
from pxedoctor.verdict.remembered import Key, key_of, stood

FILE = Path("/var/lib/pxedoctor/events.sqlite")
MOST = 10_000
_VERSION = 1
_WAIT_SECONDS = 5.0


class EventsError(Exception):
    """The events could not be read or written: what, where, and what would help."""

    def __init__(self, message: str, would_help: str) -> None:
        super().__init__(message)
        self.message = message
        self.would_help = would_help


class Events:
    def __init__(self, file: Path = FILE, most: int = MOST) -> None:
        self._file = file
        self._most = most

    def add(self, event: Happened) -> None:
        with self._opened(create=True) as store:
            store.execute("INSERT INTO events (time, event) VALUES (?, ?)", (event.time, msgspec.json.encode(event)))
            store.execute("DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - ?", (self._most,))

    def forget(self, before: str) -> int:
        """What was told before that time (RFC 3339, UTC); how many were taken away."""
        with self._opened(create=True) as store:
            rows = store.execute("SELECT id, time, event FROM events ORDER BY id").fetchall()
            told = {number: self._decoded(text) for number, _, text in rows}
            since = {key_of(one.standing): one.since for one in stood(told.values())}
            old = [(number,) for number, time, _ in rows if time < before and not _still_told(told[number], since)]
            store.executemany("DELETE FROM events WHERE id = ?", old)
        return len(old)

    def begin(self) -> bool:
        """True where no keeper began on this host before; makes the store."""
        first = not self._is_there()
        with self._opened(create=True):
            return first

    def last(self, count: int = MOST) -> tuple[Happened, ...]:
        """Empty where no keeper ever ran."""
        if not self._is_there():
            return ()
        with self._opened(create=False) as store:
            rows = store.execute("SELECT event FROM events ORDER BY id DESC LIMIT ?", (count,)).fetchall()
        return tuple(self._decoded(row[0]) for row in reversed(rows))

    def _is_there(self) -> bool:
        try:
            return self._file.exists()
        except PermissionError as error:
            raise self._forbidden() from error

    def _decoded(self, text: bytes) -> Happened:
        try:
            return msgspec.json.decode(text, type=Happened)
        except msgspec.DecodeError as error:
            raise self._strange(str(error)) from error

    @contextmanager
    def _opened(self, create: bool) -> Iterator[sqlite3.Connection]:
        try:
            if create:
                self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                os.close(os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600))
            elif not os.access(self._file, os.R_OK):
                # sqlite would call it a file that it cannot open.
                raise self._forbidden()
            with closing(sqlite3.connect(self._file, timeout=_WAIT_SECONDS)) as store, store:
                self._require_ours(store, create)
                yield store
        except PermissionError as error:
            raise self._forbidden() from error
        except (OSError, sqlite3.Error) as error:
            raise self._strange(str(error)) from error

    def _require_ours(self, store: sqlite3.Connection, create: bool) -> None:
        (version,) = store.execute("PRAGMA user_version").fetchone()
        if version == 0 and create and not store.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            store.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, time TEXT NOT NULL, event BLOB NOT NULL)")
            store.execute(f"PRAGMA user_version = {_VERSION}")
        elif version != _VERSION:
            raise self._strange(f"it has version {version}, not {_VERSION}")

    def _forbidden(self) -> EventsError:
        return EventsError(f"{self._file} may not be used by this user", "run it as root")

    def _strange(self, why: str) -> EventsError:
        return EventsError(f"{self._file} is no store of events that this pxedoctor can use: {why}", "move it away")


def _still_told(event: Happened, since: Mapping[Key, str]) -> bool:
    """Whether it is one of the words by which something that stands is known."""
    return event.finding is not None and event.time >= since.get(key_of(event.finding), "~")
