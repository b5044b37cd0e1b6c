"""The first place where a packet was expected, and nobody saw it; and what the guest was given and did not take."""

from typing import Literal

from msgspec.structs import replace

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.traced import Traced, WitnessName
from pxedoctor.road.counter_moves import TX_DROPPED, does_not_read
from pxedoctor.road.hop import Fate
from pxedoctor.road.life import Packet, PacketKind, Sighting

# How the server hears: a socket of this host, whole frames on it, behind another port; "unknown": any of them.
Serving = Literal["socket", "frames", "beyond", "unknown"]
_SERVERS_PORT = ":67"


def has(packet: Packet, hop: Hop) -> bool:
    """Whether it was seen to pass there."""
    return any(seen.hop is hop and seen.fate is Fate.PASS for seen in packet.sightings)


def others(packet: Packet, traced: Traced) -> tuple[str, ...]:
    """The ports that lead elsewhere than to the guest that sent this."""
    own = {seen.device for seen in packet.sightings if seen.hop is Hop.TAP}
    return tuple(port for port in traced.outward if port not in own)


def unplugged(packet: Packet, traced: Traced) -> Sighting | None:
    """The end of a question that came in by the guest's own tap while that was no port of the bridge; else None."""
    port = next((seen for seen in packet.sightings if seen.hop is Hop.TAP and seen.device == traced.tap), None)
    if port is None:
        return None
    known = any(moment.device == port.device for moment in traced.states)
    if (known or port.device in traced.ports) and _state_at(traced, port.device, packet.at) != "gone":
        return None
    words = f"it came in at {port.device}, which is not plugged into {traced.bridge}"
    return Sighting(
        hop=Hop.TAP, device=port.device, at=port.at, witness=WitnessName.FRAMES, fate=Fate.DROP, words=words
    )


def question_unseen(packet: Packet, traced: Traced, serving: Serving) -> Sighting | None:
    """Where a guest's question was expected first and not seen; None where it was never seen to set out."""
    if not has(packet, Hop.TAP):
        return None
    port = next(seen for seen in packet.sightings if seen.hop is Hop.TAP)
    if has(packet, Hop.FORWARD) and has(packet, Hop.BRIDGE):
        return _unseen(Hop.UPLINK, traced.bridge, packet, "the host routed it on, and nothing came back")
    beyond = serving == "beyond"
    there = Hop.UPLINK if beyond else Hop.BRIDGE
    if not has(packet, there):
        return _behind_port(packet, port, traced, there)
    if not beyond and serving == "socket" and _is_lost_in_routing(packet, traced):
        words = (
            "it was seen at PREROUTING and at no hook behind it: conntrack, or the host's routing, has not let it go on"
        )
        return replace(_unseen(Hop.ROUTE, traced.bridge, packet, words), or_near=True)
    silent = "it left this host, and nothing came back" if beyond else _silence(traced)
    device = others(packet, traced)[0] if beyond else traced.bridge
    return _unseen(Hop.UPLINK if beyond else Hop.SERVER, device, packet, silent)


def _is_lost_in_routing(packet: Packet, traced: Traced) -> bool:
    behind = has(packet, Hop.INPUT) or has(packet, Hop.FORWARD)
    return traced.at_hooks(packet.at) and has(packet, Hop.PREROUTING) and not behind


def _silence(traced: Traced) -> str:
    """With the server's own word, where it logged that it heard the guest."""
    wanted = "DHCPDISCOVER"
    heard = next((word.text for word in traced.words if wanted in word.text and (traced.mac or "") in word.text), "")
    if heard:
        return f"the server heard it and did not answer; it says: {heard[-160:]}"
    return "it came to the host, and nobody answered"


def _behind_port(packet: Packet, port: Sighting, traced: Traced, there: Hop) -> Sighting:
    state = _state_at(traced, port.device, packet.at)
    if state not in {"forwarding", ""}:
        return Sighting(
            hop=Hop.PORT,
            device=port.device,
            at=packet.at,
            witness=WitnessName.FRAMES,
            fate=Fate.DROP,
            words=f"its port was {state}: such a port takes nothing in",
        )
    device = others(packet, traced)[0] if there is Hop.UPLINK else traced.bridge
    words = f"it came in at {port.device}, and was not seen at {device}"
    if there is Hop.UPLINK:
        return _unseen(_before_uplink(packet), device, packet, words)
    hop = _before_bridge(packet, traced)
    return _unseen(hop, device if hop is Hop.BRIDGE else port.device, packet, words)


