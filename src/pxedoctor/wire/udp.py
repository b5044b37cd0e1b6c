"""UDP datagrams over IPv4 and IPv6 (RFC 768, RFC 8200 section 8.1)."""

import msgspec

from pxedoctor.wire.bounds import require_bits, require_size
from pxedoctor.wire.checksum import Address, udp_checksum
from pxedoctor.wire.error import WireError

HEADER = 8


class Udp(msgspec.Struct, frozen=True, kw_only=True):
    """One datagram's ports and payload."""

    source_port: int
    destination_port: int
    payload: bytes

    def __post_init__(self) -> None:
        require_bits("a UDP port", self.source_port, 16)
        require_bits("a UDP port", self.destination_port, 16)
        require_size("a UDP payload", self.payload, 0xFFFF - HEADER)


def parse(content: bytes) -> Udp:
    """The datagram; what of the packet follows it does not count. Its sum is judged by `checksum.udp_verdict`.

    Raises WireError where it is cut short.
    """
    length = _length(content)
    return Udp(
        source_port=int.from_bytes(content[0:2]),
        destination_port=int.from_bytes(content[2:4]),
        payload=content[HEADER:length],
    )


def build(datagram: Udp, source: Address, destination: Address) -> bytes:
    """The datagram between these addresses, its sum filled."""
    header = datagram.source_port.to_bytes(2) + datagram.destination_port.to_bytes(2)
    header += (HEADER + len(datagram.payload)).to_bytes(2)
    found = udp_checksum(source, destination, header + b"\0\0" + datagram.payload)
    return header + found.to_bytes(2) + datagram.payload


def summed(content: bytes) -> bytes:
    """The part of a packet's payload that the datagram's sum covers. Raises WireError as `parse` does."""
    return content[: _length(content)]


def _length(content: bytes) -> int:
    if len(content) < HEADER:
        raise WireError(f"a UDP datagram has {HEADER} bytes of header; here are {len(content)} bytes in all")
    length = int.from_bytes(content[4:6])
    if not HEADER <= length <= len(content):
        raise WireError(f"UDP length {length} in {len(content)} bytes")
    return length
