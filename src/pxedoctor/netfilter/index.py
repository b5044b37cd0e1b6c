"""Which of many items (rules of a chain, elements of a set) a packet can meet at all, without looking at each.

1. An item that demands an exact property (`-s 192.0.2.7`, `dport 67`, `iifname "vnet3"`) is filed under that property;
   of several, under the one that the fewest items share. Ranges are filed as the aligned blocks that they consist of.
2. What demands nothing of the kind is looked at for every packet.
3. A property that is not known lets every item through that is filed under it. What is left out surely answers NO.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

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
_WRITTEN = frozenset({Field.MARK, Field.CT_MARK, Field.CT_STATE, Field.CT_DIRECTION})
_MOST_BLOCKS = 64
# A few items are sooner looked at than filed.
_FEW = 24


class Demand(msgspec.Struct, frozen=True):
    """The item is met only if the property is in one of the blocks."""

    of: Property
    blocks: tuple[Block, ...]


def rule_demands(conditions: Iterable[Condition]) -> tuple[Demand, ...] | None:
    """What a packet must have to meet all of them; None: none meets them."""
    found: list[Demand] = []
    for condition in conditions:
        match condition:
            case Always(holds=False):
                return None
            case Number(field, ranges, False, None) if field not in _WRITTEN:
                found += _demand(field, ranges)
            case Name(field, names, False):
                found += _demand(field, names)
            case Member(fields, "", elements, False) if len(elements) <= _MOST_BLOCKS:
                found += _member_demands(fields, elements)
    return tuple(found)


def element_demands(element: tuple[Part, ...]) -> tuple[Demand, ...]:
    return tuple(demand for place, part in enumerate(element) for demand in _demand(place, (part,)))


def _member_demands(fields: tuple[Field, ...], elements: tuple[tuple[Part, ...], ...]) -> Iterator[Demand]:
    for place, field in enumerate(fields):
        if field not in _WRITTEN and all(len(element) == len(fields) for element in elements):
            yield from _demand(field, tuple(element[place] for element in elements))


def _demand(of: Property, parts: Sequence[Part]) -> Iterator[Demand]:
    blocks = [block for part in parts for block in _blocks(part)]
    if len(blocks) <= _MOST_BLOCKS:
        yield Demand(of, tuple(blocks))


def _blocks(part: Part) -> Iterator[Block]:
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
    """Items by their demands; an item is known by its number. `demands` None: an item that nothing meets."""

    def __init__(self, demands: Iterable[tuple[Demand, ...] | None]) -> None:
        items = list(demands)
        self._always: list[int] = []
        self._filed: dict[Property, dict[int, dict[int | str, list[int]]]] = {}
        if len(items) <= _FEW:
            self._always = [number for number, item in enumerate(items) if item is not None]
            return
        shared = Counter(
            (demand.of, block) for item in items if item is not None for demand in item for block in demand.blocks
        )
        for number, item in enumerate(items):
            if item is None:
                continue
            if not item:
                self._always.append(number)
                continue
            rarest = min(item, key=lambda demand: sum(shared[demand.of, block] for block in demand.blocks))
            for open_bits, block in rarest.blocks:
                self._filed.setdefault(rarest.of, {}).setdefault(open_bits, {}).setdefault(block, []).append(number)

    def possible(self, value_of: Callable[[Property], Range | str | Absent | None]) -> list[int]:
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
