"""What becomes of one packet at one hook: every base chain that it passes there, one after the other.

1. At an IP hook the kernel asks the tables of its family and inet's; at bridge and ARP hooks their own; at a device's
   ingress and egress netdev's chains that name the device, and inet's ingress.
2. Smaller priorities come first (include/uapi/linux/netfilter_ipv4.h). A drop is final; accept lets the packet go on to
   the next base chain. Chains of type nat run at NAT's own priority, whatever theirs is, until one of them rewrites
   (net/netfilter/nf_nat_core.c nf_nat_register_fn, nf_nat_inet_fn).
3. Of base chains at one priority the order is not listed: what they write on the packet is known only as far as the
   order does not matter.
"""

from collections.abc import Mapping
from itertools import groupby
from typing import Protocol

import msgspec

from pxedoctor.model.netfilter import Unlisted
from pxedoctor.netfilter.condition import Answer, unnamed
from pxedoctor.netfilter.hook_order import Base, at_priority, possible, priority
from pxedoctor.netfilter.seen import Family, Hook, Marks, Seen
from pxedoctor.netfilter.syntax import Chain, NamedSet, Rewrite, Table
from pxedoctor.netfilter.walk import Decision, Verdict
from pxedoctor.netfilter.walk_way import NOT_KNOWN

_FAMILIES = {
    Family.IP: frozenset({"ip", "inet"}),
    Family.IP6: frozenset({"ip6", "inet"}),
    Family.ARP: frozenset({"arp"}),
    Family.BRIDGE: frozenset({"bridge"}),
    Family.NETDEV: frozenset({"netdev", "inet"}),
}


class Rules(Protocol):
    """All rules of a host, as `netfilter.ruleset` holds them."""

    @property
    def tables(self) -> tuple[Table, ...]: ...

    @property
    def ipsets(self) -> Mapping[str, NamedSet]: ...

    @property
    def unlisted(self) -> tuple[Unlisted, ...]: ...

    @property
    def queues(self) -> frozenset[int] | None: ...


class AtHook(msgspec.Struct, frozen=True, kw_only=True):
    """`decisions` in the order of the base chains, up to the one that drops.

    `deciding`: the one that drops, or whose doubt decides; None: every chain accepts, or rules that nobody could list
    decide (`why`).
    """

    verdict: Verdict
    deciding: Decision | None = None
    decisions: tuple[Decision, ...] = ()
    why: str = ""
    marks: Marks
    rewrites: tuple[Rewrite, ...] = ()
    may_rewrite: tuple[Rewrite, ...] = ()
    fills: Answer = Answer.NO


def at_hook(rules: Rules, seen: Seen) -> AtHook:
    """The fate of what is seen at its place."""
    unlisted = _unlisted(rules, seen)
    marks = NOT_KNOWN if unlisted is not None else seen.marks
    decisions: list[Decision] = []
    for _, group in groupby(_bases(rules, seen), key=lambda base: priority(base[1])):
        told, marks = _told(tuple(group), msgspec.structs.replace(seen, marks=marks, queues=rules.queues), rules.ipsets)
        decisions += told
        if any(decision.verdict is Verdict.DROP for decision in told):
            break
    return _summed(tuple(decisions), marks, unlisted)


def _unlisted(rules: Rules, seen: Seen) -> Unlisted | None:
    families = _FAMILIES[seen.place.family] | {""}
    return next((unlisted for unlisted in rules.unlisted if unlisted.family in families), None)


def _bases(rules: Rules, seen: Seen) -> list[Base]:
    """The base chains that see it, by priority."""
    found = [
        (table, chain)
        for table in rules.tables
        if table.family in _FAMILIES[seen.place.family]
        for chain in table.base_chains(seen.place.hook)
        if seen.place.family is not Family.NETDEV or _hears(chain, seen) is not Answer.NO
    ]
    return sorted(found, key=lambda base: priority(base[1]))


def _hears(chain: Chain, seen: Seen) -> Answer:
    """Whether a netdev chain is on the packet's device. A final `*` stands for any rest of the name.

    A chain without devices is one whose devices are not listed (`nft -j` of nft 1.0.6).
    """
    device = seen.place.in_device if seen.place.hook is Hook.INGRESS else seen.place.out_device
    if not chain.devices:
        return Answer.MAYBE
    if device is None:
        return unnamed(seen.place, [(name.removesuffix("*"), name.endswith("*")) for name in chain.devices])
    named = any(device.startswith(n[:-1]) if n.endswith("*") else device == n for n in chain.devices)
    return Answer.YES if named else Answer.NO


def _told(bases: tuple[Base, ...], seen: Seen, ipsets: Mapping[str, NamedSet]) -> tuple[tuple[Decision, ...], Marks]:
    told, marks = at_priority(bases, seen, ipsets)
    if seen.place.family is not Family.NETDEV or all(_hears(chain, seen) is Answer.YES for _, chain in bases):
        return told, marks
    return tuple(possible(decision, seen.marks) for decision in told), marks.joined(seen.marks)


def _summed(decisions: tuple[Decision, ...], marks: Marks, unlisted: Unlisted | None) -> AtHook:
    found = {verdict: [d for d in decisions if d.verdict is verdict] for verdict in Verdict}
    deciding = next(iter((*found[Verdict.DROP], *found[Verdict.UNKNOWN])), None)
    verdict = deciding.verdict if deciding is not None else Verdict.ACCEPT
    why = deciding.why if deciding is not None else ""
    if deciding is None and unlisted is not None:
        verdict, why = Verdict.UNKNOWN, unlisted.why
    fills = {decision.fills for decision in decisions}
    return AtHook(
        verdict=verdict,
        deciding=deciding,
        decisions=decisions,
        why=why,
        marks=NOT_KNOWN if unlisted is not None else marks,
        rewrites=tuple(rewrite for decision in decisions for rewrite in decision.rewrites),
        may_rewrite=tuple(rewrite for decision in decisions for rewrite in decision.may_rewrite),
        fills=next((answer for answer in (Answer.YES, Answer.MAYBE) if answer in fills), Answer.NO),
    )
