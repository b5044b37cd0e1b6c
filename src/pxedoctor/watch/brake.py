"""Two parties that fight: after so many repairs of one thing within a window, the keeper stops and names both.

FREE --repair--> FREE ... --the last of `rounds` within `window`--> HELD --ten windows without a repair--> FREE
"""

from collections.abc import Mapping

import msgspec

# A fight that pauses for a minute is still one.
_HELD_WINDOWS = 10


class Rounds(msgspec.Struct, frozen=True, kw_only=True):
    """The repairs of one finding: their times, the other side of each, and until when the keeper holds back."""

    at: tuple[float, ...] = ()
    others: tuple[str, ...] = ()
    held_until: float = 0.0


class Brake(msgspec.Struct, frozen=True, kw_only=True):
    """By Finding.id. Old ones are dropped as new ones come."""

    rounds: int
    window: float
    known: Mapping[str, Rounds] = {}


def holds(brake: Brake, finding: str, at: float) -> bool:
    return at < brake.known.get(finding, Rounds()).held_until


def tries(brake: Brake, finding: str) -> int:
    """How often it was repaired within the window, as far as is remembered."""
    return len(brake.known.get(finding, Rounds()).at)


def repaired(brake: Brake, finding: str, other: str, at: float) -> tuple[Brake, bool]:
    """One more repair; True where it was the last one before the keeper holds back."""
    before = brake.known.get(finding, Rounds())
    recent = tuple(time for time in before.at if time > at - brake.window)
    others = tuple(dict.fromkeys((*before.others, other) if other else before.others))[-brake.rounds :]
    fight = len(recent) + 1 >= brake.rounds
    held = at + _HELD_WINDOWS * brake.window if fight else 0.0
    now = Rounds(at=(*recent, at), others=others, held_until=held)
    oldest = at - _HELD_WINDOWS * brake.window
    kept = {name: rounds for name, rounds in brake.known.items() if rounds.at and rounds.at[-1] > oldest}
    return Brake(rounds=brake.rounds, window=brake.window, known={**kept, finding: now}), fight


def sides(brake: Brake, finding: str) -> tuple[str, ...]:
    """Who was on the other side."""
    return brake.known.get(finding, Rounds()).others
