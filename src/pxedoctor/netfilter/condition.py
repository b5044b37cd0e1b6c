"""Conditions of a rule, from any dialect, each with its answer for what a rule sees.

YES and NO are certain. MAYBE is "not modelled" or "the packet's property is not known", never a guess. Each parser
chooses the conditions that say what its program's text means to the kernel; nothing here knows a dialect.
"""

from collections.abc import Iterable
from enum import Enum
from typing import Literal

import msgspec

from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.routed import has_no_way_back, has_way_back, is_discover, is_of_type, needs_no_way_back
from pxedoctor.netfilter.seen import ABSENT, Absent, Place, Range, Seen


class Answer(Enum):
    NO = "no"
    MAYBE = "maybe"
    YES = "yes"

    @property
    def opposite(self) -> "Answer":
        return {Answer.NO: Answer.YES, Answer.YES: Answer.NO, Answer.MAYBE: Answer.MAYBE}[self]


class Number(msgspec.Struct, frozen=True, gc=False):
    """A numeric field, under the mask, is in one of the inclusive ranges. Never met by a packet without the field."""

    field: Field
    ranges: tuple[Range, ...]
    negated: bool = False
    mask: int | None = None

    def meets(self, seen: Seen) -> Answer:
        value = seen.number(self.field)
        if isinstance(value, Absent):
            return Answer.NO
        if value is None:
            return Answer.MAYBE
        answer = _in_ranges(_masked(value, self.mask), self.ranges)
        return answer.opposite if self.negated else answer


class Bits(msgspec.Struct, frozen=True, gc=False):
    """Any of these bits is set in a numeric field (nft `ct state a,b`, iptables --ctstate); negated: none is."""

    field: Field
    bits: int
    negated: bool = False

    def meets(self, seen: Seen) -> Answer:
        value = seen.number(self.field)
        if isinstance(value, Absent):
            return Answer.NO
        if value is None or value[0] != value[1]:
            return Answer.MAYBE
        answer = Answer.YES if value[0] & self.bits else Answer.NO
        return answer.opposite if self.negated else answer


class Name(msgspec.Struct, frozen=True, gc=False):
    """A device's name is one of these; `prefix` True: begins with it. "" is "no device at this hook"."""

    field: Field
    names: tuple[tuple[str, bool], ...]
    negated: bool = False

    def meets(self, seen: Seen) -> Answer:
        value = seen.name(self.field)
        if value is ABSENT:
            return Answer.NO
        if value is None:
            return unnamed(seen.place, self.names, self.negated)
        if value == "" and self.negated:
            # Kernels differ: nft's oifname once broke off the rule where there is no device.
            return Answer.MAYBE
        return Answer.YES if any(is_named(str(value), name) for name in self.names) is not self.negated else Answer.NO


def unnamed(place: Place, names: Iterable[tuple[str, bool]], negated: bool = False) -> Answer:
    """Whether a device whose name is not known is one of these: it is none whose name another device has."""
    if any(prefix or text not in place.taken for text, prefix in names):
        return Answer.MAYBE
    return Answer.YES if negated else Answer.NO


def is_named(device: str, name: tuple[str, bool]) -> bool:
    text, prefix = name
    return device.startswith(text) if prefix else device == text


# One part of an element: a range of numbers, or a name.
Part = Range | tuple[str, bool]


class Member(msgspec.Struct, frozen=True, gc=False):
    """The packet's fields, taken together, are an element of a set: anonymous (`elements`) or named (`set_name`).

    A named set is looked up in the rule's own table; one whose contents are not known answers MAYBE.
    """

    fields: tuple[Field, ...]
    set_name: str = ""
    elements: tuple[tuple[Part, ...], ...] = ()
    negated: bool = False
    text: str = ""


class AddressType(msgspec.Struct, frozen=True, gc=False):
    """iptables addrtype, nft `fib daddr type`: what the address itself decides, or this host's table `local`.

    `which` is an address field; `types` in lower case (local, broadcast, multicast, unicast, ...). `limited`: asked for
    one device alone, where this host's address on another is `unicast`.
    """

    which: Field
    types: frozenset[str]
    negated: bool = False
    text: str = ""
    limited: bool = False

    def meets(self, seen: Seen) -> Answer:
        value = seen.number(self.which)
        if isinstance(value, Absent):
            return Answer.NO
        routes = None if self.limited else seen.place.routes
        holds = None if value is None else is_of_type(self.which, value, self.types, routes)
        return Answer.MAYBE if holds is None else _yes_or_no(holds is not self.negated)


