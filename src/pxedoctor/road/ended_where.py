"""Where a boot's first lost packet ended: at a witness's word, or where it was expected first and not seen.

1. What was answered has not died: whatever became of a copy of it on another branch.
2. A branch that leads to no server is nobody's road: where the server is behind another port, the host's own INPUT may
   drop a DISCOVER, and where it is on this host, another guest's tap may.
3. An answer that was sent out of the guest's port has not died before it: that was another's packet, in a buffer of the
   same address (other network namespaces' drops are told, too, and name no device).
4. A packet that nobody saw again is lost behind the place where it was seen last. That is certain where a witness stood
   at the next place, and looked.
5. No packet at all from the guest is an answer, too: nothing left it (`verdict/wanted.py`: was that a fault?).
6. What came in by a tap that is in no bridge ended there, whatever the host makes of it: it is not its gateway.
"""

from msgspec.structs import replace

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.traced import Traced, WitnessName
from pxedoctor.road.counter_moves import end_by_counters, hop_of_chain, rule_that_counted
from pxedoctor.road.hop import Fate
from pxedoctor.road.kernel_place import A_RULE
from pxedoctor.road.life import Death, Packet, PacketKind, Sighting
from pxedoctor.road.unseen import Serving, answer_unseen, has, others, question_unseen, unplugged, unread

_STAGES: tuple[frozenset[PacketKind], ...] = (
    frozenset({"DISCOVER", "SOLICIT", "BOOTREQUEST"}),
    frozenset({"OFFER", "ADVERTISE", "BOOTREPLY"}),
    frozenset({"REQUEST", "REQUEST6"}),
    frozenset({"ACK", "REPLY6"}),
    frozenset({"ARP-REQUEST"}),
    frozenset({"ARP-REPLY"}),
    frozenset({"TFTP-RRQ", "HTTP-SYN"}),
    frozenset({"TFTP-DATA", "HTTP-SYN-ACK"}),
)
_FETCH = 6
_ANSWERS: dict[PacketKind, frozenset[PacketKind]] = {
    "DISCOVER": frozenset({"OFFER", "ACK", "BOOTREPLY"}),
    "REQUEST": frozenset({"ACK", "NAK", "BOOTREPLY"}),
    "SOLICIT": frozenset({"ADVERTISE", "REPLY6"}),
    "REQUEST6": frozenset({"REPLY6"}),
    "BOOTREQUEST": frozenset({"BOOTREPLY"}),
    "TFTP-RRQ": frozenset({"TFTP-DATA", "TFTP-ERROR"}),
    "HTTP-SYN": frozenset({"HTTP-SYN-ACK"}),
    "ARP-REQUEST": frozenset({"ARP-REPLY"}),
}
_ANSWERED_FROM = frozenset({Hop.SERVER, Hop.UPLINK})
_LOCAL = frozenset({Hop.BRIDGE_INPUT, Hop.ROUTE, Hop.INPUT, Hop.SERVER})
_STACK = frozenset({Hop.ROUTE, Hop.INPUT, Hop.SERVER})
# An answer's copy for the host itself, and what a guest in a namespace of this kernel does with it behind its device.
_UPWARD = frozenset({Hop.NIC, Hop.TAP, Hop.BRIDGE, *_LOCAL})
_ACROSS = frozenset({Hop.EXIT, Hop.BRIDGE_FORWARD, Hop.FORWARD, Hop.UPLINK, Hop.EGRESS, Hop.DELIVERY})
# Where an answer passes before it is sent out of the guest's port.
_BEFORE_THE_PORT = _ACROSS - {Hop.EGRESS, Hop.DELIVERY} | {
    Hop.OUTPUT,
    Hop.PREROUTING,
    Hop.POSTROUTING,
    Hop.BRIDGE_PREROUTING,
    Hop.BRIDGE_OUTPUT,
    Hop.BRIDGE_POSTROUTING,
}
_ANSWER_SECONDS = 5.0
# What is on its way still.
_YOUNG_SECONDS = 0.25


def lived(packets: tuple[Packet, ...], traced: Traced, serving: Serving) -> tuple[Packet, ...]:
    """The packets without drops that were none of theirs."""
    plugged = tuple(_ended_at_the_tap(packet, traced) for packet in packets)
    return tuple(_without_branches(packet, plugged, _side(packet, traced, serving)) for packet in plugged)


