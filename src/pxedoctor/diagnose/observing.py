"""What probes saw, beside what the facts foretell: the roads with their witnesses, and what that means for a target."""

from pxedoctor.findings.outcome import Broken, Outcome
from pxedoctor.model.observation import Probed, ProbeOutcome
from pxedoctor.model.target import Facts, Target
from pxedoctor.road.hop import Fate, Road
from pxedoctor.road.netboot import Netboot, netboot_of
from pxedoctor.road.observed import acts, observed, promises, seen_silent
from pxedoctor.road.packet_name import PacketName


def with_witnesses(facts: Facts, target: Target, roads: tuple[Road, ...]) -> tuple[Road, ...]:
    seen = _of(facts, target)
    told = tuple(observed(road, target, facts.host, seen) for road in roads) if seen else roads
    if not facts.traces:
        return told
    from pxedoctor.road.traced_road import laid_over, lives

    packets, _ = lives(facts, target)
    return tuple(laid_over(road, packets) for road in told)


def with_trace(outcome: Outcome, facts: Facts, target: Target) -> Outcome:
    """A cause with what a trace saw where it says that packets die."""
    if not isinstance(outcome, Broken):
        return outcome
    from pxedoctor.road.traced_road import lives, proven

    return proven(outcome, lives(facts, target)[1])


def failed(facts: Facts, target: Target, roads: tuple[Road, ...]) -> PacketName | None:
    """The packet at which a boot was seen to fail; None where none was, or only another client's.

    On a bridge without guests silence is a fault only where the facts promise an answer: nobody may serve it.
    """
    boots = target.kind in {"nic", "tap"}
    for road in roads:
        if seen_silent(road) and (boots or promises(road) or road.fate is Fate.DROP):
            return road.packet
    if any(_failed(facts, target, seen) and seen.whole and acts(seen, target) for seen in _of(facts, target)):
        return PacketName.OFFER_BROADCAST
    return None


def _failed(facts: Facts, target: Target, seen: Probed) -> bool:
    """An offer that lacks nothing but a boot file fails only a guest that boots from nowhere else."""
    if seen.outcome is not ProbeOutcome.REFUSED:
        return seen.outcome is ProbeOutcome.FETCH_FAILED
    complete = any(not offer.refused and not offer.proxy for offer in seen.offers)
    return not complete or netboot_of(facts.host, target) is Netboot.ALONE


def fetched(facts: Facts, target: Target) -> bool:
    """Whether a boot was seen to come through to its file: what is unknown on its road did not hinder it.

    A guest that runs has a port of its own, of which a probe says nothing.
    """
    return target.tap is None and any(seen.outcome is ProbeOutcome.FETCHED for seen in _of(facts, target))


def _of(facts: Facts, target: Target) -> tuple[Probed, ...]:
    """The probes that did as the guest does: not those that a person had ask in another VLAN or another name."""
    return tuple(
        seen
        for seen in facts.probed(target.id)
        if seen.vlan is None and (target.mac is None or seen.fetch or seen.asked_for == target.mac)
    )
