"""What a trace saw, laid over the roads that the facts foretell, and what it says of the first lost packet's end."""

import msgspec

from pxedoctor.findings.outcome import Broken, Evidence, Hop
from pxedoctor.model.target import Facts, Target
from pxedoctor.road.ended_where import death, lived
from pxedoctor.road.hop import Fate, Road, RoadHop
from pxedoctor.road.joined import joined
from pxedoctor.road.life import Death, Packet, PacketKind, Sighting
from pxedoctor.road.packet_name import PacketName
from pxedoctor.road.serving_side import serving

_KINDS: dict[PacketName, PacketKind] = {
    PacketName.DISCOVER: "DISCOVER",
    PacketName.OFFER_BROADCAST: "OFFER",
    PacketName.OFFER_UNICAST: "OFFER",
    PacketName.REQUEST: "REQUEST",
    PacketName.ACK_BROADCAST: "ACK",
    PacketName.ACK_UNICAST: "ACK",
    PacketName.SOLICIT: "SOLICIT",
    PacketName.ADVERTISE: "ADVERTISE",
    PacketName.TFTP_RRQ: "TFTP-RRQ",
    PacketName.TFTP_DATA: "TFTP-DATA",
    PacketName.HTTP_SYN: "HTTP-SYN",
    PacketName.HTTP_SYN_ACK: "HTTP-SYN-ACK",
}
_NOBODY: tuple[tuple[Packet, ...], Death | None] = ((), None)


def lives(facts: Facts, target: Target) -> tuple[tuple[Packet, ...], Death | None]:
    """The packets that the target's last trace saw, and the first lost one's end."""
    traced = next((entry for entry in reversed(facts.traces) if entry.target == target.id), None)
    if traced is None:
        return _NOBODY
    side = serving(facts, target)
    return death(lived(joined(traced), traced, side), traced, side)


def lost_beyond(facts: Facts, target: Target) -> Death | None:
    """The end of a question for an address that a trace saw leave this host, and nothing came back; else None."""
    _, end = lives(facts, target)
    is_question = end is not None and end.kind in {"DISCOVER", "BOOTREQUEST"}
    return end if end is not None and is_question and end.hop is Hop.UPLINK and end.certain else None


def laid_over(road: Road, packets: tuple[Packet, ...]) -> Road:
    """The road with what the last packet of its kind went through. What nobody saw there stays as it is."""
    kind = _KINDS.get(road.packet)
    seen = [packet for packet in packets if packet.kind == kind]
    if not seen:
        return road
    hops = tuple(_observed(hop, seen[-1].sightings) for hop in road.hops)
    return msgspec.structs.replace(road, hops=hops)


def _observed(hop: RoadHop, sightings: tuple[Sighting, ...]) -> RoadHop:
    here = [seen for seen in sightings if seen.hop is hop.hop and seen.device in {hop.device, ""}]
    told = next((seen for seen in here if seen.fate is not Fate.PASS), here[-1] if here else None)
    if told is None:
        return hop
    reason = f": {told.words}" if told.words else ""
    witness = f"a trace saw it at {told.at:.3f} s ({told.witness}){reason}"
    return msgspec.structs.replace(hop, observed=told.fate, witness=witness)


def proven(broken: Broken, end: Death | None) -> Broken:
    """A cause that says where packets die, beside a trace that saw one die there."""
    if end is None or end.hop is not broken.hop or not end.certain or broken.severity != "broken":
        return broken
    origin = f"a trace ({', '.join(end.witnesses)})" if end.witnesses else "a trace"
    value = end.rule.text if end.rule is not None else end.reason
    text = end.words if end.packet is None else f"a {end.kind} was seen to die here: {end.words}"
    evidence = Evidence(text, origin, value)
    return msgspec.structs.replace(broken, certainty="proven", evidence=(*broken.evidence, evidence))
