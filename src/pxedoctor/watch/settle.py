"""Many changes in a short time are one event: a firewall's reload is two thousand transactions.

A burst ends when nothing has stirred for SETTLE seconds. One that goes on and on is judged every LONGEST seconds all
the same: whoever waits for a storm to end is told nothing.
"""

import msgspec

from pxedoctor.verdict.happened import Who

SETTLE = 0.03
LONGEST = 1.0
# Of a storm the last ones are told: they made the state that is judged.
_KEPT = 16
_MOST = 4 * _KEPT


class Stir(msgspec.Struct, frozen=True, kw_only=True):
    """Something changed. `at`: seconds of a steady clock. `who`: None where the source cannot tell."""

    at: float
    source: str
    what: str
    who: Who | None = None


class Burst(msgspec.Struct, frozen=True, kw_only=True):
    """What stirred together. `stirs` are the last ones; `count` is of all."""

    stirs: tuple[Stir, ...]
    count: int

    @property
    def sources(self) -> frozenset[str]:
        return frozenset(stir.source for stir in self.stirs)

    @property
    def ended(self) -> float:
        return self.stirs[-1].at

    @property
    def culprit(self) -> Who | None:
        """Who made the last change of which that is known.

        Not who asked a daemon for it, where that is not known of all that the daemon made: it may have been another.
        """
        last = next((stir.who for stir in reversed(self.stirs) if stir.who is not None), None)
        if last is None or last.asked is None:
            return last
        known = all(
            stir.who.asked is not None for stir in self.stirs if stir.who is not None and stir.who.pid == last.pid
        )
        return last if known else msgspec.structs.replace(last, asked=None)


class Settling(msgspec.Struct, frozen=True, kw_only=True):
    """`began`: when the first stir came that has not been handed out yet."""

    began: float = 0.0
    stirs: tuple[Stir, ...] = ()
    count: int = 0


def stirred(now: Settling, stir: Stir) -> Settling:
    began = now.began if now.count else stir.at
    stirs = (*now.stirs, stir)
    # Whose they are is looked up only as they become many: a storm has thousands.
    return Settling(began=began, stirs=_kept(stirs) if len(stirs) > _MOST else stirs, count=now.count + 1)


def due_at(now: Settling) -> float | None:
    """When `settled` will hand a burst out, if nothing stirs until then; None where nothing has stirred."""
    return min(now.stirs[-1].at + SETTLE, now.began + LONGEST) if now.stirs else None


def settled(now: Settling, at: float) -> tuple[Settling, Burst | None]:
    due = due_at(now)
    if due is None or at < due:
        return now, None
    return Settling(), Burst(stirs=_kept(now.stirs), count=now.count)


def joined(burst: Burst, since: Settling) -> Burst:
    """The burst, and what has stirred since it was handed out."""
    return Burst(stirs=_kept((*burst.stirs, *since.stirs)), count=burst.count + since.count)


def _kept(stirs: tuple[Stir, ...]) -> tuple[Stir, ...]:
    """The last ones; and of every source and every caller its last one, for the one says what has to be read again, and
    the other may be whom it is about: a daemon that writes a hundred rules must not hide who wrote one beside it."""
    late = stirs[-_KEPT:]
    known = {_origin(stir) for stir in late}
    early: dict[tuple[str, str], Stir] = {_origin(stir): stir for stir in stirs[:-_KEPT]}
    kept = [stir for origin, stir in early.items() if origin not in known]
    return (*kept[-_KEPT:], *late)


def _origin(stir: Stir) -> tuple[str, str]:
    return stir.source, stir.who.words() if stir.who is not None else ""
