"""Whether a packet is in a set, and which verdict a verdict map holds for it."""

from collections.abc import Callable, Iterable, Mapping

import msgspec

from pxedoctor.netfilter.condition import Answer, Member, Part, Unmodelled, in_element
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.index import Index, Property, value_in
from pxedoctor.netfilter.ipset import meant
from pxedoctor.netfilter.seen import Absent, Range, Seen
from pxedoctor.netfilter.syntax import End, Jump, NamedSet, Table, VerdictMap

Element = tuple[Part, ...]


class Choice(msgspec.Struct, frozen=True):
    """What a verdict map may say. `none`: it may be that no element is met. `lost`: what it holds is not known."""

    verdicts: tuple[End | Jump, ...] = ()
    none: bool = False
    lost: bool = False


class Sets:
    """The sets that a table's rules can name: its own, and but for nft the host's ipsets.

    `breaks_off`: nft ends a rule that reads what the packet has not.
    """

    def __init__(self, table: Table, ipsets: Mapping[str, NamedSet]) -> None:
        own = table.dialect == "nft" or not ipsets
        # iptables' tables name the ipsets that rules change themselves: what was listed of them does not hold.
        self._named: Mapping[str, NamedSet] = table.sets if own else {**ipsets, **table.sets}
        self.breaks_off = table.dialect == "nft"

    def member(self, seen: Seen, member: Member) -> Answer:
        if not member.set_name or self.breaks_off:
            return self._member(seen, member)
        named = self._named.get(member.set_name)
        condition = Unmodelled(member.text) if named is None else meant(member, named)
        return self._member(seen, condition) if isinstance(condition, Member) else condition.meets(seen)

    def _member(self, seen: Seen, member: Member) -> Answer:
        if any(isinstance(value_in(seen, field), Absent) for field in member.fields):
            # nft breaks the rule off; ipset says "not in the set" (net/netfilter/ipset/ip_set_core.c ip_set_test).
            return Answer.YES if member.negated and not self.breaks_off else Answer.NO
        if not member.set_name:
            answer = _among(seen, member.fields, member.elements)
        else:
            named = self._named.get(member.set_name)
            if named is None or not named.known:
                return Answer.MAYBE
            possible = _possible(named.index, seen, member.fields)
            answer = _among(seen, member.fields, (named.elements[number] for number in possible))
        return answer.opposite if member.negated else answer

    def choice(self, seen: Seen, choosing: VerdictMap) -> Choice:
        if any(isinstance(value_in(seen, field), Absent) for field in choosing.fields):
            return Choice(none=True)
        if not choosing.set_name:
            return _chosen(seen, choosing.fields, choosing.elements.__getitem__, choosing.index)
        named = self._named.get(choosing.set_name)
        if named is None or (not named.known and not named.verdicts):
            return Choice(none=True, lost=True)
        if not named.known or len(named.verdicts) != len(named.elements):
            return Choice(tuple(dict.fromkeys(named.verdicts)), none=True)
        return _chosen(seen, choosing.fields, lambda n: (named.elements[n], named.verdicts[n]), named.index)


def _possible(index: Index, seen: Seen, fields: tuple[Field, ...]) -> list[int]:
    def value_of(place: Property) -> Range | str | Absent | None:
        return value_in(seen, fields[place]) if isinstance(place, int) and place < len(fields) else None

    return index.possible(value_of)


def _among(seen: Seen, fields: tuple[Field, ...], elements: Iterable[Element]) -> Answer:
    best = Answer.NO
    for element in elements:
        if (answer := _meets(seen, fields, element)) is Answer.YES:
            return answer
        best = answer if answer is Answer.MAYBE else best
    return best


def _meets(seen: Seen, fields: tuple[Field, ...], element: Element) -> Answer:
    # A set of another shape than the rule's fields: what the kernel compares there is not known.
    return in_element(seen, fields, element) if len(fields) == len(element) else Answer.MAYBE


def _chosen(
    seen: Seen, fields: tuple[Field, ...], pair: Callable[[int], tuple[Element, End | Jump]], index: Index
) -> Choice:
    """Elements do not overlap, but for one that meets everything (`*`): it counts where no narrower one is met."""
    pairs = [pair(number) for number in _possible(index, seen, fields)]
    met = [(answer, *pair) for pair in pairs if (answer := _meets(seen, fields, pair[0])) is not Answer.NO]
    met.sort(key=lambda found: _width(found[1]))
    verdicts: list[End | Jump] = []
    for answer, _, verdict in met:
        verdicts.append(verdict)
        if answer is Answer.YES:
            return Choice(tuple(dict.fromkeys(verdicts)))
    return Choice(tuple(dict.fromkeys(verdicts)), none=True)


def _width(element: Element) -> int:
    width = 1
    for low, high in element:
        if not isinstance(low, str):
            width *= high - low + 1
        elif high:
            width *= 1 << (256 - len(low))
    return width
