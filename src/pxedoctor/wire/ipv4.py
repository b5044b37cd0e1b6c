"""IPv4 packets (RFC 791)."""

from ipaddress import IPv4Address

import msgspec

from pxedoctor.wire.bounds import require_bits
from pxedoctor.wire.checksum import filled, require_valid
from pxedoctor.wire.error import WireError

ICMP = 1
UDP = 17

_HEADER = 20
_CHECKSUM = 10
_LARGEST = 0xFFFF
_MORE_FRAGMENTS = 0x2000
_OFFSET = 0x1FFF


class Ipv4(msgspec.Struct, frozen=True, kw_only=True):
    """One packet. `fragment` is the field of flags and offset as on the wire."""

    source: IPv4Address
    destination: IPv4Address
    protocol: int
    payload: bytes
    ttl: int = 64
    service: int = 0
    identification: int = 0
    fragment: int = 0
    options: bytes = b""

    def __post_init__(self) -> None:
        # A file comes in tens of thousands of packets: what is wrong with a field is asked only where one is.
        if (self.protocol | self.ttl | self.service) >> 8 or (self.identification | self.fragment) >> 16:
            self._require_fields()
        if len(self.options) % 4 or len(self.options) > 40:
            raise WireError(f"IPv4 options are a multiple of 4 bytes and at most 40, not {len(self.options)}")
        if _HEADER + len(self.options) + len(self.payload) > _LARGEST:
            raise WireError(f"an IPv4 packet has at most {_LARGEST} bytes")

    def _require_fields(self) -> None:
        require_bits("IPv4 protocol", self.protocol, 8)
        require_bits("IPv4 time to live", self.ttl, 8)
        require_bits("IPv4 type of service", self.service, 8)
        require_bits("IPv4 identification", self.identification, 16)
        require_bits("IPv4 flags and fragment offset", self.fragment, 16)

    @property
    def is_fragment(self) -> bool:
        return bool(self.fragment & (_MORE_FRAGMENTS | _OFFSET))


def parse(packet: bytes) -> Ipv4:
    """The packet, with any padding of the frame after it cut off.

    Raises WireError where it is no IPv4, is cut short, or its header's checksum is wrong: every receiver drops those.
    """
    if len(packet) < _HEADER:
        raise WireError(f"an IPv4 packet has {_HEADER} bytes of header at least; here are {len(packet)} bytes in all")
    version, words = packet[0] >> 4, packet[0] & 0xF
    header, length = words * 4, int.from_bytes(packet[2:4])
    if version != 4:
        raise WireError(f"IP version {version}, not 4")
    if not _HEADER <= header <= length:
        raise WireError(f"IPv4 header of {header} bytes in a packet of {length}")
    if length > len(packet):
        raise WireError(f"IPv4 packet of {length} bytes, of which {len(packet)} are here")
    require_valid(packet[:header], "the IPv4 header")
    return Ipv4(
        source=IPv4Address(packet[12:16]),
        destination=IPv4Address(packet[16:20]),
        protocol=packet[9],
        payload=packet[header:length],
        ttl=packet[8],
        service=packet[1],
        identification=int.from_bytes(packet[4:6]),
        fragment=int.from_bytes(packet[6:8]),
        options=packet[_HEADER:header],
    )


def build(packet: Ipv4) -> bytes:
    """The packet with its header's checksum filled."""
    words = (_HEADER + len(packet.options)) // 4
    length = words * 4 + len(packet.payload)
    header = bytes((0x40 | words, packet.service)) + length.to_bytes(2) + packet.identification.to_bytes(2)
    header += packet.fragment.to_bytes(2) + bytes((packet.ttl, packet.protocol, 0, 0))
    header += packet.source.packed + packet.destination.packed + packet.options
    return filled(header, _CHECKSUM) + packet.payload
