"""What a keeper knows of the time in which none was there."""

import datetime
from pathlib import Path

import pytest

from pxedoctor.journal import last_seen
from pxedoctor.journal.events import Events
from pxedoctor.journal.last_seen import LastSeen
from pxedoctor.verdict.happened import EventWord, Happened
from pxedoctor.watch import clock
from pxedoctor.watch.memory import Memory, missed

SEEN = LastSeen(time="2026-02-03T04:05:06.000Z", boot="one", generation=40)


def test_changes_of_the_rules_are_counted() -> None:
    assert missed(SEEN, "one", 43) == "at most 3 changes of the firewall rules"
    assert missed(SEEN, "one", 40) == "the firewall rules were not changed"


def test_a_boot_between_is_told() -> None:
    assert missed(SEEN, "two", 3) == "the host was started again"


def test_what_is_not_known_is_not_told() -> None:
    assert missed(None, "one", 43) == ""
    assert missed(SEEN, "", 43) == ""
    assert missed(SEEN, "one", None) == ""
    assert missed(SEEN, "one", 3) == "", "a counter that fell is another network's"


DAY = 86400.0


def told(days_ago: float) -> Happened:
    time = clock.stamp(datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=days_ago))
    return Happened(time=time, event=EventWord.LISTENING, finding=None, what=f"{days_ago}", who=None)


def test_old_events_are_forgotten_when_it_begins_and_once_a_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(last_seen, "write", lambda _: None)
    events = Events(tmp_path / "events.sqlite")
    for days in (31, 29):
        events.add(told(days))
    memory = Memory(events, lambda: None, pytest.fail, days=30)
    memory.note(100.0)
    assert [event.what for event in events.last()] == ["29"]

    events.add(told(40))
    memory.note(100.0 + DAY / 2)
    assert len(events.last()) == 2, "not at every turn of the loop"
    memory.note(100.0 + DAY)
    assert [event.what for event in events.last()] == ["29"]
