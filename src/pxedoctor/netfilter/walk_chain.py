"""One packet in the chains of one table. Each chain is walked once for each way that leads into it."""

from collections.abc import Mapping

from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.index import Property, value_in
from pxedoctor.netfilter.seen import Absent, Range, Seen
from pxedoctor.netfilter.syntax import Chain, NamedSet, Table
from pxedoctor.netfilter.walk_rule import Course, Surroundings
from pxedoctor.netfilter.walk_sets import Sets
from pxedoctor.netfilter.walk_way import Doubt, Ends, Kind, Outcome, Way, add_ends

# nft allows 16 jumps on top of each other (NFT_JUMP_STACK_SIZE); iptables-legacy more, but nobody nests deeper.
_DEEPEST = 64
# Ways into one chain that are told apart; what comes by more of them is walked as one way of which nothing is known.
_MOST_WAYS = 32


class ChainWalk:
    """`ends` of a base chain are those of its rules: its policy is the caller's to apply."""

    def __init__(self, table: Table, seen: Seen, ipsets: Mapping[str, NamedSet]) -> None:
        self._table = table
        self._seen = seen
        self._around = Surroundings(Sets(table, ipsets), seen)
        self._done: dict[str, dict[Way, Ends]] = {}
        self._possible: dict[str, list[int]] = {}

    def ends(self, base: Chain, way: Way) -> Ends:
        return self._walked(base, way, ())

    def _enter(self, name: str, way: Way, callers: tuple[str, ...]) -> Ends | str:
        chain = self._table.chains.get(name)
        if chain is None:
            return f"chain {name} is not in the listing"
        if name in callers:
            return f"chain {name} leads back to itself"
        if len(callers) > _DEEPEST:
            return f"more than {_DEEPEST} chains lead to {name}"
        done = self._done.setdefault(name, {})
        if way not in done and len(done) >= _MOST_WAYS:
            way = way.obscured()
        if way not in done:
            done[way] = self._walked(chain, way, callers)
        return done[way]

    def _walked(self, chain: Chain, way: Way, callers: tuple[str, ...]) -> Ends:
        if chain.unlisted:
            why = f"the rules of chain {chain.name} could not be listed: {chain.unlisted}"
            return {Kind.LOST: Outcome(chain.name, None, way.obscured(), Doubt(chain.name, None, why))}
        path = (*callers, chain.name)
        ends: Ends = {}
        now: Way = way
        doubt: Doubt | None = None
        for number in self._met(chain):
            rule = chain.rule(number)
            if self._around.misses(rule, self._around.view(now.marks)):
                continue
            course = Course(self._around, rule, now, lambda name, on: self._enter(name, on, path))
            course.run()
            add_ends(ends, {kind: outcome.doubted(doubt) for kind, outcome in course.ends.items()})
            if course.falls is None:
                return ends
            now, doubt = course.falls, doubt or course.fall_doubt
        add_ends(ends, {self._end_of(chain): Outcome(chain.name, None, now, doubt)})
        return ends

    def _end_of(self, chain: Chain) -> Kind:
        """ebtables' own chains may have a policy (net/bridge/netfilter/ebtables.c ebt_do_table)."""
        if chain.hook or self._table.dialect != "ebtables" or chain.policy not in {"accept", "drop"}:
            return Kind.THROUGH
        return Kind(chain.policy)

    def _met(self, chain: Chain) -> list[int]:
        """The rules that the packet can meet, whatever is written on it."""
        if chain.name not in self._possible:

            def value_of(field: Property) -> Range | str | Absent | None:
                return value_in(self._seen, field) if isinstance(field, Field) else None

            self._possible[chain.name] = chain.possible(value_of)
        return self._possible[chain.name]
