"""What the keeper tells: one event, with who is behind it as far as that is known."""

from collections.abc import Callable

import msgspec

from pxedoctor.watch.difference import Difference, EventWord, Standing
from pxedoctor.watch.settle import Burst
from pxedoctor.watch.who import Who


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """`time`: RFC 3339, UTC, to the millisecond. `what`: the last change before it, in words.

    `seconds`: from that change to the moment at which this is told. `others`: who else changed things just before.
    """

    time: str
    event: EventWord
    finding: Standing | None
    what: str
    who: Who | None
    others: tuple[str, ...] = ()
    seconds: float = 0.0


TellHappened = Callable[[Happened], None]


def happened(difference: Difference, burst: Burst | None, time: str, seconds: float) -> Happened:
    """`burst` None: it stood so when the keeper began."""
    culprit = burst.culprit if burst else None
    callers = dict.fromkeys(stir.who.words() for stir in burst.stirs if stir.who is not None) if burst else {}
    return Happened(
        time=time,
        event=difference.word,
        finding=difference.standing,
        what=burst.stirs[-1].what if burst else "the keeper began",
        who=culprit,
        others=tuple(words for words in callers if culprit is None or words != culprit.words()),
        seconds=round(seconds, 3),
    )
