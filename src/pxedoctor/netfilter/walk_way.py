"""What a packet has met on its way through a base chain's rules, and how ways end.

Where a rule may be met and may be not, both ways are walked. Ways that come together again are joined into one, on
which only that is known that holds on all of them.
"""

from enum import StrEnum

import msgspec

from pxedoctor.netfilter.condition import Answer
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.seen import Marks
from pxedoctor.netfilter.syntax import Rewrite, Rule

# Of the rules on other ways so many are told: where it is fewer, it is all of them.
MOST_OTHERS = 16
# All that a packet carries, as distinct from where it is: what is not modelled may write it.
CARRIED = frozenset(Field) - frozenset(
    {Field.IN_NAME, Field.OUT_NAME, Field.IN_INDEX, Field.OUT_INDEX, Field.IN_GROUP, Field.OUT_GROUP, Field.FAMILY}
    | {Field.PHYS_IN, Field.PHYS_OUT, Field.IN_BRIDGE, Field.OUT_BRIDGE, Field.CT_STATE, Field.CT_DIRECTION}
)
_SOURCE = frozenset(
    {Field.SOURCE4, Field.SOURCE6, Field.SOURCE_PORT, Field.TRANSPORT_SOURCE, Field.MAC_SOURCE, Field.ARP_SOURCE}
    | {Field.ARP_SOURCE_MAC}
)
_DESTINATION = frozenset(
    {Field.DESTINATION4, Field.DESTINATION6, Field.DESTINATION_PORT, Field.TRANSPORT_DESTINATION, Field.MAC_DESTINATION}
    | {Field.PACKET_TYPE}
)
NOT_KNOWN = Marks(None, None, None, None, CARRIED)


class Way(msgspec.Struct, frozen=True):
    """`written`: what some rule on it may have written. `fills`: whether a rule fills the checksum."""

    marks: Marks
    written: frozenset[Field] = frozenset()
    fills: Answer = Answer.NO
    rewrites: tuple[Rewrite, ...] = ()
    may_rewrite: tuple[Rewrite, ...] = ()

    def joined(self, other: "Way | None") -> "Way":
        if other is None or other == self:
            return self
        surely = tuple(rewrite for rewrite in self.rewrites if rewrite in other.rewrites)
        every = dict.fromkeys((*self.rewrites, *self.may_rewrite, *other.rewrites, *other.may_rewrite))
        return Way(
            marks=self.marks.joined(other.marks),
            written=self.written | other.written,
            fills=self.fills if self.fills is other.fills else Answer.MAYBE,
            rewrites=surely,
            may_rewrite=tuple(rewrite for rewrite in every if rewrite not in surely),
        )

    def wrote(self, field: Field, marks: Marks) -> "Way":
        return msgspec.structs.replace(self, marks=marks, written=self.written | {field})

    def rewritten(self, rewrite: Rewrite) -> "Way":
        fields = _SOURCE if rewrite.what == "source" else _DESTINATION
        way = self.changed(fields)
        # What is rewritten to what it was sets no bit (net/netfilter/nf_nat_core.c nf_nat_setup_info).
        marks = msgspec.structs.replace(way.marks, nat=None)
        return msgspec.structs.replace(way, marks=marks, rewrites=(*self.rewrites, rewrite))

    def changed(self, fields: frozenset[Field]) -> "Way":
        marks = msgspec.structs.replace(self.marks, changed=self.marks.changed | fields)
        return msgspec.structs.replace(self, marks=marks, written=self.written | fields)

    def filled(self) -> "Way":
        return msgspec.structs.replace(self, fills=Answer.YES)

    def obscured(self) -> "Way":
        """After something that nobody models: it may have written every mark, and filled the checksum."""
        fills = Answer.YES if self.fills is Answer.YES else Answer.MAYBE
        written = CARRIED | {Field.MARK, Field.CT_MARK, Field.CT_STATE}
        return msgspec.structs.replace(self, marks=NOT_KNOWN, written=written, fills=fills)


class Kind(StrEnum):
    """How ways end. LOST: in something that is not modelled. THROUGH: back in the caller, or in the policy."""

    ACCEPT = "accept"
    DROP = "drop"
    LOST = "lost"
    THROUGH = "through"


class Doubt(msgspec.Struct, frozen=True):
    """Why it is not known whether the packet comes this way: a sentence, and the rule that it is about."""

    chain: str
    rule: Rule | None
    why: str


class Outcome(msgspec.Struct, frozen=True):
    """One way to end: the rule that ends it (None: the policy or end of `chain`). No `doubt`: on the certain way.

    `others`: rules on other ways that end so too, a few of them.
    """

    chain: str
    rule: Rule | None
    way: Way
    doubt: Doubt | None = None
    others: tuple[Rule, ...] = ()

    def doubted(self, doubt: Doubt | None) -> "Outcome":
        return self if self.doubt is not None or doubt is None else msgspec.structs.replace(self, doubt=doubt)

    def joined(self, earlier: "Outcome | None") -> "Outcome":
        """Both may be; the later is the one to name: what comes earlier is passed only if it is not met."""
        if earlier is None:
            return self
        own = () if earlier.rule is None else (earlier.rule,)
        others = tuple({id(rule): rule for rule in (*earlier.others, *own, *self.others)}.values())[:MOST_OTHERS]
        return msgspec.structs.replace(self, way=self.way.joined(earlier.way), others=others)


Ends = dict[Kind, Outcome]


def add_ends(ends: Ends, later: Ends) -> None:
    for kind, outcome in later.items():
        ends[kind] = outcome.joined(ends.get(kind))