def death(packets: tuple[Packet, ...], traced: Traced, serving: Serving) -> tuple[tuple[Packet, ...], Death | None]:
    """The packets of `lived`, with the place where a lost one was expected, and the first one's end."""
    if not packets:
        return (), _nothing_left(traced) or end_by_counters(traced)
    packets = tuple(_expected(packet, packets, traced, _side(packet, traced, serving)) for packet in packets)
    reached = max((_stage(packet.kind) for packet in packets if _came(packet)), default=-1)
    answers = [packet for packet in packets if packet.direction == "to-guest" and packet.died is not None]
    for kinds in _STAGES:
        lost = [packet for packet in packets if packet.kind in kinds and packet.died is not None]
        lost = [
            packet for packet in lost if not _is_history(packet, packets) and not _was_answered_before(packet, answers)
        ]
        if lost:
            return packets, _with_counted_rule(_of(_best_told(lost, traced), traced), traced)
    asked = any(packet.direction == "from-guest" and packet.kind in _STAGES[0] for packet in packets)
    return packets, None if asked or reached >= 0 else _nothing_left(traced)


def _is_history(packet: Packet, packets: tuple[Packet, ...]) -> bool:
    """Whether the same guest came as far as that, or further, afterwards.

    Who asks it by ARP may have its address from an old lease: that is none of its steps.
    """
    return any(
        other.kind != "ARP-REQUEST"
        and other.mac == packet.mac
        and other.at > packet.at
        and _stage(other.kind) >= _stage(packet.kind)
        and _came(other)
        for other in packets
    )


def _was_answered_before(packet: Packet, answers: list[Packet]) -> bool:
    """Whether of this question no end was seen, and of an answer to it was: the server hears it, and answers."""
    end = packet.died
    if end is None or end.hop is not Hop.SERVER or end.fate is not Fate.UNKNOWN:
        return False
    kinds = _ANSWERS.get(packet.kind, frozenset())
    return any(
        other.kind in kinds and other.xid == packet.xid and other.died is not None and other.died.fate is Fate.DROP
        for other in answers
    )


def answered(packets: tuple[Packet, ...]) -> bool:
    """Whether an answer to the question for an address came as far as the guest's port."""
    kinds: frozenset[PacketKind] = _STAGES[1] | _STAGES[3]
    return any(packet.kind in kinds and _came(packet) for packet in packets)


def _side(packet: Packet, traced: Traced, serving: Serving) -> Serving:
    """A server that nobody knows of is behind another port only where there is one."""
    return "unknown" if serving == "beyond" and not others(packet, traced) else serving


def _stage(kind: PacketKind) -> int:
    return next((number for number, kinds in enumerate(_STAGES) if kind in kinds), -1)


def _came(packet: Packet) -> bool:
    """To the guest's port, or as a question that was answered."""
    return packet.direction == "to-guest" and packet.died is None and has(packet, Hop.EGRESS)


def _ended_at_the_tap(packet: Packet, traced: Traced) -> Packet:
    end = unplugged(packet, traced)
    return packet if end is None else replace(packet, sightings=(*_at_the_tap(packet), end))


def _at_the_tap(packet: Packet) -> tuple[Sighting, ...]:
    return tuple(seen for seen in packet.sightings if seen.hop is Hop.TAP and seen.fate is Fate.PASS)


def _without_branches(packet: Packet, packets: tuple[Packet, ...], serving: Serving) -> Packet:
    if packet.direction == "to-guest":
        nobodys = _UPWARD | (_BEFORE_THE_PORT if has(packet, Hop.EGRESS) else frozenset[Hop]())
        own = tuple(seen for seen in packet.sightings if seen.fate is Fate.PASS or seen.hop not in nobodys)
        return replace(packet, sightings=own)
    if _answer(packet, packets):
        return replace(packet, sightings=tuple(seen for seen in packet.sightings if seen.fate is Fate.PASS))
    if packet.kind in _STAGES[_FETCH]:
        # Sent to one station alone: it has one road, which may lead on from this host.
        return packet
    wanted = tuple(seen for seen in packet.sightings if seen.fate is Fate.PASS or _counts(seen, packet, serving))
    return replace(packet, sightings=wanted)


def _counts(seen: Sighting, packet: Packet, serving: Serving) -> bool:
    match serving:
        case "socket":
            return seen.hop not in _ACROSS
        case "frames":
            return seen.hop not in _ACROSS and seen.hop not in _STACK
        case "beyond":
            return seen.hop not in _LOCAL
        case "unknown":
            return not (has(packet, Hop.UPLINK) and seen.hop in _LOCAL)


