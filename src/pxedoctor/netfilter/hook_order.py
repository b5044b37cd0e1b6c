"""Base chains at one priority of one hook: their order is not listed, and nat chains step aside for each other."""

from collections.abc import Mapping, Sequence
from itertools import groupby

import msgspec

from pxedoctor.netfilter.condition import Answer
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.seen import Hook, Marks, Seen
from pxedoctor.netfilter.syntax import Chain, NamedSet, Table
from pxedoctor.netfilter.walk import Decision, Verdict, walk

Base = tuple[Table, Chain]

# include/uapi/linux/netfilter_ipv4.h NF_IP_PRI_NAT_DST, NF_IP_PRI_NAT_SRC.
_NAT: dict[str, int] = {Hook.PREROUTING: -100, Hook.OUTPUT: -100, Hook.INPUT: 100, Hook.POSTROUTING: 100}


def priority(chain: Chain) -> int:
    """Chains of type nat run at NAT's own priority, whatever theirs is (nf_nat_core.c nf_nat_register_fn)."""
    return _NAT.get(chain.hook, chain.priority) if chain.kind == "nat" else chain.priority


def at_priority(
    bases: Sequence[Base], seen: Seen, ipsets: Mapping[str, NamedSet]
) -> tuple[tuple[Decision, ...], Marks]:
    """What each of them says, and the marks afterwards, as far as both hold in any order."""
    decisions = [walk(table, chain, seen, ipsets) for table, chain in bases]
    if len(bases) == 1:
        return tuple(decisions), decisions[0].marks
    writers = [decision for decision in decisions if decision.written]
    if writers:
        before = _any_order(bases, seen, ipsets) if len(writers) > 1 else seen.marks.joined(writers[0].marks)
        doubtful = msgspec.structs.replace(seen, marks=before)
        decisions = [
            decision if writers == [decision] else walk(decision.table, decision.base, doubtful, ipsets)
            for decision in decisions
        ]
    told = _one_nat(decisions, seen.marks)
    return told, _after(told, seen.marks)


def _any_order(bases: Sequence[Base], seen: Seen, ipsets: Mapping[str, NamedSet]) -> Marks:
    """What is known before each of them, whoever of the others came first. Each turn knows less, so it ends."""
    before = seen.marks
    while True:
        now = msgspec.structs.replace(seen, marks=before)
        after = before
        for table, chain in bases:
            after = after.joined(walk(table, chain, now, ipsets).marks)
        if after == before:
            return before
        before = after


def _after(decisions: Sequence[Decision], before: Marks) -> Marks:
    """The one that writes has written it in the end; where several write, only what all of them leave is known."""
    after = before
    for decision in decisions:
        nat = after.nat if after.nat == decision.marks.nat else None
        after = msgspec.structs.replace(after, nat=nat, changed=after.changed | decision.marks.changed)
    for field in (Field.MARK, Field.CT_MARK, Field.CT_STATE):
        writers = [decision for decision in decisions if field in decision.written]
        if len(writers) == 1:
            after = _with(after, field, writers[0].marks)
        elif writers:
            for writer in writers:
                after = _with(after, field, after.joined(writer.marks))
    return after


def _with(marks: Marks, field: Field, source: Marks) -> Marks:
    if field is Field.MARK:
        return msgspec.structs.replace(marks, mark=source.mark)
    if field is Field.CT_MARK:
        return msgspec.structs.replace(marks, ct_mark=source.ct_mark)
    return msgspec.structs.replace(marks, untracked=source.untracked)


def _one_nat(decisions: Sequence[Decision], before: Marks) -> tuple[Decision, ...]:
    """The nat chain that rewrites first is the last that is asked (nf_nat_core.c nf_nat_inet_fn)."""
    told = [decision for decision in decisions if decision.base.kind != "nat"]
    nat = sorted((d for d in decisions if d.base.kind == "nat"), key=lambda decision: decision.base.priority)
    is_done = Answer.NO
    for _, group in groupby(nat, key=lambda decision: decision.base.priority):
        if is_done is Answer.YES:
            break
        same = list(group)
        rewriting = [decision for decision in same if decision.rewrites or decision.may_rewrite]
        for decision in same:
            others = [other for other in rewriting if other is not decision]
            told.append(possible(decision, before) if others or is_done is Answer.MAYBE else decision)
        if any(decision.rewrites and decision.verdict is Verdict.ACCEPT for decision in rewriting):
            is_done = Answer.YES
        elif rewriting:
            is_done = Answer.MAYBE
    return tuple(told)


def possible(decision: Decision, before: Marks) -> Decision:
    """A decision of a base chain that is perhaps not asked at all."""
    is_drop = decision.verdict is Verdict.DROP
    return msgspec.structs.replace(
        decision,
        verdict=Verdict.UNKNOWN if is_drop else decision.verdict,
        why=f"whether chain {decision.base.name} is asked for this packet is not known" if is_drop else decision.why,
        marks=decision.marks.joined(before),
        rewrites=(),
        may_rewrite=(*decision.rewrites, *decision.may_rewrite),
        fills=Answer.MAYBE if decision.fills is Answer.YES else decision.fills,
    )
