"""What a frame of a boot is, as the tracer calls it: its kind, whose it is, and what tells it from another of its kind.

Total: a frame that is cut or no packet of a boot is None.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address

import msgspec

from pxedoctor.model.traced import HeardFrame
from pxedoctor.road.life import Direction, PacketKind
from pxedoctor.wire import arp, dhcp4, dhcp6, frame, ipv4, ipv6
from pxedoctor.wire.checksum import Verdict
from pxedoctor.wire.dhcp4 import MessageType, Op
from pxedoctor.wire.error import WireError
from pxedoctor.wire.ethernet import ARP, IPV4, IPV6
from pxedoctor.wire.frame import Addressed, UdpFrame
from pxedoctor.wire.http_port import USUAL
from pxedoctor.wire.ipv4 import Ipv4
from pxedoctor.wire.ipv6 import ICMPV6

_DHCP_PORTS = frozenset({67, 68, 4011})
_DHCP6_PORTS = frozenset({546, 547})
_TCP, _UDP = 6, 17
# Headers without options, and without headers behind them.
_IP4, _IP6 = 20, 40
_SYN_BIT, _ACK_BIT = 0x02, 0x10
_DHCP: dict[MessageType, PacketKind] = {
    MessageType.DISCOVER: "DISCOVER",
    MessageType.OFFER: "OFFER",
    MessageType.REQUEST: "REQUEST",
    MessageType.ACK: "ACK",
    MessageType.NAK: "NAK",
    MessageType.DECLINE: "DECLINE",
    MessageType.RELEASE: "RELEASE",
    MessageType.INFORM: "INFORM",
}
_DHCP6: dict[int, PacketKind] = {1: "SOLICIT", 2: "ADVERTISE", 3: "REQUEST6", 7: "REPLY6"}
_TFTP: dict[int, PacketKind] = {
    1: "TFTP-RRQ",
    3: "TFTP-DATA",
    4: "TFTP-ACK",
    5: "TFTP-ERROR",
    6: "TFTP-DATA",
}
_ND: dict[int, PacketKind] = {133: "ROUTER-SOLICITATION", 134: "ROUTER-ADVERTISEMENT"}


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A frame that is known. `mac`: the guest's; `same`: equal for copies of one packet, and for its retransmissions.

    `checksum`: what a receiver finds of the UDP sum; None for what has none.
    """

    kind: PacketKind
    direction: Direction
    mac: str
    same: tuple[str, ...]
    xid: str = ""
    source: str = ""
    destination: str = ""
    checksum: Verdict | None = None


def named(heard: HeardFrame, mac: str | None, http: Sequence[int] = ()) -> Named | None:
    """`mac`: the guest's, where it is known whose packets are looked for; `http`: ports beside the usual ones."""
    try:
        outer = frame.untagged(heard.content)
        if outer.kind == ARP:
            return _arp(outer, mac)
        if outer.kind == IPV4:
            return _ip4(outer, mac, http)
        if outer.kind == IPV6:
            return _ip6(outer, mac)
    except (WireError, ValueError):
        return None
    return None


def _arp(outer: Addressed, mac: str | None) -> Named | None:
    packet = arp.parse(outer.payload)
    kind: PacketKind = "ARP-REQUEST" if packet.operation == arp.Operation.REQUEST else "ARP-REPLY"
    direction: Direction = "from-guest" if outer.source == mac else "to-guest"
    source, destination = str(packet.sender), str(packet.target)
    same = (kind, source, destination, outer.source)
    return Named(
        kind=kind, direction=direction, mac=mac or outer.source, same=same, source=source, destination=destination
    )


def _ip4(outer: Addressed, mac: str | None, http: Sequence[int]) -> Named | None:
    packet = ipv4.parse(outer.payload)
    if packet.protocol == _UDP:
        return _udp(frame.datagram_in(outer), outer, mac)
    return _syn(outer, mac, packet, http) if packet.protocol == _TCP else None


def _udp(found: UdpFrame, outer: Addressed, mac: str | None) -> Named | None:
    datagram = found.datagram
    ports = {datagram.source_port, datagram.destination_port}
    source = f"{found.packet.source}:{datagram.source_port}"
    destination = f"{found.packet.destination}:{datagram.destination_port}"
    if ports & _DHCP_PORTS:
        return _dhcp(found, source, destination)
    if ports & _DHCP6_PORTS:
        return _dhcp6(found, outer, mac)
    opcode = int.from_bytes(datagram.payload[:2]) if len(datagram.payload) >= 4 else 0
    tftp = _TFTP.get(opcode)
    if tftp is None:
        return None
    same = (tftp, source, destination, datagram.payload[2:4].hex())
    return Named(
        kind=tftp,
        direction=_direction(outer, mac),
        mac=mac or outer.source,
        same=same,
        source=source,
        destination=destination,
        checksum=found.checksum,
    )


def _dhcp(found: UdpFrame, source: str, destination: str) -> Named | None:
    message = dhcp4.parse(found.datagram.payload)
    asks = message.op is Op.REQUEST
    kind = _DHCP.get(message.kind) if message.kind else None
    xid = f"{message.xid:08x}"
    told: PacketKind = kind or ("BOOTREQUEST" if asks else "BOOTREPLY")
    return Named(
        kind=told,
        direction="from-guest" if asks else "to-guest",
        mac=message.mac or "",
        same=(told, xid, source if not asks else "", str(found.datagram.destination_port)),
        xid=xid,
        source=source,
        destination=destination,
        checksum=found.checksum,
    )


