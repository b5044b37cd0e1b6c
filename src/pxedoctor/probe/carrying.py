"""Wishes of a dialogue as frames, and frames as its events. Nothing here waits, sends or knows a device."""

from ipaddress import IPv4Address, IPv6Address

import msgspec

from pxedoctor.dialogue.event import Heard, HeardArp
from pxedoctor.dialogue.wish import Send
from pxedoctor.wire import arp, ethernet, frame, vlan
from pxedoctor.wire.arp import Arp
from pxedoctor.wire.checksum import Verdict
from pxedoctor.wire.error import WireError
from pxedoctor.wire.ethernet import ARP, IPV4, IPV6, Ethernet
from pxedoctor.wire.frame import Addressed, UdpFrame
from pxedoctor.wire.ipv4 import UDP, Ipv4
from pxedoctor.wire.ipv6 import Ipv6
from pxedoctor.wire.mac import BROADCAST, write_mac
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
        if not in_vlan(outer, tag):
            return None
        if outer.kind == ARP:
            return Carried(HeardArp(arp.parse(outer.payload)), None)
        if outer.kind not in (IPV4, IPV6):
            return None
        found = frame.datagram_in(outer)
    except WireError:
        return None
    checksum = Verdict.VALID if marked else found.checksum
    return Carried(Heard(source=found.packet.source, datagram=found.datagram, checksum=checksum), found, marked)


def in_vlan(outer: Addressed, tag: int | None) -> bool:
    """Whether a frame is for stations of VLAN `tag` (None: untagged ones)."""
    # VLAN 0 is no VLAN: a tag for the priority alone (IEEE 802.1Q-2018 clause 6.9).
    return tuple(number for number in outer.vlans if number) == (() if tag is None else (tag,))


def hears(*macs: str) -> set[bytes]:
    return {write_mac(mac) for mac in macs}