def _before_uplink(packet: Packet) -> Hop:
    """The first place behind the last hook at which a rule's word saw it."""
    if has(packet, Hop.BRIDGE_POSTROUTING) or has(packet, Hop.POSTROUTING):
        return Hop.UPLINK
    return Hop.BRIDGE_FORWARD if has(packet, Hop.BRIDGE_FORWARD) else Hop.EXIT


def _before_bridge(packet: Packet, traced: Traced) -> Hop:
    if not traced.at_hooks(packet.at):
        return Hop.BRIDGE
    if has(packet, Hop.BRIDGE_INPUT):
        return Hop.BRIDGE
    return Hop.ADMISSION if has(packet, Hop.BRIDGE_PREROUTING) else Hop.PORT


def answer_unseen(packet: Packet, packets: tuple[Packet, ...], traced: Traced) -> Sighting | None:
    """An answer that set out and was not seen at the guest's port."""
    if has(packet, Hop.EGRESS):
        return _not_taken(packet, packets, traced)
    if not packet.sightings:
        return None
    last = packet.sightings[-1]
    device = traced.tap or "the guest's port"
    return _unseen(Hop.EGRESS, device, packet, f"it was at {last.device}, and was not seen at {device}")


def _not_taken(packet: Packet, packets: tuple[Packet, ...], traced: Traced) -> Sighting | None:
    """An offer that came to the guest's port and was not asked for, though it asked anew or has a reason not to."""
    later = _later(packet, packets)
    if packet.kind != "OFFER" or "REQUEST" in later:
        return None
    not_read = unread(packet, packets, traced)
    if not_read is not None:
        return not_read
    why = next((why for holds, why in _refusals(packet) if holds), "it asked anew" if "DISCOVER" in later else "")
    if not why:
        return None
    port = next(seen for seen in packet.sightings if seen.hop is Hop.EGRESS)
    return Sighting(
        hop=Hop.CLIENT,
        device=port.device,
        at=port.at,
        witness=WitnessName.FRAMES,
        fate=Fate.DROP,
        words=f"it came to the guest's NIC, and the client did not take it: {why}",
    )


def _later(packet: Packet, packets: tuple[Packet, ...]) -> set[PacketKind]:
    return {other.kind for other in packets if other.mac == packet.mac and other.at > packet.at}


def unread(packet: Packet, packets: tuple[Packet, ...], traced: Traced) -> Sighting | None:
    """An offer that the guest's tap may have had no room for; None where it was asked for, or surely had.

    The tap counts that without a name: it is for when the kernel's own word on drops was not heard.
    """
    port = next((seen for seen in packet.sightings if seen.hop is Hop.EGRESS), None)
    if packet.kind != "OFFER" or port is None or "REQUEST" in _later(packet, packets):
        return None
    counted = (move for move in traced.counters if (move.device, move.name) == (port.device, TX_DROPPED))
    full = next((move for move in counted if move.moved > 0), None)
    heard = traced.looked(WitnessName.KERNEL) and traced.at_hooks(packet.at)
    if full is None or heard or not packet.source.endswith(_SERVERS_PORT):
        return None
    return Sighting(
        hop=Hop.DELIVERY,
        device=port.device,
        at=port.at,
        witness=WitnessName.COUNTERS,
        fate=Fate.DROP,
        words=f"{does_not_read(full)}; its count alone says that it was this packet",
        or_near=True,
    )


def _refusals(packet: Packet) -> tuple[tuple[bool, str], ...]:
    return (
        (not packet.source.endswith(_SERVERS_PORT), f"it is from {packet.source}, and not from port 67"),
        (packet.checksum in {"partial", "bad"}, f"its UDP sum is {packet.checksum}: nobody has filled it"),
    )


def _unseen(hop: Hop, device: str, packet: Packet, words: str) -> Sighting:
    return Sighting(hop=hop, device=device, at=packet.at, witness=WitnessName.FRAMES, fate=Fate.UNKNOWN, words=words)


def _state_at(traced: Traced, device: str, at: float) -> str:
    """What the port was when the packet came: the last state that was seen before."""
    known = [moment.state for moment in traced.states if moment.device == device and moment.at <= at]
    return known[-1] if known else ""
