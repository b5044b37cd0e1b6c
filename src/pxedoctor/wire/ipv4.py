"""IPv4 packets (RFC 791)."""

from ipaddress import IPv4Address

import msgspec

from pxedoctor.wire.checksum import folded, internet_checksum
from pxedoctor.wire.error import WireError

UDP = 17

_HEADER = 20
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
        for name, value, most in (
            ("protocol", self.protocol, 0xFF),
            ("time to live", self.ttl, 0xFF),
            ("type of service", self.service, 0xFF),
            ("identification", self.identification, 0xFFFF),
            ("flags and fragment offset", self.fragment, 0xFFFF),
        ):
            if not 0 <= value <= most:
                raise WireError(f"IPv4 {name} is 0 to {most}, not {value}")
        if len(self.options) % 4 or len(self.options) > 40:
            raise WireError(f"IPv4 options are a multiple of 4 bytes and at most 40, not {len(self.options)}")
        if _HEADER + len(self.options) + len(self.payload) > _LARGEST:
            raise WireError(f"an IPv4 packet has at most {_LARGEST} bytes")

    @property
    def is_fragment(self) -> bool:
        return bool(self.fragment & (_MORE_FRAGMENTS | _OFFSET))

    def write(self) -> bytes:
        """The packet with its header's checksum filled."""
        words = (_HEADER + len(self.options)) // 4
        length = words * 4 + len(self.payload)
        before = bytes((0x40 | words, self.service)) + length.to_bytes(2) + self.identification.to_bytes(2)
        before += self.fragment.to_bytes(2) + bytes((self.ttl, self.protocol))
        after = self.source.packed + self.destination.packed + self.options
        return before + internet_checksum(before + b"\0\0" + after).to_bytes(2) + after + self.payload


def read_ipv4(packet: bytes) -> Ipv4:
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
    if folded(packet[:header]) != 0xFFFF:
        raise WireError("the checksum of the IPv4 header is wrong")
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
