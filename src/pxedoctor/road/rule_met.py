"""What nf_tables told of one packet at one hook: where that is, which rule decided, and what that rule is called."""

from collections.abc import Iterable, Iterator

import msgspec

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.traced import HeardRule
from pxedoctor.netfilter.owner import owner_of
from pxedoctor.road.hop import Fate, RuleRef

_BRIDGE = {
    "prerouting": Hop.BRIDGE_PREROUTING,
    "input": Hop.BRIDGE_INPUT,
    "forward": Hop.BRIDGE_FORWARD,
    "output": Hop.BRIDGE_OUTPUT,
    "postrouting": Hop.BRIDGE_POSTROUTING,
}
_IP = {
    "prerouting": Hop.PREROUTING,
    "input": Hop.INPUT,
    "forward": Hop.FORWARD,
    "output": Hop.OUTPUT,
    "postrouting": Hop.POSTROUTING,
    "ingress": Hop.INGRESS,
    "egress": Hop.EGRESS,
}
_DROPS = frozenset({"drop", "stolen"})
# The tables that the tracer itself makes (trace/rule_table.py).
OWN = "pxedoctor_trace_"


class Met(msgspec.Struct, frozen=True, kw_only=True):
    """One base chain's word on a packet. `own`: the tracer's table, which only tells that the packet was here."""

    hop: Hop
    device: str
    at: float
    fate: Fate
    rule: RuleRef
    packet: bytes
    own: bool


def met(heard: Iterable[HeardRule]) -> tuple[Met, ...]:
    """One for each base chain that a packet went through, in time; chains that it jumped to count to their base's."""
    by_packet: dict[int, list[HeardRule]] = {}
    for step in heard:
        by_packet.setdefault(step.mark, []).append(step)
    found = [entry for steps in by_packet.values() for entry in _of_packet(steps)]
    return tuple(sorted(found, key=lambda entry: entry.at))


def _of_packet(steps: list[HeardRule]) -> Iterator[Met]:
    """The kernel quotes the headers at the beginning of each base chain."""
    chain: list[HeardRule] = []
    for step in steps:
        if step.packet and chain:
            yield from _of_chain(chain)
            chain = []
        chain.append(step)
    if chain:
        yield from _of_chain(chain)


def _of_chain(chain: list[HeardRule]) -> Iterator[Met]:
    base, last = chain[0], chain[-1]
    places = _BRIDGE if base.family == "bridge" else _IP
    hop, own = places.get(base.hook), base.table.startswith(OWN)
    # Of netdev it has one that marks the guest's packets; that they came in there, frames tell.
    if hop is None or (own and base.family == "netdev"):
        return
    yield Met(
        hop=hop,
        device=_device(hop, base),
        at=base.at,
        fate=Fate.DROP if last.verdict in _DROPS else Fate.PASS,
        rule=_reference(last, base),
        packet=base.packet,
        own=own,
    )


def _device(hop: Hop, base: HeardRule) -> str:
    outward = {Hop.OUTPUT, Hop.POSTROUTING, Hop.BRIDGE_OUTPUT, Hop.BRIDGE_POSTROUTING, Hop.EGRESS, Hop.BRIDGE_FORWARD}
    if hop in outward and base.out_device:
        return base.out_device
    return base.in_device or base.out_device


def _reference(last: HeardRule, base: HeardRule) -> RuleRef:
    by_policy = last.kind == "policy"
    return RuleRef(
        family=last.family,
        table=last.table,
        chain=last.chain,
        text=last.text or ("" if by_policy else f"handle {last.handle}"),
        handle=last.handle if not by_policy else None,
        owner=owner_of(last.table, last.chain),
        origin=f"nft -a list chain {base.family} {last.table} {last.chain}",
        by_policy=by_policy,
    )
