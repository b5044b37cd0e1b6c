"""What several witnesses saw, joined to packets: one life each, in time.

1. Frames tell what a packet is. Copies of one are the same packet while it can still be on its way through the host;
   what comes later with the same transaction is a retransmission, and a packet of its own.
2. A rule's word belongs to the packet whose xid and addresses it quotes.
3. The kernel's word on a drop names a buffer: where that was seen last, at which device and how long, says whose it is.
   The bridge makes a copy of a frame for each port, and a copy's buffer may never have been seen: then the processor
   that handled the frame last is asked, for a moment only, and its word is not certain (`drop_origin.py`).
4. A drop on a branch that leads to no server is nobody's death (`branch.py`).
"""

from msgspec.structs import replace

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.traced import HeardEvent, HeardFrame, Traced, WitnessName
from pxedoctor.road.draft import Draft, length_of, seen_at
from pxedoctor.road.drop_origin import Origin, Origins, by_tc, had_left
from pxedoctor.road.hop import Fate
from pxedoctor.road.kernel_place import is_netfilter, place_of
from pxedoctor.road.life import Direction, Packet, Sighting
from pxedoctor.road.packet_read import Quoted, named, quoted
from pxedoctor.road.rule_met import Met, met
from pxedoctor.wire.ethernet import IPV4, IPV6

_ANYBODYS = "its time alone says that it was this packet, and not another's of this machine"


def joined(traced: Traced) -> tuple[Packet, ...]:
    """All packets that anybody saw, in the order in which they set out."""
    drafts = _of_frames(traced)
    _add_rules(drafts, traced)
    _add_drops(drafts, traced)
    drafts.sort(key=lambda draft: draft.at)
    numbers: dict[tuple[str, ...], int] = {}
    packets = []
    for draft in drafts:
        key = draft.same or (draft.kind, draft.xid)
        numbers[key] = numbers.get(key, 0) + 1
        packets.append(draft.packet(numbers[key]))
    return tuple(packets)


def _of_frames(traced: Traced) -> list[Draft]:
    drafts: list[Draft] = []
    homes: dict[str, str] = {}
    for heard in sorted(traced.frames, key=lambda frame: frame.at):
        found = named(heard, traced.mac, traced.http)
        if found is None or (traced.mac is not None and found.mac != traced.mac):
            continue
        if found.direction == "from-guest" and heard.direction == "in" and heard.device != traced.bridge:
            homes.setdefault(found.mac, traced.tap or heard.device)
        draft = next((known for known in reversed(drafts[-50:]) if known.takes(found, heard)), None)
        if draft is None:
            draft = Draft(found.kind, found.direction, found.mac, heard.at)
            draft.name(found)
            drafts.append(draft)
        draft.add(found, heard, _hop_of(heard, found.direction, homes.get(found.mac, traced.tap or ""), traced))
    return drafts


def _hop_of(heard: HeardFrame, direction: Direction, home: str, traced: Traced) -> Hop | None:
    """Which place on the road a frame at this device shows; None: a branch that leads to no server and no guest."""
    return hop_at(heard.device, heard.direction == "in", direction, home, traced)


def hop_at(device: str, inward: bool, direction: Direction, home: str, traced: Traced) -> Hop | None:
    if direction == "from-guest":
        if device == traced.bridge:
            return Hop.BRIDGE if inward else None
        if inward:
            return Hop.TAP if device == home else None
        return Hop.UPLINK if device in traced.outward and device != home else None
    if device == traced.bridge:
        return None if inward else Hop.OUTPUT
    if inward:
        return Hop.UPLINK if device != home else None
    return Hop.EGRESS if device == home else None


def _add_rules(drafts: list[Draft], traced: Traced) -> None:
    for entry in met(traced.rules):
        told = quoted(entry.packet, traced.http)
        draft = _quoted_by(drafts, told, entry.at) if told is not None else None
        if draft is None:
            draft = _only_told(told, entry, traced)
            if draft is None:
                continue
            drafts.append(draft)
        if not _is_known(draft, entry):
            draft.sightings.append(_by_rule(entry))


def _is_known(draft: Draft, entry: Met) -> bool:
    """Copies of a packet (one for each port) meet the same chain."""
    rule = None if entry.own else entry.rule
    return any(
        (seen.hop, seen.device, seen.fate, seen.rule) == (entry.hop, entry.device, entry.fate, rule)
        for seen in draft.sightings
        if seen.witness is WitnessName.RULES
    )


