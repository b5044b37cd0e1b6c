"""Whole frames that carry a UDP datagram: Ethernet, any 802.1Q tags, IPv4 or IPv6, UDP, and what its sum is worth."""

import msgspec

from pxedoctor.wire import ethernet, ipv4, ipv6, udp, vlan
from pxedoctor.wire.checksum import Verdict, udp_verdict
from pxedoctor.wire.error import WireError
from pxedoctor.wire.ethernet import IPV4, IPV6, SERVICE_VLAN, VLAN, Ethernet, require_type
from pxedoctor.wire.ipv4 import UDP, Ipv4
from pxedoctor.wire.ipv6 import Ipv6
from pxedoctor.wire.mac import read_mac, require_mac
from pxedoctor.wire.udp import Udp
from pxedoctor.wire.vlan import Vlan

# A service tag, a customer tag and one to spare: nobody sends more.
_MOST_TAGS = 3
_HEADER = 14


class Addressed(msgspec.Struct, frozen=True, kw_only=True):
    """A frame's payload with the MACs and VLANs around it; `vlans` from the outside in."""

    destination: str
    source: str
    kind: int
    payload: bytes
    vlans: tuple[int, ...] = ()


class UdpFrame(msgspec.Struct, frozen=True, kw_only=True):
    """A whole UDP datagram as a frame brings it. `packet.payload` is the datagram's bytes as found."""

    destination: str
    source: str
    packet: Ipv4 | Ipv6
    datagram: Udp
    checksum: Verdict
    vlans: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        require_mac(self.destination, self.source)


def untagged(frame: bytes) -> Addressed:
    """The frame with its 802.1Q tags taken off. Raises WireError where it or a tag is cut, or tags do not end."""
    if len(frame) < _HEADER:
        raise WireError(f"an Ethernet frame has {_HEADER} bytes of header; here are {len(frame)} bytes in all")
    kind, payload = int.from_bytes(frame[12:14]), frame[_HEADER:]
    require_type(kind)
    vlans: list[int] = []
    while kind in (VLAN, SERVICE_VLAN):
        if len(vlans) == _MOST_TAGS:
            raise WireError(f"more than {_MOST_TAGS} 802.1Q tags in one frame")
        tag = vlan.parse(payload)
        vlans.append(tag.vlan)
        kind, payload = tag.kind, tag.payload
    return Addressed(
        destination=read_mac(frame[0:6]), source=read_mac(frame[6:12]), kind=kind, payload=payload, vlans=tuple(vlans)
    )


def parse(frame: bytes) -> UdpFrame:
    """The UDP datagram in a frame. Raises WireError where there is no whole one."""
    return datagram_in(untagged(frame))


def datagram_in(outer: Addressed) -> UdpFrame:
    """As `parse`, of a frame whose tags are off already."""
    packet = _packet(outer)
    if packet.is_fragment:
        raise WireError("a fragment: its UDP sum can only be verified when all of them are together")
    if packet.protocol != UDP:
        raise WireError(f"IP protocol {packet.protocol}, not UDP")
    datagram = udp.parse(packet.payload)
    return UdpFrame(
        destination=outer.destination,
        source=outer.source,
        vlans=outer.vlans,
        packet=packet,
        datagram=datagram,
        checksum=_verdict(packet),
    )


def build(datagram: Udp, packet: Ipv4 | Ipv6, destination: str, source: str, vlans: tuple[int, ...] = ()) -> bytes:
    """The datagram in `packet`, whose payload and protocol are set here, its sum filled, with tags 0x8100 around."""
    if isinstance(packet, Ipv4):
        kind, content = IPV4, udp.build(datagram, packet.source, packet.destination)
        payload = ipv4.build(msgspec.structs.replace(packet, protocol=UDP, payload=content))
    else:
        kind, content = IPV6, udp.build(datagram, packet.source, packet.destination)
        payload = ipv6.build(msgspec.structs.replace(packet, protocol=UDP, payload=content))
    for number in reversed(vlans):
        payload, kind = vlan.build(Vlan(vlan=number, kind=kind, payload=payload)), VLAN
    return ethernet.build(Ethernet(destination=destination, source=source, kind=kind, payload=payload))


def _packet(outer: Addressed) -> Ipv4 | Ipv6:
    if outer.kind == IPV4:
        return ipv4.parse(outer.payload)
    if outer.kind == IPV6:
        return ipv6.parse(outer.payload)
    raise WireError(f"EtherType {outer.kind:#06x}, neither IPv4 nor IPv6")


def _verdict(packet: Ipv4 | Ipv6) -> Verdict:
    content = udp.summed(packet.payload)
    if isinstance(packet, Ipv4):
        return udp_verdict(packet.source, packet.destination, content)
    return udp_verdict(packet.source, packet.destination, content)
