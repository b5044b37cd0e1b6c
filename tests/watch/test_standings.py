"""What stands, what is told as it changes, and what is told by a keeper that comes back."""

import datetime

from pxedoctor.verdict.happened import EventWord, Happened, Standing
from pxedoctor.verdict.remembered import Remembered, Stood, stood
from pxedoctor.watch import clock
from pxedoctor.watch.settle import Burst, Stir
from pxedoctor.watch.standings import Standings


def standing(name: str) -> Standing:
    return Standing(
        id=f"{name}:br0", name=name, severity="broken", certainty="proven", headline=f"{name}!", targets=("web01",)
    )


def burst(at: float) -> Burst:
    return Burst(stirs=(Stir(at=at, source="rules", what="rules"),), count=1)


def words(told: tuple[Happened, ...]) -> list[tuple[str, str]]:
    return [(event.event.value, event.finding.name) for event in told if event.finding is not None]


def test_what_heals_is_told_with_how_long_it_was_broken() -> None:
    standings = Standings()
    assert words(standings.judged((standing("a"),), burst(10.0), 10.1)) == [("appeared", "a")]
    (cleared,) = standings.judged((), burst(70.0), 70.1)
    assert (cleared.event, cleared.lasted) == (EventWord.CLEARED, 60.0)

    standings.judged((standing("a"),), burst(80.0), 80.1)
    (dipped,) = standings.judged((), burst(81.0), 81.1)
    assert (dipped.event, dipped.lasted) == (EventWord.DIPPED, 1.0)


def test_what_was_repaired_is_not_told_to_be_gone_again() -> None:
    standings = Standings()
    standings.judged((standing("a"), standing("b")), burst(1.0), 1.0)
    standings.repaired("a:br0")
    assert words(standings.judged((standing("b"),), None, 2.0)) == []


def test_a_keeper_that_comes_back_tells_what_it_missed() -> None:
    hour_ago = clock.stamp(datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1))
    remembered = Remembered(
        stood=(Stood(standing("still"), hour_ago), Stood(standing("gone"), hour_ago)),
        until=hour_ago,
        missed="at most 3 changes of the firewall rules",
    )
    standings = Standings(remembered)

    told = standings.judged((standing("still"), standing("new")), None, 1000.0)

    assert words(told) == [("stands", "still"), ("appeared", "new"), ("cleared", "gone")]
    assert told[0].lasted > 3599
    assert told[1].what == f"while no keeper listened, since {hour_ago}: at most 3 changes of the firewall rules"
    assert told[2].lasted > 3599
    (cleared,) = standings.judged((standing("new"),), burst(1010.0), 1010.0)
    assert cleared.lasted > 3609, "it stood before the keeper began again"


def test_what_stirred_while_the_first_look_was_taken_may_be_what_it_saw() -> None:
    standings = Standings(Remembered(stood=(), until="yesterday", missed="the firewall rules were not changed"))
    standings.stirred_already()
    (told,) = standings.judged((standing("new"),), None, 1000.0)
    assert told.what == "while no keeper listened, since yesterday, or as this one began"


def test_what_stands_is_read_from_what_was_told() -> None:
    def event(number: int, word: EventWord, name: str, outcome: str = "") -> Happened:
        return Happened(
            time=f"2026-02-03T04:05:{number:02d}.000Z",
            event=word,
            finding=standing(name),
            what="",
            who=None,
            outcome=outcome,
        )

    told = (
        event(1, EventWord.APPEARED, "a"),
        event(2, EventWord.APPEARED, "b"),
        event(3, EventWord.STANDS, "a"),
        event(4, EventWord.REPAIRED, "b", "undone"),
        event(5, EventWord.APPEARED, "c"),
        event(6, EventWord.REPAIRED, "c", "verified"),
        event(7, EventWord.FIGHT, "c", "verified"),
        event(8, EventWord.APPEARED, "d"),
        event(9, EventWord.CLEARED, "d"),
    )
    assert [(entry.standing.name, entry.since[17:19]) for entry in stood(told)] == [("a", "01"), ("b", "02")]
