"""A host's rules as one syntax tree, whatever program listed them: tables, sets, chains, rules.

1. A rule is its parts in order: conditions, and actions. A condition that is not met ends the rule; the actions before
   it have been done (nft evaluates from left to right; iptables' single target comes last).
2. Every rule keeps its text, its line in the listing and, in nft listings, its handle.
3. A chain reads its rules when somebody asks for them: of 100,000 rules a packet meets few.
4. Total: what is not understood is `Unmodelled` (a condition) or `Strange` (an action); what is no listing, an error.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import cached_property
from typing import Literal, Protocol

import msgspec

from pxedoctor.model.keeping import Keeping
from pxedoctor.netfilter.asked import Asked, asked_by
from pxedoctor.netfilter.condition import Condition, Part
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.index import Index, ValueOf, element_demands, rule_demands

Dialect = Literal["iptables", "ebtables", "arptables", "nft"]


class Ends(StrEnum):
    """Verdicts. ACCEPT ends the base chain with all its callers, DROP and REJECT the packet."""

    ACCEPT = "accept"
    DROP = "drop"
    REJECT = "reject"
    RETURN = "return"
    CONTINUE = "continue"


class End(msgspec.Struct, frozen=True, gc=False):
    verdict: Ends


class Jump(msgspec.Struct, frozen=True, gc=False):
    """`goto`: a chain so reached returns to its caller's caller."""

    chain: str
    goto: bool = False


class Queue(msgspec.Struct, frozen=True):
    """To user space by a queue from the first to the last of `numbers` (None: not told); see walk_rule."""

    bypass: bool
    text: str = ""
    numbers: tuple[int, int] | None = None


class VerdictMap(msgspec.Struct, frozen=True, dict=True):
    """nft vmap: the element that the fields meet says the verdict; none: the packet goes on to the next rule."""

    fields: tuple[Field, ...]
    set_name: str = ""
    elements: tuple[tuple[tuple[Part, ...], "End | Jump"], ...] = ()
    text: str = ""

    @cached_property
    def index(self) -> Index:
        return Index(len(self.elements), lambda number: element_demands(self.elements[number][0]))


class WriteMark(msgspec.Struct, frozen=True, gc=False):
    """mark = (mark & keep) ^ flip, on the packet or its connection. `known` False: what is written is not known.

    `copied_from`: the other of the two is copied under the mask that `keep` leaves (CONNMARK --save-mark,
    --restore-mark): mark = (mark & keep) ^ (other & ~keep) ^ flip.
    """

    field: Literal[Field.MARK, Field.CT_MARK]
    keep: int = 0
    flip: int = 0
    known: bool = True
    copied_from: Literal[Field.MARK, Field.CT_MARK] | None = None


class NoTrack(msgspec.Struct, frozen=True):
    """Takes the packet out of conntrack; works before conntrack only (raw)."""


class Rewrite(msgspec.Struct, frozen=True, gc=False):
    """NAT: ends the base chain as accept does. `what`: which end is rewritten."""

    what: Literal["source", "destination"]
    text: str


class Fill(msgspec.Struct, frozen=True):
    """xt_CHECKSUM: the UDP sum is filled; goes on."""


class Changes(msgspec.Struct, frozen=True, gc=False):
    """Writes fields of the packet, to what is not followed, and goes on: rules after it do not know them."""

    fields: tuple[Field, ...]
    text: str = ""


class GoesOn(msgspec.Struct, frozen=True, gc=False):
    """Something that lets the packet go on unchanged for our purposes: counter, log, ...: verbatim."""

    text: str


class Strange(msgspec.Struct, frozen=True, gc=False):
    """An action that nobody here models, verbatim: the packet may end here, or not."""

    text: str


Action = End | Jump | Queue | VerdictMap | WriteMark | NoTrack | Changes | Rewrite | Fill | GoesOn | Strange