class BridgePort(msgspec.Struct, frozen=True, gc=False):
    """iptables physdev: the bridge port that a frame came in through or leaves through; `name` None: any port.

    net/netfilter/xt_physdev.c: a packet that br_netfilter did not carry meets a negated option, and no other. One that
    it carried, and that leaves through no port, meets no named option today; old kernels let it meet a negated one.
    """

    field: Literal[Field.PHYS_IN, Field.PHYS_OUT]
    name: tuple[str, bool] | None = None
    negated: bool = False
    text: str = ""

    def meets(self, seen: Seen) -> Answer:
        port = seen.name(self.field)
        if port is None and self.name is None and seen.place.carried:
            return _yes_or_no(not self.negated)
        if port is None:
            return Answer.MAYBE if self.name is None else unnamed(seen.place, (self.name,), self.negated)
        if self.name is None:
            return _yes_or_no((port != "") is not self.negated)
        if port != "":
            return _yes_or_no(is_named(str(port), self.name) is not self.negated)
        if seen.name(Field.PHYS_OUT if self.field is Field.PHYS_IN else Field.PHYS_IN) == "":
            return _yes_or_no(self.negated)
        return Answer.NO if self.field is Field.PHYS_OUT and not self.negated else Answer.MAYBE


class ReversePath(msgspec.Struct, frozen=True):
    """iptables rpfilter: there is a way back to the source through this device. The text is the whole match.

    Certain for what needs no route, and where routes are (`netfilter.routed`). `loose`: any way back will do. `local`:
    one to this host itself too. `marked`: rules of policy routing see the packet's mark.
    """

    negated: bool = False
    text: str = ""
    loose: bool = False
    local: bool = False
    marked: bool = False

    def meets(self, seen: Seen) -> Answer:
        if needs_no_way_back(seen):
            return _yes_or_no(not self.negated)
        if not self.loose and has_no_way_back(seen, self.local):
            return _yes_or_no(self.negated)
        return _yes_or_no(not self.negated) if has_way_back(seen, self.marked) else Answer.MAYBE


class RouteBack(msgspec.Struct, frozen=True, gc=False):
    """nft `fib saddr . iif oif exists`, or `missing`: the route back to the source leads out where the packet came in.

    Certain for a DISCOVER, and where routes are (`netfilter.routed`). `marked`: as for ReversePath.
    """

    missing: bool
    text: str = ""
    marked: bool = False

    def meets(self, seen: Seen) -> Answer:
        if is_discover(seen):
            return _yes_or_no(not self.missing)
        if has_no_way_back(seen):
            return _yes_or_no(self.missing)
        return _yes_or_no(not self.missing) if has_way_back(seen, self.marked) else Answer.MAYBE


class Always(msgspec.Struct, frozen=True, gc=False):
    """A condition that the parser has decided by itself: `-p all`, `ip saddr 0.0.0.0/0` in an ip table."""

    holds: bool = True
    text: str = ""

    def meets(self, seen: Seen) -> Answer:
        del seen
        return Answer.YES if self.holds else Answer.NO


class Unmodelled(msgspec.Struct, frozen=True, gc=False):
    """A condition that the kernel understands and nobody here does, verbatim."""

    text: str

    def meets(self, seen: Seen) -> Answer:
        del seen
        return Answer.MAYBE


# What a condition can be that answers by itself; a `Member` is answered by the evaluator, which knows the sets.
Plain = Number | Bits | Name | AddressType | BridgePort | ReversePath | RouteBack | Always | Unmodelled


class AnyOf(msgspec.Struct, frozen=True):
    """At least one of these is met (iptables `--ctstate NEW,DNAT`); negated: none is."""

    conditions: tuple[Plain, ...]
    negated: bool = False
    text: str = ""

    def meets(self, seen: Seen) -> Answer:
        answers = [condition.meets(seen) for condition in self.conditions]
        answer = Answer.MAYBE if Answer.MAYBE in answers else Answer.NO
        answer = Answer.YES if Answer.YES in answers else answer
        return answer.opposite if self.negated else answer


Condition = Plain | AnyOf | Member


def in_element(seen: Seen, fields: tuple[Field, ...], element: tuple[Part, ...]) -> Answer:
    """Whether the fields, one by one, meet the parts of one element."""
    answers = [_part_meets(seen, field, part) for field, part in zip(fields, element, strict=True)]
    if Answer.NO in answers:
        return Answer.NO
    return Answer.MAYBE if Answer.MAYBE in answers else Answer.YES


def _part_meets(seen: Seen, field: Field, part: Part) -> Answer:
    if isinstance(part[0], str):
        return Name(field, (part,)).meets(seen)
    return Number(field, (part,)).meets(seen)


def _yes_or_no(holds: bool) -> Answer:
    return Answer.YES if holds else Answer.NO


def _masked(value: Range, mask: int | None) -> Range | None:
    """The range under the mask; None where it is no range any more (holes in the mask, and more than one value)."""
    if mask is None or value[0] == value[1]:
        return value if mask is None else (value[0] & mask, value[1] & mask)
    low_zeros = (mask & -mask).bit_length() - 1
    contiguous = mask >= 0 and (mask >> low_zeros) & ((mask >> low_zeros) + 1) == 0
    # Only a mask that keeps every high bit of both ends keeps their order.
    if contiguous and max(value).bit_length() <= mask.bit_length():
        return (value[0] & mask, value[1] & mask)
    return None


def _in_ranges(value: Range | None, ranges: tuple[Range, ...]) -> Answer:
    if value is None:
        return Answer.MAYBE
    low, high = value
    answer = Answer.NO
    for first, last in ranges:
        if first <= low and high <= last:
            return Answer.YES
        if first <= high and low <= last:
            answer = Answer.MAYBE
    return answer
