"""A road as values: hops with a predicted and, once somebody looked, an observed fate."""

from enum import StrEnum

import msgspec

from pxedoctor.findings.outcome import Hop


class Fate(StrEnum):
    PASS = "pass"
    DROP = "drop"
    UNKNOWN = "unknown"


class RuleRef(msgspec.Struct, frozen=True, kw_only=True):
    """The rule that decided, down to where it can be found again."""

    family: str
    table: str
    chain: str
    text: str
    handle: int | None = None
    line: int | None = None
    owner: str = ""


class RoadHop(msgspec.Struct, frozen=True, kw_only=True):
    hop: Hop
    device: str
    predicted: Fate
    why: str
    rule: RuleRef | None = None
    observed: Fate | None = None
    witness: str = ""


class Road(msgspec.Struct, frozen=True, kw_only=True):
    """One packet's way for one target, in order. Hops after the first drop are not reached and not listed."""

    target: str
    packet: str
    hops: tuple[RoadHop, ...]

    @property
    def fate(self) -> Fate:
        """DROP where a hop drops; UNKNOWN where one before that cannot be told; else PASS."""
        for hop in self.hops:
            if hop.predicted is not Fate.PASS:
                return hop.predicted
        return Fate.PASS