def _by_rule(entry: Met) -> Sighting:
    drops = entry.fate is Fate.DROP
    what = "the policy" if entry.rule.by_policy else "a rule"
    words = f"{what} of {entry.rule.family} {entry.rule.table} {entry.rule.chain} drops it" if drops else ""
    return Sighting(
        hop=entry.hop,
        device=entry.device,
        at=entry.at,
        witness=WitnessName.RULES,
        fate=entry.fate,
        words=words,
        rule=None if entry.own else entry.rule,
    )


def _quoted_by(drafts: list[Draft], told: Quoted, at: float) -> Draft | None:
    """The nearest packet with these ends and this xid; nf_tables' word has no time of its own and comes a bit late."""
    fits = [draft for draft in drafts if _can_be_late(draft, at) and told.direction in {None, draft.direction}]
    if told.xid:
        same = [draft for draft in fits if draft.xid == told.xid]
        # What is masqueraded leaves from another port than the rules before that quote.
        fits = [draft for draft in same if draft.source == told.source] or [
            draft for draft in same if draft.source.rpartition(":")[0] == told.source.rpartition(":")[0] != ""
        ]
    else:
        fits = [draft for draft in fits if (draft.source, draft.destination) == (told.source, told.destination)]
    return min(fits, key=lambda draft: abs(at - draft.at), default=None)


def _can_be_late(draft: Draft, at: float) -> bool:
    """Whether a rule that is told of at that moment can mean it. What only rules told of has a rule's own time."""
    return draft.lives_late(at) if draft.seen else draft.lives_at(at)


def _only_told(told: Quoted | None, entry: Met, traced: Traced) -> Draft | None:
    """A packet of which nobody but a rule tells."""
    if told is None or told.kind is None or told.direction is None:
        return None
    draft = Draft(told.kind, told.direction, traced.mac or "", entry.at)
    draft.xid, draft.source, draft.destination = told.xid, told.source, told.destination
    return draft


def _add_drops(drafts: list[Draft], traced: Traced) -> None:
    """Drops, and where nobody looks at frames also what the kernel tells of devices."""
    frames = traced.looked(WitnessName.FRAMES)
    origins = Origins()
    for event in sorted(traced.events, key=lambda entry: entry.at):
        if event.event != "free":
            origins.saw(event)
            if not frames:
                _walked(drafts, event, traced)
            continue
        sent = _just_sent(drafts, event) if not origins.knows(event, traced.bridge) else None
        if sent is not None:
            sent.sightings.append(_doubted(_by_kernel(event, Hop.EGRESS, traced.bridge, or_near=True)))
            continue
        origin = origins.of(event)
        draft = _whose(drafts, origin, event.protocol) if origin is not None else None
        if draft is not None and origin is not None:
            _dropped(draft, event, origin, traced, _home(drafts, draft.mac, traced))


def _just_sent(drafts: list[Draft], event: HeardEvent) -> Draft | None:
    """The answer of which only rules told, where tc drops in this moment what was never seen at a device.

    tc comes before the queue and the packet sockets, so that nobody else tells what the bridge was to send.
    """
    if not by_tc(event):
        return None
    told = [
        draft
        for draft in drafts
        if draft.direction == "to-guest"
        and not draft.seen
        and all(seen.fate is Fate.PASS for seen in draft.sightings)
        and draft.told_about(event.at)
        and _is_of(draft, event.protocol)
    ]
    return min(told, key=lambda draft: abs(event.at - draft.at), default=None)


def _home(drafts: list[Draft], mac: str, traced: Traced) -> str | None:
    """The guest's own port: as the trace was told, or where its frames came in."""
    sightings = (seen for draft in drafts if draft.mac == mac for seen in draft.sightings)
    return traced.tap or next((seen.device for seen in sightings if seen.hop is Hop.TAP), None)


def _whose(drafts: list[Draft], origin: Origin, protocol: int | None) -> Draft | None:
    event = origin.event
    seen = seen_at(drafts, event, protocol) or (seen_at(drafts, origin.first, protocol) if origin.same else None)
    if seen is not None:
        return seen
    told = [
        draft for draft in drafts if not draft.seen and draft.lives_at(event.at) and _may_be(draft, event, protocol)
    ]
    return told[-1] if told else None


