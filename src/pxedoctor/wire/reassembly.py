"""Fragments put together again, as every client's receiver does (RFC 791 section 3.2, RFC 815; RFC 8200 section 4.5).

A bridge with br_netfilter puts packets together for its hooks and may send them on in pieces, and a host whose way to
the guest is narrow sends IPv6 in pieces itself: a large block of a boot file, or a DHCPv6 answer with many options,
then comes as two frames, and a client takes it in all the same (iPXE net/fragment.c, EDK2 Ip4Dxe and Ip6Dxe).

Bounds, whatever is sent: 16 packets under way, the oldest is given up; 64 pieces and 65,535 bytes each; 30 s from the
first piece to the last over IPv4 (Linux net/ipv4/ip_fragment.c, IP_FRAG_TIME), 60 s over IPv6 (RFC 8200). Pieces that
overlap are an attack: the packet is dropped with all its pieces, those that are still to come too (RFC 5722).
"""

from ipaddress import IPv4Address, IPv6Address

import msgspec

from pxedoctor.wire import ethernet, fragment6, frame, ipv4, ipv6, vlan
from pxedoctor.wire.error import WireError
from pxedoctor.wire.ethernet import Ethernet
from pxedoctor.wire.frame import Addressed
from pxedoctor.wire.ipv4 import Ipv4
from pxedoctor.wire.ipv6 import Ipv6
from pxedoctor.wire.vlan import Vlan

_MOST_PACKETS = 16
_MOST_PIECES = 64
_MOST_BYTES = 0xFFFF
_SECONDS = {4: 30.0, 6: 60.0}
_MORE = 0x2000
_OFFSET = 0x1FFF
_UNIT = 8
_IPV4_KIND, _IPV6_KIND = b"\x08\x00", b"\x86\xdd"
# The field of flags and offset, at 20 in an untagged frame: nothing, or "don't fragment".
_NOT_FRAGMENTED = (b"\x00\x00", b"\x40\x00")
# The next header of IPv6, at the same place: UDP, and no fragment header before it.
_UDP_NEXT = b"\x11"

# What belongs together: VLANs, source, destination, identification, and over IPv4 the protocol (RFC 791 section 2.3).
_Key = tuple[tuple[int, ...], IPv4Address | IPv6Address, IPv4Address | IPv6Address, int, int]


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """One fragment, of either family. `start` in bytes; `protocol` of the whole packet; `around`: its own packet."""

    key: _Key
    start: int
    is_last: bool
    protocol: int
    payload: bytes
    around: Ipv4 | Ipv6

    @property
    def end(self) -> int:
        return self.start + len(self.payload)

    @property
    def is_whole(self) -> bool:
        """A packet in one piece, which has nothing to do with any other (RFC 6946)."""
        return self.start == 0 and self.is_last


class Pieces(msgspec.Struct, frozen=True, kw_only=True):
    """The pieces of one packet that have come, by where they begin; `length` of the whole, once its end is there.

    `dropped`: whatever still comes of it is not taken in.
    """

    until: float
    by_start: dict[int, Piece] = {}
    length: int | None = None
    dropped: bool = False


class Reassembly:
    """What is under way of one station. Not for several threads at once."""

    def __init__(self) -> None:
        self._under_way: dict[_Key, Pieces] = {}

    def whole(self, content: bytes, now: float) -> bytes | None:
        """The frame itself where it is no fragment; the whole packet's once its last piece is there; else None.

        `now`: seconds of any clock that does not go back. What cannot be read is returned as it is: whoever reads it
        says why.
        """
        kind = content[12:14]
        if (kind == _IPV4_KIND and content[20:22] in _NOT_FRAGMENTED) or (
            kind == _IPV6_KIND and content[20:21] == _UDP_NEXT
        ):
            # Nearly every frame, and a file comes in tens of thousands of them.
            return content
        try:
            outer = frame.untagged(content)
            piece = _piece(outer)
        except WireError:
            return content
        if piece is None:
            return content
        packet = self._taken_in(piece, now)
        return None if packet is None else _framed(outer, packet)

    def _taken_in(self, piece: Piece, now: float) -> Ipv4 | Ipv6 | None:
        if piece.is_whole:
            return _together(Pieces(until=now, by_start={0: piece}, length=piece.end))
        for key in [key for key, pieces in self._under_way.items() if pieces.until <= now]:
            del self._under_way[key]
        fresh = Pieces(until=now + _SECONDS[piece.around.source.version])
        pieces = _with(self._under_way.pop(piece.key, fresh), piece)
        if pieces.length is not None and sum(len(one.payload) for one in pieces.by_start.values()) == pieces.length:
            return _together(pieces)
        self._under_way[piece.key] = pieces
        while len(self._under_way) > _MOST_PACKETS:
            del self._under_way[next(iter(self._under_way))]
        return None


