"""What stood when a keeper told last, from what it told: the same events that a person reads."""

from collections.abc import Iterable

import msgspec

from pxedoctor.verdict.happened import EventWord, Happened, Standing

# Finding.id and severity: one cause at one place may be a fault for one guest and a risk for another.
Key = tuple[str, str]

_BEGINS = frozenset({EventWord.APPEARED, EventWord.STANDS, EventWord.CHANGED})
_ENDS = frozenset({EventWord.CLEARED, EventWord.DIPPED})
VERIFIED = "verified"


class Stood(msgspec.Struct, frozen=True):
    """A finding that was not told to be gone. `since`: when it was told first, RFC 3339."""

    standing: Standing
    since: str


class Remembered(msgspec.Struct, frozen=True, kw_only=True):
    """`until`: when a keeper last was there, RFC 3339. `missed`: what is known of the time since, in words or ""."""

    stood: tuple[Stood, ...] = ()
    until: str = ""
    missed: str = ""


def key_of(standing: Standing) -> Key:
    return standing.id, standing.severity


def is_over(event: Happened) -> bool:
    """Whether this event says that its finding stands no longer."""
    repaired = event.event is EventWord.REPAIRED and event.outcome == VERIFIED
    return event.finding is not None and (repaired or event.event in _ENDS)


def stood(events: Iterable[Happened]) -> tuple[Stood, ...]:
    """What stands after these events, oldest first."""
    known: dict[Key, Stood] = {}
    for event in events:
        if event.finding is None:
            continue
        key = key_of(event.finding)
        if is_over(event):
            known.pop(key, None)
        elif event.event in _BEGINS and not event.outcome:
            known[key] = Stood(event.finding, known[key].since if key in known else event.time)
    return tuple(known.values())
