"""An event made of a difference and of the burst before it."""

from collections.abc import Callable

from pxedoctor.verdict.happened import EventWord, Happened, Heard
from pxedoctor.watch.difference import Difference
from pxedoctor.watch.settle import Burst

TellHappened = Callable[[Happened], None]


UNHEARD = "seen without a change that was heard"


def listening(sources: tuple[Heard, ...], time: str) -> Happened:
    """What is heard from now on, and what is not."""
    what = f"to {', '.join(source.name for source in sources if not source.why)}"
    return Happened(time=time, event=EventWord.LISTENING, finding=None, what=what, who=None, sources=sources)


def happened(difference: Difference, burst: Burst | None, time: str, seconds: float) -> Happened:
    """`burst` None: it was seen without an event before it, when the keeper began or after a repair."""
    culprit = burst.culprit if burst else None
    callers = dict.fromkeys(stir.who.words() for stir in burst.stirs if stir.who is not None) if burst else {}
    return Happened(
        time=time,
        event=difference.word,
        finding=difference.standing,
        what=burst.stirs[-1].what if burst else UNHEARD,
        who=culprit,
        others=tuple(words for words in callers if culprit is None or words != culprit.words()),
        seconds=round(seconds, 3),
    )
