"""A road as values: hops with a predicted and, once somebody looked, an observed fate."""

from collections.abc import Iterable
from enum import StrEnum
from functools import cached_property

import msgspec

from pxedoctor.findings.outcome import Hop
from pxedoctor.road.packet_name import PacketName


class Fate(StrEnum):
    PASS = "pass"
    DROP = "drop"
    UNKNOWN = "unknown"


class RuleRef(msgspec.Struct, frozen=True, kw_only=True):
    """The rule that decides, down to where it can be found again: `line` of what `origin` printed, and nft's handle.

    `by_policy`: no rule decides, and `text` declares the base chain whose policy, or end, does. `owner` is the program
    whose rule it is ("": nobody can tell); for what stops the packet `owner_why` says how that is known, and `file` and
    `file_line` where it stands on disk.
    """

    family: str
    table: str
    chain: str
    text: str
    handle: int | None = None
    line: int | None = None
    owner: str = ""
    owner_why: str = ""
    file: str = ""
    file_line: int = 0
    origin: str = ""
    by_policy: bool = False


class RoadHop(msgspec.Struct, frozen=True, kw_only=True):
    """One place on the road.

    `observed` is None where nobody looked, UNKNOWN where somebody did and saw nothing of the packet any more; `witness`
    says who. `hook` is the hook's name where this is one of netfilter's, as `ip input` or `bridge forward`. `rewrites`
    are rules that surely rewrite an end of the packet there (NAT), `may_rewrite` those that may.
    """

    hop: Hop
    device: str
    predicted: Fate
    why: str
    rule: RuleRef | None = None
    hook: str = ""
    rewrites: tuple[RuleRef, ...] = ()
    may_rewrite: tuple[RuleRef, ...] = ()
    observed: Fate | None = None
    witness: str = ""

    @property
    def fate(self) -> Fate:
        """What was seen, where somebody saw it; but a packet that came through does not clear what the facts say dies.

        That one came through is no proof that the guest's does: it has another port and another MAC (`observed.py`).
        """
        if self.observed is None or self.observed is Fate.UNKNOWN or self.predicted is Fate.DROP:
            return self.predicted
        return self.observed


def fate_of(hops: Iterable[RoadHop]) -> Fate:
    """DROP where a hop drops, for then the packet does not come through, whatever cannot be told before."""
    found = _decisive(hops)
    return Fate.PASS if found is None else found.fate


def _decisive(hops: Iterable[RoadHop]) -> RoadHop | None:
    """The first that drops, or else the first of which nobody can tell; None where all let it pass."""
    unknown: RoadHop | None = None
    for hop in hops:
        fate = hop.fate
        if fate is Fate.DROP:
            return hop
        if fate is Fate.UNKNOWN and unknown is None:
            unknown = hop
    return unknown


class Road(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One packet's way for one target, in order. Hops after the first drop are not reached and not listed."""

    target: str
    packet: PacketName
    hops: tuple[RoadHop, ...]

    @property
    def fate(self) -> Fate:
        found = self.decisive
        return Fate.PASS if found is None else found.fate

    @cached_property
    def decisive(self) -> RoadHop | None:
        """The hop where it dies, or else the first of which nobody can tell; None where it passes."""
        return _decisive(self.hops)
