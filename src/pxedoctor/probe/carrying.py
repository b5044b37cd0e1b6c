"""Wishes of a dialogue as frames, and frames as its events. Nothing here waits, sends or knows a device."""

from ipaddress import IPv4Address, IPv6Address

import msgspec

from pxedoctor.dialogue.event import Heard, HeardArp
from pxedoctor.dialogue.wish import Send
from pxedoctor.wire import arp, ethernet, frame, icmp, ipv4, vlan
from pxedoctor.wire.arp import Arp
from pxedoctor.wire.checksum import Verdict
from pxedoctor.wire.error import WireError
from pxedoctor.wire.ethernet import ARP, IPV4, IPV6, Ethernet
from pxedoctor.wire.frame import UdpFrame
from pxedoctor.wire.ipv4 import UDP, Ipv4
from pxedoctor.wire.ipv6 import Ipv6
from pxedoctor.wire.mac import BROADCAST, write_mac
from pxedoctor.wire.reader import Reader
from pxedoctor.wire.vlan import Vlan

_EVERYBODY = IPv4Address(0xFFFFFFFF)


class Carried(msgspec.Struct, frozen=True):
    """A frame understood: what a dialogue is told of it, the frame around it (None for ARP), and the kernel's mark."""

    event: Heard | HeardArp
    frame: UdpFrame | None
    marked: bool = False


def group_mac(destination: IPv4Address | IPv6Address) -> str | None:
    """The MAC for everybody, or for a group (RFC 1112 section 6.4, RFC 2464 section 7); None: somebody's own."""
    if isinstance(destination, IPv6Address):
        return f"33:33:{destination.packed[-4:].hex(':')}" if destination.is_multicast else None
    if destination.is_multicast:
        return f"01:00:5e:{destination.packed[1] & 0x7F:02x}:{destination.packed[2:].hex(':')}"
    return BROADCAST if destination == _EVERYBODY else None


def written(wish: Send, source: str, destination: str, tag: int | None) -> bytes:
    """The datagram in a frame between these MACs, in VLAN `tag`."""
    vlans = () if tag is None else (tag,)
    packet: Ipv4 | Ipv6
    if isinstance(wish.source, IPv4Address) and isinstance(wish.destination, IPv4Address):
        packet = Ipv4(
            source=wish.source,
            destination=wish.destination,
            protocol=UDP,
            payload=b"",
            ttl=wish.ttl,
            service=wish.service,
        )
    elif isinstance(wish.source, IPv6Address) and isinstance(wish.destination, IPv6Address):
        packet = Ipv6(
            source=wish.source,
            destination=wish.destination,
            protocol=UDP,
            payload=b"",
            hop_limit=wish.ttl,
            traffic_class=wish.service,
        )
    else:
        raise WireError(f"{wish.source} and {wish.destination} are of two families")
    return frame.build(wish.datagram, packet, destination=destination, source=source, vlans=vlans)


def written_arp(packet: Arp, source: str, tag: int | None, destination: str = BROADCAST) -> bytes:
    return wrapped(arp.build(packet), ARP, source, destination, tag)


def wrapped(payload: bytes, kind: int, source: str, destination: str, tag: int | None) -> bytes:
    """Any payload in a frame, in VLAN `tag`."""
    if tag is not None:
        payload, kind = vlan.build(Vlan(vlan=tag, kind=kind, payload=payload)), ethernet.VLAN
    return ethernet.build(Ethernet(destination=destination, source=source, kind=kind, payload=payload))


def read(content: bytes, marked: bool, tag: int | None) -> Carried | None:
    """What a station in VLAN `tag` hears in a frame; None where it is for another VLAN, or no UDP and no ARP.

    `marked`: the kernel says that the sum is still to be filled. A driver that takes such frames tells its network
    stack, which then takes the sum for good; so does the dialogue. What the frame itself holds stays in `frame`.
    """
    try:
        outer = frame.untagged(content)
        # VLAN 0 is no VLAN: a tag for the priority alone (IEEE 802.1Q-2018 clause 6.9).
        if tuple(number for number in outer.vlans if number) != (() if tag is None else (tag,)):
            return None
        if outer.kind == ARP:
            return Carried(HeardArp(arp.parse(outer.payload)), None)
        if outer.kind not in (IPV4, IPV6):
            return None
        found = frame.parse(content)
    except WireError:
        return None
    checksum = Verdict.VALID if marked else found.checksum
    return Carried(Heard(source=found.packet.source, datagram=found.datagram, checksum=checksum), found, marked)


class Refusal(msgspec.Struct, frozen=True):
    """A datagram of ours that could not be delivered: who says so, why, and the datagram's addresses and ports."""

    told_by: IPv4Address
    why: str
    original: Ipv4
    source_port: int


# Codes of ICMP's destination unreachable (RFC 792, RFC 1812 section 5.2.7.1).
_UNREACHABLE = {
    0: "the network is unreachable",
    1: "the host is unreachable",
    3: "nobody listens on that port",
    4: "the packet is too large for a link on the way",
    9: "the network is forbidden by an administrator",
    10: "the host is forbidden by an administrator",
    13: "a firewall forbids it",
}


def unreachable(content: bytes, tag: int | None) -> Refusal | None:
    """An ICMP destination unreachable in a frame; None for everything else."""
    # Quick for what is nearly always something else.
    if content[23 + 4 * (tag is not None) :][:1] != bytes((ipv4.ICMP,)):
        return None
    try:
        outer = frame.untagged(content)
        if outer.kind != IPV4:
            return None
        packet = ipv4.parse(outer.payload)
        message = icmp.parse(packet.payload)
        if not isinstance(message, icmp.Unreachable):
            return None
        original, port = _quoted(message.original)
    except WireError:
        return None
    return Refusal(packet.source, _UNREACHABLE.get(message.code, f"code {message.code}"), original, port)


def _quoted(content: bytes) -> tuple[Ipv4, int]:
    """The addresses and the source port of the packet that an ICMP error quotes; only its beginning need be there."""
    reader = Reader(content, "a quoted packet")
    head = reader.take(20, "header")
    reader.take(max(0, (head[0] & 0xF) * 4 - 20), "options")
    port = reader.number(2, "port")
    addresses = Ipv4(
        source=IPv4Address(head[12:16]), destination=IPv4Address(head[16:20]), protocol=head[9], payload=b""
    )
    return addresses, port


def hears(*macs: str) -> set[bytes]:
    return {write_mac(mac) for mac in macs}
