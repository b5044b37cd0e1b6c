"""IPv4 fragments put together again, as every client's receiver does (RFC 791 section 3.2, RFC 815).

A bridge with br_netfilter puts packets together for its hooks and may send them on in pieces: a large block of a boot
file then comes as two frames, and a client takes it in all the same (iPXE net/fragment.c, EDK2 Ip4Dxe).

Bounds, whatever is sent: 16 packets under way, the oldest is given up; 64 pieces each. Pieces that overlap are an
attack (RFC 5722 says so for IPv6), and the whole packet is dropped.
"""

from ipaddress import IPv4Address

import msgspec

from pxedoctor.wire import ethernet, frame, ipv4, vlan
from pxedoctor.wire.error import WireError
from pxedoctor.wire.ethernet import Ethernet
from pxedoctor.wire.frame import Addressed
from pxedoctor.wire.ipv4 import Ipv4
from pxedoctor.wire.vlan import Vlan

_MOST_PACKETS = 16
_MOST_PIECES = 64
_MORE = 0x2000
_OFFSET = 0x1FFF
_UNIT = 8
_IPV4_KIND = b"\x08\x00"
# The field of flags and offset, at 20 in an untagged frame: nothing, or "don't fragment".
_NOT_FRAGMENTED = (b"\x00\x00", b"\x40\x00")

# Source, destination, protocol, identification: what belongs together (RFC 791 section 2.3).
_Key = tuple[IPv4Address, IPv4Address, int, int]


class Pieces(msgspec.Struct, frozen=True):
    """The pieces of one packet that have come, by where they begin; `length` of the whole, once its end is there."""

    by_start: dict[int, Ipv4]
    length: int | None = None


class Reassembly:
    """What is under way of one station. Not for several threads at once."""

    def __init__(self) -> None:
        self._under_way: dict[_Key, Pieces] = {}

    def whole(self, content: bytes) -> bytes | None:
        """The frame itself where it is no fragment; the whole packet's once its last piece is there; else None.

        What cannot be read is returned as it is: whoever reads it says why.
        """
        if content[12:14] == _IPV4_KIND and content[20:22] in _NOT_FRAGMENTED:
            # Nearly every frame, and a file comes in tens of thousands of them.
            return content
        try:
            outer = frame.untagged(content)
            if outer.kind != ethernet.IPV4:
                return content
            piece = ipv4.parse(outer.payload)
        except WireError:
            return content
        if not piece.is_fragment:
            return content
        packet = self._taken_in(piece)
        return None if packet is None else _framed(outer, packet)

    def _taken_in(self, piece: Ipv4) -> Ipv4 | None:
        key = (piece.source, piece.destination, piece.protocol, piece.identification)
        pieces = _with(self._under_way.pop(key, Pieces({})), piece)
        if pieces is None:
            return None
        packet = _together(pieces)
        if packet is None:
            self._under_way[key] = pieces
            while len(self._under_way) > _MOST_PACKETS:
                del self._under_way[next(iter(self._under_way))]
        return packet


def _with(pieces: Pieces, piece: Ipv4) -> Pieces | None:
    """None where the packet has to be dropped."""
    start = (piece.fragment & _OFFSET) * _UNIT
    end = start + len(piece.payload)
    is_last = not piece.fragment & _MORE
    if not piece.payload or (not is_last and len(piece.payload) % _UNIT) or len(pieces.by_start) >= _MOST_PIECES:
        return None
    known = pieces.by_start.get(start)
    if known == piece:
        return pieces
    for begun, other in pieces.by_start.items():
        if start < begun + len(other.payload) and begun < end:
            return None
    length = end if is_last else pieces.length
    if length is not None and (end > length or (is_last and pieces.length is not None)):
        return None
    return Pieces({**pieces.by_start, start: piece}, length)


def _together(pieces: Pieces) -> Ipv4 | None:
    """The whole packet; None while something is missing, or where it would be longer than a packet can be."""
    if pieces.length is None or sum(len(piece.payload) for piece in pieces.by_start.values()) != pieces.length:
        return None
    payload = b"".join(piece.payload for _, piece in sorted(pieces.by_start.items(), key=lambda entry: entry[0]))
    if len(payload) != pieces.length:
        return None
    try:
        return msgspec.structs.replace(pieces.by_start[0], payload=payload, fragment=0)
    except WireError:
        return None


def _framed(outer: Addressed, packet: Ipv4) -> bytes:
    kind, payload = outer.kind, ipv4.build(packet)
    for number in reversed(outer.vlans):
        payload, kind = vlan.build(Vlan(vlan=number, kind=kind, payload=payload)), ethernet.VLAN
    return ethernet.build(Ethernet(destination=outer.destination, source=outer.source, kind=kind, payload=payload))
