"""When a client sends, and when it gives up: seconds after its first packet of a state."""

import msgspec

# A timer that fires a hair before its time has fired.
_EARLY = 0.001


class Gap(msgspec.Struct, frozen=True):
    """The time from one packet to the next; real clients draw it from `least` to `most`."""

    nominal: float
    least: float
    most: float


class Pace(msgspec.Struct, frozen=True):
    """What a schedule says at one moment: a packet is due, or all is over; and when to look again."""

    due: bool
    over: bool
    wake: float


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """`last`: from the last packet to giving up. `then`: instead of giving up, packets go on at this gap for ever."""

    gaps: tuple[Gap, ...] = ()
    last: float
    then: float | None = None

    def __post_init__(self) -> None:
        for gap in self.gaps:
            if not 0 < gap.least <= gap.nominal <= gap.most:
                raise ValueError(f"a gap lies between its ends and is not nothing: {gap}")

    @property
    def sends(self) -> tuple[float, ...]:
        """The nominal times, the first one 0."""
        times = [0.0]
        for gap in self.gaps:
            times.append(round(times[-1] + gap.nominal, 3))
        return tuple(times)

    def next_send(self, sent: int) -> float | None:
        """When packet number `sent` (the first is 0) goes; None where there is none any more."""
        if sent <= len(self.gaps):
            return round(sum(gap.nominal for gap in self.gaps[:sent]), 3)
        if self.then is None:
            return None
        return self.sends[-1] + self.then * (sent - len(self.gaps))

    def pace(self, sent: int, elapsed: float) -> Pace:
        """After `sent` packets, so many seconds after the first one's time; `wake` is counted from there too."""
        following = self.next_send(sent)
        if following is None:
            end = self.sends[-1] + self.last
            return Pace(due=False, over=elapsed >= end - _EARLY, wake=end)
        due = elapsed >= following - _EARLY
        after = self.next_send(sent + 1) if due else following
        return Pace(due=due, over=False, wake=after if after is not None else self.sends[-1] + self.last)

    @property
    def gives_up(self) -> float | None:
        return None if self.then is not None else round(self.sends[-1] + self.last, 3)


def at(*sends: float, gives_up: float, early: float = 0) -> Schedule:
    """A client that keeps to the second: its packets at these times, the first one 0, or each up to `early` before."""
    gaps = tuple(Gap(later - earlier, later - earlier - early, later - earlier) for earlier, later in _pairs(sends))
    return Schedule(gaps=gaps, last=gives_up - sends[-1])


def spread(*gaps: tuple[float, float], last: float, then: float | None = None) -> Schedule:
    """A client that draws its gaps, each between two ends."""
    return Schedule(gaps=tuple(Gap((least + most) / 2, least, most) for least, most in gaps), last=last, then=then)


def _pairs(sends: tuple[float, ...]) -> list[tuple[float, float]]:
    return [(sends[at], sends[at + 1]) for at in range(len(sends) - 1)]