def _answer(packet: Packet, packets: tuple[Packet, ...]) -> bool:
    kinds = _ANSWERS.get(packet.kind, frozenset())
    return any(
        other.kind in kinds
        and other.xid == packet.xid
        and 0 <= other.at - packet.at < _ANSWER_SECONDS
        and (packet.kind != "ARP-REQUEST" or other.source == packet.destination)
        for other in packets
    )


def _expected(packet: Packet, packets: tuple[Packet, ...], traced: Traced, serving: Serving) -> Packet:
    """With the first place where it was expected and not seen; as it is where it went on, or is on its way."""
    young = traced.seconds - packet.at < _YOUNG_SECONDS
    # Whoever asks for its own address hopes that nobody answers (RFC 5227).
    probes = packet.kind == "ARP-REQUEST" and packet.source in {"0.0.0.0", packet.destination}
    if packet.died is not None or probes or _answer(packet, packets) or _stage(packet.kind) < 0:
        return packet
    if young:
        # What has not come to the guest has not healed what was lost before.
        not_read = unread(packet, packets, traced)
        return packet if not_read is None else replace(packet, sightings=(*packet.sightings, not_read))
    missing = (
        question_unseen(packet, traced, serving)
        if packet.direction == "from-guest"
        else answer_unseen(packet, packets, traced)
    )
    if missing is not None and missing.hop in _ANSWERED_FROM and packet.kind not in _ANSWERS:
        # It came to where it was to come, and nobody answers it: the guest's own answer to ARP.
        return packet
    return packet if missing is None else replace(packet, sightings=(*packet.sightings, missing))


def _best_told(lost: list[Packet], traced: Traced) -> Packet:
    """The last; where nobody stood at the hooks for it, one before that is told better, if it passed the same places.

    Better is what is certain, and else what somebody saw to be dropped.
    """
    last = lost[-1]
    if traced.at_hooks(last.at):
        return last
    alike = [packet for packet in lost if packet.kind == last.kind and _passed(last) <= _passed(packet)]
    certain = [packet for packet in alike if _of(packet, traced).certain]
    dropped = [packet for packet in alike if packet.died is not None and packet.died.fate is Fate.DROP]
    return next(iter((*reversed(certain), *reversed(dropped))), last)


def _passed(packet: Packet) -> frozenset[Hop]:
    return frozenset(seen.hop for seen in packet.sightings if seen.fate is Fate.PASS)


def _of(packet: Packet, traced: Traced) -> Death:
    end = packet.died
    assert end is not None
    who = tuple(dict.fromkeys(seen.witness for seen in packet.sightings if seen.hop is end.hop or seen is end))
    watched = traced.looked(WitnessName.FRAMES) and traced.at_hooks(packet.at)
    return Death(
        hop=end.hop,
        device=end.device,
        kind=packet.kind,
        words=end.words,
        reason=end.reason,
        rule=end.rule,
        witnesses=who,
        # Between two places of frames there are hooks, of which rules alone tell.
        certain=not end.or_near and (end.fate is Fate.DROP or watched),
        packet=packet,
    )


def _with_counted_rule(death_: Death, traced: Traced) -> Death:
    """The kernel's word that a rule drops it names no hook, and nobody traced rules: then the one that counted does."""
    rule = rule_that_counted(traced)
    if death_.certain or A_RULE not in death_.words or traced.looked(WitnessName.RULES) or rule is None:
        return death_
    words = f"{death_.words}; of all that drop one alone has counted: {rule.name} (+{rule.moved})"
    witnesses = (*death_.witnesses, WitnessName.COUNTERS)
    return replace(death_, hop=hop_of_chain(rule.device), words=words, witnesses=witnesses)


def _nothing_left(traced: Traced) -> Death | None:
    """Nobody saw the guest ask for anything."""
    if traced.mac is None or not traced.looked(WitnessName.FRAMES):
        return None
    where = traced.tap or traced.bridge
    return Death(
        hop=Hop.NIC,
        device=where,
        kind="DISCOVER",
        words=f"no DISCOVER left the guest in {traced.seconds:.0f} s: nothing of it was seen on {where}",
        witnesses=(WitnessName.FRAMES,),
        certain=traced.tap is not None,
    )
