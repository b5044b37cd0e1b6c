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
_Blocked = tuple[Property, tuple[Block, ...]]
# What a packet has of a property; None: not known.
ValueOf = Callable[[Property], Range | str | Absent | None]


def rule_demands(conditions: Iterable[Condition]) -> Sequence[Demand] | None:
    """What a packet must have to meet all of them; None: none meets them."""
    found: list[Demand] = []
    for condition in conditions:
        if isinstance(condition, Number):
            if not condition.negated and condition.mask is None and condition.field not in _WRITTEN:
                found.append((condition.field, condition.ranges))
        elif isinstance(condition, Name):
            if not condition.negated:
                found.append((condition.field, condition.names))
        elif isinstance(condition, Member):
            found += _member_demands(condition)
        elif isinstance(condition, Always) and not condition.holds:
            return None
    return found


def element_demands(element: tuple[Part, ...]) -> Iterator[Demand]:
    return ((place, (part,)) for place, part in enumerate(element))


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
        if not isinstance(low, str):
            size = high - low + 1
            if not size & size - 1 and not low & size - 1:  # one block, as a subnet is
                open_bits = size.bit_length() - 1
                return ((open_bits, low >> open_bits),)
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


def _blocked(demands: Iterable[Demand] | None) -> list[_Blocked] | None:
    return None if demands is None else [(of, _blocks(parts)) for of, parts in demands]


class Index:
    """`number` items by their demands; `demands` of one: None for an item that nothing meets."""

    def __init__(self, number: int, demands: Callable[[int], Iterable[Demand] | None]) -> None:
        self._always: list[int] = []
        self._filed: dict[Property, dict[int, dict[int | str, list[int]]]] = {}
        if number <= _FEW:
            self._always += [item for item in range(number) if demands(item) is not None]
            return
        looked_at = {item: _blocked(demands(item)) for item in range(0, number, 1 + number // _SAMPLE)}
        sampled = Counter((of, block) for asked in looked_at.values() for of, blocks in asked or () for block in blocks)
        for item in range(number):
            asked = looked_at[item] if item in looked_at else _blocked(demands(item))
            if asked is not None:
                self._file(item, asked, sampled)

    def _file(self, item: int, demands: Iterable[_Blocked], sampled: Counter[tuple[Property, Block]]) -> None:
        least = _SAMPLE * _MOST_BLOCKS
        under: _Blocked | None = None
        for of, blocks in demands:
            share = 0
            for block in blocks:
                share += sampled[of, block]
            if share < least and len(blocks) <= _MOST_BLOCKS:
                under, least = (of, blocks), share
            if least <= _RARE:
                break
        if under is None:
            self._always.append(item)
            return
        by_width = self._filed.setdefault(under[0], {})
        for open_bits, above in under[1]:
            by_width.setdefault(open_bits, {}).setdefault(above, []).append(item)

    def possible(self, value_of: ValueOf) -> list[int]:
        """The numbers of all items that may be met, in their order; `value_of` tells a property."""
        found = list(self._always)
        for of, by_width in self._filed.items():
            value = value_of(of)
            if isinstance(value, Absent):
                continue
            for open_bits, blocks in by_width.items():
                for block in looked_up(value, open_bits, blocks):
                    found += blocks.get(block, ())
        return sorted(set(found))


def looked_up(value: Range | str | None, open_bits: int, blocks: dict[int | str, list[int]]) -> Iterable[int | str]:
    """The blocks of one width that a value touches; others too that are not filed."""
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