def _dhcp6(found: UdpFrame, outer: Addressed, mac: str | None) -> Named | None:
    message = dhcp6.parse(found.datagram.payload)
    kind = _DHCP6.get(int(message.kind)) if isinstance(message, dhcp6.Dhcp6) else None
    if kind is None or not isinstance(message, dhcp6.Dhcp6):
        return None
    xid = f"{message.xid:06x}"
    direction: Direction = "from-guest" if found.datagram.destination_port == 547 else "to-guest"
    return Named(
        kind=kind,
        direction=direction,
        mac=mac or (outer.source if direction == "from-guest" else outer.destination),
        same=(kind, xid),
        xid=xid,
        source=str(found.packet.source),
        destination=str(found.packet.destination),
        checksum=found.checksum,
    )


def _syn(outer: Addressed, mac: str | None, packet: Ipv4, http: Sequence[int]) -> Named | None:
    segment = packet.payload
    if len(segment) < 20 or not segment[13] & _SYN_BIT:
        return None
    ports = (int.from_bytes(segment[:2]), int.from_bytes(segment[2:4]))
    if not {*ports} & {*USUAL, *http}:
        return None
    told: PacketKind = "HTTP-SYN-ACK" if segment[13] & _ACK_BIT else "HTTP-SYN"
    ends = (f"{packet.source}:{ports[0]}", f"{packet.destination}:{ports[1]}")
    return Named(
        kind=told,
        direction=_direction(outer, mac),
        mac=mac or outer.source,
        same=(told, *ends),
        source=ends[0],
        destination=ends[1],
    )


def _ip6(outer: Addressed, mac: str | None) -> Named | None:
    packet = ipv6.parse(outer.payload)
    if packet.protocol == _UDP:
        return _udp(frame.datagram_in(outer), outer, mac)
    kind = _ND.get(packet.payload[0]) if packet.protocol == ICMPV6 and packet.payload else None
    if kind is None:
        return None
    return Named(
        kind=kind,
        direction="from-guest" if kind == "ROUTER-SOLICITATION" else "to-guest",
        mac=mac or outer.source,
        same=(kind, outer.source),
        source=str(packet.source),
        destination=str(packet.destination),
    )


def _direction(outer: Addressed, mac: str | None) -> Direction:
    return "from-guest" if outer.source == mac else "to-guest"


class Quoted(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule's message quotes of a packet: its ends, and as much of its kind as its first bytes tell.

    `kind` None: it is none that the tracer follows. `xid`: of DHCP. `direction` None: it may be either's.
    """

    source: str
    destination: str
    kind: PacketKind | None = None
    direction: Direction | None = None
    xid: str = ""


def quoted(packet: bytes, http: Sequence[int] = ()) -> Quoted | None:
    """From the network header on; the transport header follows it, 20 bytes at most (nf_tables_trace.c).

    `http`: ports beside the usual ones.
    """
    if len(packet) >= _IP4 + 8 and packet[0] == 0x45:
        ends = (str(IPv4Address(packet[12:16])), str(IPv4Address(packet[16:20])))
        return _quoted_of(packet[9], packet[_IP4:], ends, http)
    if len(packet) >= _IP6 + 8 and packet[0] >> 4 == 6 and packet[6] == _UDP:
        return _quoted6(packet[_IP6:], (str(IPv6Address(packet[8:24])), str(IPv6Address(packet[24:40]))))
    return None


def _quoted_of(protocol: int, transport: bytes, ends: tuple[str, str], http: Sequence[int]) -> Quoted | None:
    ports = (int.from_bytes(transport[:2]), int.from_bytes(transport[2:4]))
    source, destination = (f"{address}:{port}" for address, port in zip(ends, ports, strict=True))
    if protocol == _TCP:
        known = not {*USUAL, *http}.isdisjoint(ports)
        return _quoted_syn(transport, source, destination) if known else None
    if protocol != _UDP:
        return None
    if set(ports) & _DHCP_PORTS and len(transport) >= 16:
        asks = transport[8] == Op.REQUEST
        return Quoted(
            source=source,
            destination=destination,
            kind="BOOTREQUEST" if asks else "BOOTREPLY",
            direction="from-guest" if asks else "to-guest",
            xid=transport[12:16].hex(),
        )
    kind = _TFTP.get(int.from_bytes(transport[8:10])) if len(transport) >= 12 else None
    if kind in {"TFTP-RRQ", "TFTP-DATA"}:
        way: Direction = "from-guest" if kind == "TFTP-RRQ" else "to-guest"
        return Quoted(source=source, destination=destination, kind=kind, direction=way)
    return Quoted(source=source, destination=destination)


def _quoted_syn(transport: bytes, source: str, destination: str) -> Quoted | None:
    if len(transport) < 14 or not transport[13] & _SYN_BIT:
        return None
    answers = bool(transport[13] & _ACK_BIT)
    return Quoted(
        source=source,
        destination=destination,
        kind="HTTP-SYN-ACK" if answers else "HTTP-SYN",
        direction="to-guest" if answers else "from-guest",
    )


def _quoted6(transport: bytes, ends: tuple[str, str]) -> Quoted | None:
    """DHCPv6: the message's type, then its xid (RFC 8415 section 8)."""
    ports = {int.from_bytes(transport[:2]), destination := int.from_bytes(transport[2:4])}
    if not ports & _DHCP6_PORTS or len(transport) < 12:
        return None
    return Quoted(
        source=ends[0],
        destination=ends[1],
        kind=_DHCP6.get(transport[8]),
        direction="from-guest" if destination == 547 else "to-guest",
        xid=transport[9:12].hex(),
    )
