"""What becomes of one packet in one base chain, and in the chains that it leads to.

Three answers: ACCEPT and DROP are certain. UNKNOWN is where something that is not modelled or not known decides: a rule
that may be met is walked both ways, and if every way ends in a drop, it is a drop.

1. A rule's parts are taken in order. A condition that is not met ends the rule; what was done before stays done.
2. ACCEPT ends the base chain with all its callers (later base chains of the hook still see the packet); DROP and REJECT
   end the packet (nft(8) VERDICT STATEMENTS, net/netfilter/nf_tables_core.c nft_do_chain).
3. RETURN, or the end of a chain, goes on after the jump; after a goto, where the chain that it left would. From the
   base chain it goes to the policy (iptables(8) -g, net/ipv4/netfilter/ip_tables.c ipt_do_table).
4. A chain of type nat is asked for the first packet of a connection only (net/netfilter/nf_nat_core.c nf_nat_inet_fn).
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

import msgspec

from pxedoctor.netfilter.condition import Answer
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.seen import Family, Hook, Marks, Seen
from pxedoctor.netfilter.syntax import Chain, NamedSet, Rewrite, Rule, Table
from pxedoctor.netfilter.walk_chain import ChainWalk
from pxedoctor.netfilter.walk_way import Doubt, Ends, Kind, Outcome, Way, add_ends

# include/uapi/linux/netfilter_ipv4.h NF_IP_PRI_CONNTRACK; the same for IPv6.
CONNTRACK = -200
_NOTHING: Mapping[str, NamedSet] = MappingProxyType({})


class Verdict(StrEnum):
    ACCEPT = "accept"
    DROP = "drop"
    UNKNOWN = "unknown"


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The fate of a packet in the base chain `base`, and what is written on it afterwards.

    `rule` of `chain` decides; None: the chain's policy or end does. `why` is a sentence where the verdict is unknown.
    `others`: rules that end it in the same way, if they are met before. `written`: marks that may be written.
    `rewrites` are surely done (or the packet is dropped), `may_rewrite` may be.
    """

    verdict: Verdict
    table: Table
    base: Chain
    chain: str
    rule: Rule | None = None
    others: tuple[Rule, ...] = ()
    why: str = ""
    marks: Marks
    written: frozenset[Field] = frozenset()
    rewrites: tuple[Rewrite, ...] = ()
    may_rewrite: tuple[Rewrite, ...] = ()
    fills: Answer = Answer.NO


def walk(table: Table, base: Chain, seen: Seen, ipsets: Mapping[str, NamedSet] = _NOTHING) -> Decision:
    """The fate of what is seen in the base chain `base` of `table`; `ipsets` are the host's."""
    here = msgspec.structs.replace(seen, place=msgspec.structs.replace(seen.place, tracked=_tracked(base, seen)))
    before = Way(seen.marks)
    asked = _is_asked(base, here)
    if asked is Answer.NO:
        return _decision(table, base, {Kind.ACCEPT: Outcome(base.name, None, before)})
    ends = ChainWalk(table, here, ipsets).ends(base, before)
    through = ends.pop(Kind.THROUGH, None)
    if through is not None:
        policy = msgspec.structs.replace(through, chain=base.name, rule=None)
        add_ends(ends, {Kind.DROP if base.policy == "drop" else Kind.ACCEPT: policy})
    return _decision(table, base, ends if base.kind != "nat" else _nat_ends(base, before, asked, ends))


def _nat_ends(base: Chain, before: Way, asked: Answer, walked: Ends) -> Ends:
    """A packet of the same connection may have come before: then nothing is written on this one.

    A nat chain alone does not set conntrack to work, a rule that rewrites does (net/netfilter/nft_nat.c nft_nat_init).
    """
    rewrites = any(outcome.way.rewrites or outcome.way.may_rewrite for outcome in walked.values())
    if asked is Answer.YES and rewrites:
        return {kind: _unmarked(outcome, before.marks) for kind, outcome in walked.items()}
    why = f"whether the nat chain {base.name} is asked for this packet is not known"
    ends = {Kind.ACCEPT: Outcome(base.name, None, before, Doubt(base.name, None, why))}
    add_ends(ends, walked)
    return ends


def _unmarked(outcome: Outcome, before: Marks) -> Outcome:
    way = msgspec.structs.replace(outcome.way, marks=outcome.way.marks.joined(before))
    return msgspec.structs.replace(outcome, way=way)


def _tracked(base: Chain, seen: Seen) -> bool | None:
    """Whether conntrack comes before the base chain: in prerouting and output it has its own priority."""
    if seen.place.family not in {Family.IP, Family.IP6}:
        return None
    if seen.place.hook not in {Hook.PREROUTING, Hook.OUTPUT} or base.kind == "nat" or base.priority > CONNTRACK:
        return seen.place.tracked
    return False if base.priority < CONNTRACK else None


def _is_asked(base: Chain, here: Seen) -> Answer:
    if base.kind != "nat":
        return Answer.YES
    if here.has_entry is False or here.packet.state == "ESTABLISHED":
        return Answer.NO
    # The copies that a bridge makes share one entry: the chain is asked for the first of them only.
    is_copy = here.place.hook in {Hook.INPUT, Hook.POSTROUTING} and (here.place.port_in, here.place.port_out) != (
        "",
        "",
    )
    return Answer.YES if here.has_entry and here.packet.state == "NEW" and not is_copy else Answer.MAYBE


def _decision(table: Table, base: Chain, ends: Ends) -> Decision:
    accept, drop, lost = (ends.get(kind) for kind in (Kind.ACCEPT, Kind.DROP, Kind.LOST))
    way = next(outcome.way for outcome in (accept, lost, drop) if outcome is not None)
    if accept is not None and lost is not None:
        way = way.joined(lost.way)
    decides: Outcome | Doubt | None = drop if accept is None else accept
    verdict = Verdict.DROP if accept is None else Verdict.ACCEPT
    if decides is None or lost is not None or (accept is not None and drop is not None):
        verdict, decides = Verdict.UNKNOWN, _doubt(base, ends)
    return Decision(
        verdict=verdict,
        table=table,
        base=base,
        chain=decides.chain,
        rule=decides.rule,
        others=decides.others if isinstance(decides, Outcome) else (),
        why=decides.why if isinstance(decides, Doubt) else "",
        marks=way.marks,
        written=way.written,
        rewrites=way.rewrites,
        may_rewrite=way.may_rewrite,
        fills=way.fills,
    )


def _doubt(base: Chain, ends: Ends) -> Doubt:
    """Of several the one that leads to a drop: it is what a person looks for."""
    outcomes = (ends.get(kind) for kind in (Kind.DROP, Kind.ACCEPT, Kind.LOST))
    doubts = (outcome.doubt for outcome in outcomes if outcome is not None and outcome.doubt is not None)
    return next(doubts, Doubt(base.name, None, "the rules could not be followed"))