def _may_be(draft: Draft, origin: HeardEvent, protocol: int | None) -> bool:
    """It is of the same protocol; and what this host sends to the guest has not come in by a device."""
    if not _is_of(draft, protocol):
        return False
    return draft.direction == "from-guest" or origin.event != "receive"


def _is_of(draft: Draft, protocol: int | None) -> bool:
    """A rule quotes an IPv4 packet with its ports, and one of IPv6 without (`packet_read`)."""
    return protocol == (IPV4 if "." in draft.source else IPV6)


def _dropped(draft: Draft, event: HeardEvent, origin: Origin, traced: Traced, home: str | None) -> None:
    if is_netfilter(event.location, event.reason):
        told = next((seen for seen in draft.sightings if seen.fate is Fate.DROP and seen.rule is not None), None)
        if told is not None:
            return
    place, last = place_of(event.location, event.reason), origin.event
    if had_left(last, place.hop, traced.bridge):
        return
    hook = _last_hook(draft) if place.hop is None and traced.at_hooks(draft.at) else None
    words = f"{place.words}; none of nf_tables' rules: conntrack, or a rule of iptables-legacy" if hook else place.words
    where = place.hop or hook or _after(last, draft.direction, traced)
    device = _device_of(where, last, draft.direction, traced, home)
    near = place.hop is None and hook is None
    dropped = replace(_by_kernel(event, where, device, or_near=near), words=words)
    draft.sightings.append(dropped if origin.same and _is_surely(draft, last, home) else _doubted(dropped))


def _is_surely(draft: Draft, last: HeardEvent, home: str | None) -> bool:
    """What passed the guest's own port is the guest's; of what rules alone told, elsewhere the time says it."""
    return bool(draft.seen) or last.device == home


def _doubted(seen: Sighting) -> Sighting:
    return replace(seen, words=f"{seen.words}; {_ANYBODYS}", or_near=True)


def _by_kernel(event: HeardEvent, hop: Hop, device: str, or_near: bool) -> Sighting:
    return Sighting(
        hop=hop,
        device=device,
        at=event.at,
        witness=WitnessName.KERNEL,
        fate=Fate.DROP,
        reason=event.reason,
        words=place_of(event.location, event.reason).words,
        or_near=or_near,
    )


def _device_of(hop: Hop, origin: HeardEvent, direction: Direction, traced: Traced, home: str | None) -> str:
    """What is dropped on its way out, or up, was seen last at the device before."""
    if hop is Hop.BRIDGE:
        return traced.bridge
    if hop is not Hop.EGRESS or origin.event == "queue":
        return origin.device
    if direction == "to-guest":
        return home or origin.device
    onward = [port for port in traced.outward if port != home]
    return onward[0] if len(onward) == 1 and origin.device != traced.bridge else origin.device


def _last_hook(draft: Draft) -> Hop | None:
    """The hook to which a rule's word says that it came, and no further."""
    told = [seen.hop for seen in draft.sightings if seen.witness is WitnessName.RULES]
    return told[-1] if told else None


def _after(origin: HeardEvent, direction: Direction, traced: Traced) -> Hop:
    """The first hook behind the place where the kernel told of it last."""
    inward, bridge = origin.event == "receive", origin.device == traced.bridge
    if direction == "from-guest":
        if bridge:
            return Hop.INPUT
        return Hop.BRIDGE_PREROUTING if inward else Hop.EGRESS
    if bridge:
        return Hop.BRIDGE_OUTPUT
    return Hop.BRIDGE_PREROUTING if inward else Hop.DELIVERY


def _walked(drafts: list[Draft], event: HeardEvent, traced: Traced) -> None:
    """With nobody at the packet sockets: which devices a packet passed, as far as its time tells whose event it is."""
    inward = event.event == "receive"
    for direction in ("from-guest", "to-guest"):
        hop = hop_at(event.device, inward, direction, traced.tap or "", traced)
        draft = next((d for d in reversed(drafts) if d.direction == direction and d.lives_at(event.at)), None)
        if hop is not None and draft is None and event.device == traced.tap and inward != (direction == "to-guest"):
            draft = Draft("OTHER", direction, traced.mac or "", event.at)
            draft.length = length_of(event.length or 0, event.event)
            drafts.append(draft)
        known = draft is None or any(seen.hop is hop and seen.device == event.device for seen in draft.sightings)
        if hop is not None and draft is not None and not known:
            draft.saw(hop, event.device, event.at, WitnessName.KERNEL)
