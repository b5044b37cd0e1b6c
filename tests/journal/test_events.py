"""The keeper's memory: kept over restarts, bounded, and nobody else's file is touched."""

import sqlite3
from pathlib import Path

import pytest

from pxedoctor.journal.events import Events, EventsError
from pxedoctor.verdict.happened import EventWord, Happened


def event(number: int) -> Happened:
    return Happened(
        time=f"2026-02-03T04:05:{number:02d}.000Z", event=EventWord.APPEARED, finding=None, what=f"{number}", who=None
    )


def test_events_are_there_after_a_restart_oldest_first(tmp_path: Path) -> None:
    file = tmp_path / "state" / "events.sqlite"
    for number in range(3):
        Events(file).add(event(number))
    assert [told.what for told in Events(file).last()] == ["0", "1", "2"]
    assert [told.what for told in Events(file).last(2)] == ["1", "2"]
    assert file.stat().st_mode & 0o777 == 0o600


def test_no_more_are_kept_than_asked_for(tmp_path: Path) -> None:
    store = Events(tmp_path / "events.sqlite", most=5)
    for number in range(12):
        store.add(event(number))
    assert [told.what for told in store.last()] == ["7", "8", "9", "10", "11"]


def test_the_first_beginning_is_known(tmp_path: Path) -> None:
    store = Events(tmp_path / "events.sqlite")
    assert store.last() == ()
    assert store.begin()
    assert not store.begin()


def test_another_program_s_file_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "events.sqlite"
    file.write_text("this is no database at all, but somebody's text\n" * 50)
    before = file.read_bytes()
    with pytest.raises(EventsError, match=r"events\.sqlite"):
        Events(file).add(event(1))
    assert file.read_bytes() == before

    file.unlink()
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE theirs (x)")
    with pytest.raises(EventsError, match="version 0"):
        Events(file).add(event(1))
