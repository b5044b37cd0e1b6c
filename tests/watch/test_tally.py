"""What the keeper tells, in numbers."""

import pytest

from pxedoctor.verdict.happened import EventWord, Happened, Heard, Standing
from pxedoctor.watch.tally import BOUNDS, Tally, broken_seconds, broken_targets, counted


def event(word: EventWord, name: str = "a", place: str = "br0", seconds: float = 0.0, outcome: str = "") -> Happened:
    standing = Standing(
        id=f"{name}:{place}", name=name, severity="broken", certainty="proven", headline="", targets=("web01", place)
    )
    return Happened(time="", event=word, finding=standing, what="", who=None, seconds=seconds, outcome=outcome)


def tally(*told: tuple[float, Happened]) -> Tally:
    now = Tally()
    for at, happened in told:
        now = counted(now, happened, at)
    return now


def test_time_broken_goes_on_while_it_stands_and_stays_when_it_is_over() -> None:
    now = tally((10.0, event(EventWord.APPEARED, seconds=1.0)))
    assert dict(broken_seconds(now, 20.0)) == {"a": 11.0}, "from the change, not from the word about it"
    assert broken_targets(now) == 2

    now = counted(now, event(EventWord.CLEARED), 20.0)
    assert dict(broken_seconds(now, 99.0)) == {"a": 11.0}
    assert broken_targets(now) == 0
    assert now.standing == {}


def test_a_verified_repair_ends_it_and_another_outcome_does_not() -> None:
    now = tally(
        (1.0, event(EventWord.APPEARED)),
        (2.0, event(EventWord.REPAIRED, outcome="undone")),
        (3.0, event(EventWord.REPAIRED, outcome="verified")),
    )
    assert now.repairs == {("a", "undone"): 1, ("a", "verified"): 1}
    assert now.standing == {}
    assert dict(broken_seconds(now, 9.0)) == {"a": 2.0}


def test_two_places_with_one_cause_are_two() -> None:
    now = tally((0.0, event(EventWord.APPEARED)), (0.0, event(EventWord.APPEARED, place="br1")))
    assert dict(broken_seconds(now, 5.0)) == {"a": 10.0}
    assert broken_targets(now) == 3


def test_every_latency_is_in_one_bucket_and_a_word_without_a_change_in_none() -> None:
    now = tally(
        (0.0, event(EventWord.APPEARED, seconds=0.08)),
        (1.0, event(EventWord.CLEARED, seconds=99.0)),
        (2.0, event(EventWord.APPEARED)),
    )
    assert sum(now.latency.counts) == 2
    assert now.latency.counts[BOUNDS.index(0.08)] == 1
    assert now.latency.counts[-1] == 1
    assert now.latency.total == pytest.approx(99.08)


def test_what_is_not_heard_is_counted_as_deaf() -> None:
    listening = Happened(
        time="",
        event=EventWord.LISTENING,
        finding=None,
        what="",
        who=None,
        sources=(Heard("rules"), Heard("bus", "there is none", "")),
    )
    assert tally((0.0, listening)).deaf == {"rules": False, "bus": True}