def _piece(outer: Addressed) -> Piece | None:
    """None for what is no fragment. Raises WireError where it cannot be read."""
    if outer.kind == ethernet.IPV4:
        packet = ipv4.parse(outer.payload)
        if not packet.is_fragment:
            return None
        return Piece(
            key=(outer.vlans, packet.source, packet.destination, packet.identification, packet.protocol),
            start=(packet.fragment & _OFFSET) * _UNIT,
            is_last=not packet.fragment & _MORE,
            protocol=packet.protocol,
            payload=packet.payload,
            around=packet,
        )
    if outer.kind != ethernet.IPV6:
        return None
    packet6 = ipv6.parse(outer.payload)
    if not packet6.is_fragment:
        return None
    fragment = fragment6.parse(packet6.payload)
    return Piece(
        key=(outer.vlans, packet6.source, packet6.destination, fragment.identification, ipv6.FRAGMENT),
        start=fragment.start * _UNIT,
        is_last=not fragment.more,
        protocol=fragment.protocol,
        payload=fragment.payload,
        around=packet6,
    )


def _with(pieces: Pieces, piece: Piece) -> Pieces:
    if pieces.dropped:
        return pieces
    known = pieces.by_start.get(piece.start)
    if known is not None and (known.payload, known.is_last) == (piece.payload, piece.is_last):
        return pieces
    length = piece.end if piece.is_last else pieces.length
    by_start = {**pieces.by_start, piece.start: piece}
    if not _fits(pieces, piece) or any(length is not None and other.end > length for other in by_start.values()):
        return Pieces(until=pieces.until, dropped=True)
    return Pieces(until=pieces.until, by_start=by_start, length=length)


def _fits(pieces: Pieces, piece: Piece) -> bool:
    """Whether a piece may stand beside those that are there."""
    if not piece.payload or piece.end > _MOST_BYTES or len(pieces.by_start) >= _MOST_PIECES:
        return False
    if (piece.is_last and pieces.length is not None) or (not piece.is_last and len(piece.payload) % _UNIT):
        return False
    return not any(piece.start < other.end and other.start < piece.end for other in pieces.by_start.values())


def _together(pieces: Pieces) -> Ipv4 | Ipv6 | None:
    """The whole packet, of which no byte is missing; None where it is none that may be, e.g. too long."""
    first = pieces.by_start[0]
    payload = b"".join(piece.payload for _, piece in sorted(pieces.by_start.items(), key=lambda entry: entry[0]))
    try:
        if isinstance(first.around, Ipv4):
            return msgspec.structs.replace(first.around, payload=payload, fragment=0)
        if not ipv6.unchained(first.protocol, first.payload)[2]:
            # The headers have to be in the first piece, so that whoever judges it sees them (RFC 7112).
            return None
        inner, protocol, payload = ipv6.unchained(first.protocol, payload)
        extensions = (*first.around.extensions, *inner)
        return msgspec.structs.replace(first.around, payload=payload, protocol=protocol, extensions=extensions)
    except WireError:
        return None


def _framed(outer: Addressed, packet: Ipv4 | Ipv6) -> bytes:
    kind = outer.kind
    payload = ipv4.build(packet) if isinstance(packet, Ipv4) else ipv6.build(packet)
    for number in reversed(outer.vlans):
        payload, kind = vlan.build(Vlan(vlan=number, kind=kind, payload=payload)), ethernet.VLAN
    return ethernet.build(Ethernet(destination=outer.destination, source=outer.source, kind=kind, payload=payload))
