"""Counts what the keeper tells, for whoever asks in numbers: pure, from the same events that a person reads."""

from collections.abc import Iterator, Mapping

import msgspec

from pxedoctor.verdict.happened import EventWord, Happened, Standing
from pxedoctor.verdict.remembered import Key, is_over, key_of

# Seconds from a change to the word about it. The bounds are those that are promised: median 0.08, nearly all 0.25.
BOUNDS = (0.02, 0.05, 0.08, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
# A word without a change before it has no latency.
_TIMED = frozenset({EventWord.APPEARED, EventWord.CLEARED, EventWord.CHANGED, EventWord.DIPPED})


class Stands(msgspec.Struct, frozen=True):
    """`since`: of the steady clock."""

    standing: Standing
    since: float


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """`counts`: of each of BOUNDS, those that took no longer than it and longer than the one before, then the rest."""

    counts: tuple[int, ...] = (0,) * (len(BOUNDS) + 1)
    total: float = 0.0


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """`broken_seconds`: by cause, of what is over. `repairs`: by cause and outcome."""

    standing: Mapping[Key, Stands] = {}
    broken_seconds: Mapping[str, float] = {}
    repairs: Mapping[tuple[str, str], int] = {}
    events: Mapping[EventWord, int] = {}
    latency: Latency = Latency()
    deaf: Mapping[str, bool] = {}


def counted(tally: Tally, event: Happened, at: float) -> Tally:
    """One more event. `at`: the steady clock's seconds, when it was told."""
    told = msgspec.structs.replace(
        tally,
        events={**tally.events, event.event: tally.events.get(event.event, 0) + 1},
        deaf={source.name: bool(source.why) for source in event.sources} or tally.deaf,
    )
    if event.event in _TIMED and event.seconds:
        told = msgspec.structs.replace(told, latency=_one_more(told.latency, event.seconds))
    return _standing(told, event, at) if event.finding is not None else told


def broken_seconds(tally: Tally, at: float) -> Iterator[tuple[str, float]]:
    """By cause, until now. Two places broken by one cause count twice: so long were guests cut off there."""
    total = dict(tally.broken_seconds)
    for stands in tally.standing.values():
        if stands.standing.severity == "broken":
            name = stands.standing.name
            total[name] = total.get(name, 0.0) + at - stands.since
    yield from total.items()


def broken_targets(tally: Tally) -> int:
    """Guests and networks that are cut off by anything."""
    found = (stands.standing for stands in tally.standing.values())
    return len({target for standing in found if standing.severity == "broken" for target in standing.targets})


def _standing(tally: Tally, event: Happened, at: float) -> Tally:
    standing = event.finding
    if standing is None:
        return tally
    repairs, seconds, stands = dict(tally.repairs), dict(tally.broken_seconds), dict(tally.standing)
    if event.event is EventWord.REPAIRED:
        done = (standing.name, event.outcome)
        repairs[done] = repairs.get(done, 0) + 1
    gone = stands.pop(key_of(standing), None) if is_over(event) else None
    if gone is not None and standing.severity == "broken":
        seconds[standing.name] = seconds.get(standing.name, 0.0) + at - gone.since
    if not is_over(event) and event.event in {EventWord.APPEARED, EventWord.STANDS, EventWord.CHANGED}:
        before = stands.get(key_of(standing))
        stands[key_of(standing)] = Stands(standing, before.since if before else at - event.seconds)
    return msgspec.structs.replace(tally, standing=stands, broken_seconds=seconds, repairs=repairs)


def _one_more(latency: Latency, seconds: float) -> Latency:
    place = next((number for number, bound in enumerate(BOUNDS) if seconds <= bound), len(BOUNDS))
    counts = tuple(count + (number == place) for number, count in enumerate(latency.counts))
    return Latency(counts=counts, total=latency.total + seconds)
