"""The keeper's memory: kept over restarts, bounded, and nobody else's file is touched."""

import sqlite3
from pathlib import Path

import pytest

from pxedoctor.journal.events import Events, EventsError
from pxedoctor.verdict.happened import EventWord, Happened, Standing
from pxedoctor.verdict.remembered import stood


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


def about(day: int, word: EventWord, name: str) -> Happened:
    standing = Standing(id=name, name=name, severity="risk", certainty="proven", headline=name, targets=())
    return Happened(time=f"2026-02-{day:02d}T00:00:00.000Z", event=word, finding=standing, what=f"{day}", who=None)


def test_what_is_older_is_forgotten_but_not_since_when_something_stands(tmp_path: Path) -> None:
    store = Events(tmp_path / "events.sqlite")
    for told in (
        about(1, EventWord.APPEARED, "stands"),
        about(2, EventWord.APPEARED, "over"),
        about(3, EventWord.CLEARED, "over"),
        about(4, EventWord.LISTENING, "over"),
        about(9, EventWord.APPEARED, "young"),
    ):
        store.add(told)
    before = stood(store.last())
    assert store.forget("2026-02-08T00:00:00.000Z") == 3
    assert [told.what for told in store.last()] == ["1", "9"]
    assert stood(store.last()) == before
    assert store.forget("2026-02-08T00:00:00.000Z") == 0


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