class Rule(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`line` counts from 1 in the listing; 0 for a rule that stands in none."""

    chain: str
    line: int
    text: str
    handle: int | None = None
    parts: tuple[Condition | Action, ...] = ()
    comment: str = ""

    @property
    def guards(self) -> tuple[Condition, ...]:
        """The conditions that come before anything is done: a packet that misses one has met nothing of the rule."""
        found: list[Condition] = []
        for part in self.parts:
            if isinstance(part, Condition):
                found.append(part)
            elif not isinstance(part, GoesOn):
                break
        return tuple(found)

    @property
    def jumps(self) -> tuple[str, ...]:
        """The chains that this rule names, also in the map that it holds itself."""
        found: list[str] = []
        for part in self.parts:
            if isinstance(part, Jump):
                found.append(part.chain)
            elif isinstance(part, VerdictMap):
                found += [verdict.chain for _, verdict in part.elements if isinstance(verdict, Jump)]
        return tuple(found)


# (line, text) -> the rule; `chain` is the chain's name. Never raises.
RuleReader = Callable[[str, int, str], Rule]


class Finder(Protocol):
    def possible(self, value_of: ValueOf) -> list[int]:
        """The numbers of all rules that a packet may meet, in their order; `value_of` tells its properties."""


# Texts of rules -> what finds among them without reading one. Never raises.
Hint = Callable[[Sequence[str]], Finder]
# So many rules are sooner read than hints looked for that leave fewer.
_FEW = 64


class Chain(Keeping, frozen=True, kw_only=True, dict=True):
    """`hook` is "" for a chain that is only jumped to. `policy` is accept or drop, "" for a chain without a hook.

    `devices`: of a netdev base chain. `kind`: filter, nat or route (nft `type`). `unlisted`: why its rules could not be
    had. `written` are the rules as they stand, (line, text); `rules` is what they say, `rule` what one of them says.
    `origin`: the listing that holds it, where its table was listed in pieces; "" is the table's. `hint`: of the parser.
    """

    name: str
    line: int
    text: str
    reader: RuleReader
    hook: str = ""
    priority: int = 0
    policy: str = ""
    kind: str = "filter"
    devices: tuple[str, ...] = ()
    unlisted: str = ""
    origin: str = ""
    written: tuple[tuple[int, str], ...] = ()
    hint: Hint | None = None

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        return tuple(self.rule(number) for number in range(len(self.written)))

    def rule(self, number: int) -> Rule:
        """One of `rules`, read when it is first asked for."""
        if number not in self._read:
            line, text = self.written[number]
            self._read[number] = self.reader(self.name, line, text)
        return self._read[number]

    @cached_property
    def _read(self) -> dict[int, Rule]:
        return {}

    def possible(self, value_of: ValueOf) -> list[int]:
        """The numbers of the rules that a packet may meet; `value_of` tells its properties."""
        if len(self.written) > _FEW and self._hinted is not None:
            found = self._hinted.possible(value_of)
            if len(found) <= _FEW:
                return found
        return self.index.possible(value_of)

    @cached_property
    def index(self) -> Index:
        return Index(len(self.written), lambda number: rule_demands(self.rule(number).guards))

    @cached_property
    def asked(self) -> Asked:
        return asked_by(part for rule in self.rules for part in rule.parts)

    @cached_property
    def _hinted(self) -> Finder | None:
        return None if self.hint is None else self.hint([text for _, text in self.written])

    def inherit(self, before: "Chain") -> None:
        """Takes over what was made of the same texts, of which an equal reader has made the same; lines are its own."""
        made = vars(before)
        self.__dict__.update({name: made[name] for name in ("index", "asked", "_hinted") if name in made})
        for number, rule in before._read.items():
            line = self.written[number][0]
            self._read[number] = rule if rule.line == line else msgspec.structs.replace(rule, line=line)

    def jumps_to(self, chain: str) -> bool:
        return any(chain in rule.jumps for rule in self.rules)

    def with_written(self, written: tuple[tuple[int, str], ...]) -> "Chain":
        return msgspec.structs.replace(self, written=written)


# What a part of an ipset's element is; the rule that names the set says which end of the packet is meant.
Kind = Literal["ip", "ip6", "protocol", "port", "mac", "device", "mark"]


class NamedSet(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A set or map of a table, or an ipset. `elements` are keys; `verdicts` go with them one to one in a verdict map.

    `known` False: its contents are not listed, or change by themselves (dynamic, timeout): `why` says which. `kinds`:
    of an ipset's parts.
    """

    name: str
    kinds: tuple[Kind, ...] = ()
    elements: tuple[tuple[Part, ...], ...] = ()
    verdicts: tuple[End | Jump, ...] = ()
    known: bool = True
    why: str = ""
    text: str = ""

    @cached_property
    def index(self) -> Index:
        return Index(len(self.elements), lambda number: element_demands(self.elements[number]))


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """`family` ip, ip6, inet, arp, bridge or netdev; `origin` the command or file that listed it.

    `dormant` tables are in the kernel and hook nothing.
    """

    family: str
    name: str
    origin: str
    dialect: Dialect
    variant: Literal["nft", "legacy", "native"] = "native"
    dormant: bool = False
    chains: dict[str, Chain] = {}
    sets: dict[str, NamedSet] = {}

    def base_chains(self, hook: str) -> tuple[Chain, ...]:
        if self.dormant:
            return ()
        return tuple(chain for chain in self.chains.values() if chain.hook == hook)

    def led_to(self, rule: Rule) -> tuple[str, ...]:
        """The chains to which a rule of this table leads, also by a map of the table's."""
        maps = (self.sets.get(part.set_name) for part in rule.parts if isinstance(part, VerdictMap))
        verdicts = (verdict for named in maps if named for verdict in named.verdicts)
        return (*rule.jumps, *(verdict.chain for verdict in verdicts if isinstance(verdict, Jump)))

    def with_chain(self, chain: Chain) -> "Table":
        return msgspec.structs.replace(self, chains=self.chains | {chain.name: chain})


class ListingError(Exception):
    """A listing that is no listing: cut short, or not what its program prints. Names the line."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}")
        self.line = line
        self.why = why
