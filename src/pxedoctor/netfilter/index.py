"""Which of many items (rules of a chain, elements of a set) a packet can meet at all, without looking at each.

1. An item that demands an exact property (`-s 192.0.2.7`, `dport 67`, `iifname "vnet3"`) is filed under that property;
   of several, under one that few of a sample share. Ranges are filed as the aligned blocks that they consist of.
2. What demands nothing of the kind is looked at for every packet.
3. A property that is not known lets every item through that is filed under it. What is left out surely answers NO.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from pxedoctor.netfilter.condition import Always, Condition, Member, Name, Number, Part
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.seen import Absent, Range, Seen

# A field of the packet, or a place in a set's elements.
Property = Field | int
# Of a number: how many low bits the block leaves open, and the bits above. Of a name: its length (a prefix), or -1.
Block = tuple[int, int | str]

NAMES = frozenset(
    {Field.IN_NAME, Field.OUT_NAME, Field.PHYS_IN, Field.PHYS_OUT, Field.IN_BRIDGE, Field.OUT_BRIDGE},
)
# What rules write themselves changes on the packet's way.
_WRITTEN = frozenset({Field.MARK, Field.CT_MARK, Field.CT_STATE, Field.CT_DIRECTION, Field.CT_STATUS})
_MOST_BLOCKS = 64
# A few items are sooner looked at than filed.
_FEW = 24
# How many items are looked at to learn which properties tell them apart, and what no more of them share is rare.
_SAMPLE, _RARE = 1000, 2


# What an item demands: the property is one of these.
Demand = tuple[Property, Sequence[Part]]
# What a packet has of a property; None: not known.
ValueOf = Callable[[Property], Range | str | Absent | None]


def rule_demands(conditions: Iterable[Condition]) -> Iterator[Demand] | None:
    """What a packet must have to meet all of them; None: none meets them."""
    found = tuple(conditions)
    if any(isinstance(condition, Always) and not condition.holds for condition in found):
        return None
    return _demands(found)


def element_demands(element: tuple[Part, ...]) -> Iterator[Demand]:
    return ((place, (part,)) for place, part in enumerate(element))


def _demands(conditions: tuple[Condition, ...]) -> Iterator[Demand]:
    for condition in conditions:
        if isinstance(condition, Number):
            if not condition.negated and condition.mask is None and condition.field not in _WRITTEN:
                yield condition.field, condition.ranges
        elif isinstance(condition, Name):
            if not condition.negated:
                yield condition.field, condition.names
        elif isinstance(condition, Member):
            yield from _member_demands(condition)


def _member_demands(member: Member) -> Iterator[Demand]:
    if member.set_name or member.negated or len(member.elements) > _MOST_BLOCKS:
        return
    for place, field in enumerate(member.fields):
        if field not in _WRITTEN and all(len(element) == len(member.fields) for element in member.elements):
            yield field, tuple(element[place] for element in member.elements)


def _blocks(parts: Sequence[Part]) -> tuple[Block, ...]:
    if len(parts) == 1:
        low, high = parts[0]
        if low == high:
            return ((0, low),)
    return tuple(block for part in parts for block in _aligned(part))


def _aligned(part: Part) -> Iterator[Block]:
    """A range as aligned blocks, from the left: each as wide as it can begin there. At most 2 for each bit."""
    low, high = part
    if isinstance(low, str):
        yield (len(low) if high else -1), low
        return
    while low <= high:
        widest = (low & -low).bit_length() - 1 if low else high.bit_length() + 1
        open_bits = min(widest, (high - low + 1).bit_length() - 1)
        yield open_bits, low >> open_bits
        low += 1 << open_bits


class Index:
    """`number` items by their demands; `demands` of one: None for an item that nothing meets."""

    def __init__(self, number: int, demands: Callable[[int], Iterable[Demand] | None]) -> None:
        self._always: list[int] = []
        self._filed: dict[Property, dict[int, dict[int | str, list[int]]]] = {}
        sampled = Counter(
            (of, block)
            for item in range(0, number if number > _FEW else 0, 1 + number // _SAMPLE)
            for of, parts in demands(item) or ()
            for block in _blocks(parts)
        )
        for item in range(number):
            asked = demands(item)
            if asked is not None:
                self._file(item, asked if number > _FEW else (), sampled)

    def _file(self, item: int, demands: Iterable[Demand], sampled: Counter[tuple[Property, Block]]) -> None:
        least = _SAMPLE * _MOST_BLOCKS
        under: tuple[Property, tuple[Block, ...]] | None = None
        for of, parts in demands:
            blocks = _blocks(parts)
            share = sum(sampled[of, block] for block in blocks)
            if share < least and len(blocks) <= _MOST_BLOCKS:
                under, least = (of, blocks), share
            if least <= _RARE:
                break
        if under is None:
            self._always.append(item)
            return
        by_width = self._filed.setdefault(under[0], {})
        for open_bits, block in under[1]:
            by_width.setdefault(open_bits, {}).setdefault(block, []).append(item)

    def possible(self, value_of: ValueOf) -> list[int]:
        """The numbers of all items that may be met, in their order; `value_of` tells a property."""
        found = list(self._always)
        for of, by_width in self._filed.items():
            value = value_of(of)
            if isinstance(value, Absent):
                continue
            for open_bits, blocks in by_width.items():
                for block in _looked_up(value, open_bits, blocks):
                    found += blocks.get(block, ())
        return sorted(set(found))


def _looked_up(value: Range | str | None, open_bits: int, blocks: dict[int | str, list[int]]) -> Iterable[int | str]:
    if value is None:
        return blocks
    if isinstance(value, str):
        return (value if open_bits < 0 else value[:open_bits],)
    low, high = value[0] >> open_bits, value[1] >> open_bits
    if high - low < len(blocks):
        return range(low, high + 1)
    return [block for block in blocks if isinstance(block, int) and low <= block <= high]


def value_in(seen: Seen, field: Field) -> Range | str | Absent | None:
    return seen.name(field) if field in NAMES else seen.number(field)
