"""The Internet checksum and what can be said of one that was found (RFC 1071, RFC 768, RFC 791).

A UDP sum on a virtual wire may be *partial*: the kernel has put the sum of the pseudo-header into the field and leaves
the rest to hardware that is not there (linux Documentation/networking/checksum-offloads.rst, CHECKSUM_PARTIAL). Whoever
reads the frame without the mark NEEDS_CSUM beside it takes that for a wrong sum.
"""

from enum import StrEnum
from ipaddress import IPv4Address

_UDP = 17


class Verdict(StrEnum):
    """What a receiver that verifies sums finds in the field."""

    VALID = "valid"
    PARTIAL = "partial"
    BAD = "bad"
    NONE = "none"


def folded(content: bytes) -> int:
    """The ones' complement sum of 16-bit words, not inverted; an odd last byte counts as if a zero followed."""
    padded = content + b"\0" if len(content) % 2 else content
    # 2**16 is 1 modulo 2**16 - 1, so the remainder of the whole number is the folded sum; only zeros sum up to zero.
    remainder = int.from_bytes(padded) % 0xFFFF
    return remainder if remainder or not any(padded) else 0xFFFF


def internet_checksum(content: bytes) -> int:
    """The value that makes `content` with it in its field sum up to 0xffff (RFC 791, RFC 1071)."""
    return folded(content) ^ 0xFFFF


def pseudo_header(source: IPv4Address, destination: IPv4Address, length: int) -> bytes:
    """What UDP over IPv4 sums up besides itself (RFC 768); `length` is that of UDP's header and payload."""
    return source.packed + destination.packed + bytes((0, _UDP)) + length.to_bytes(2)


def udp_checksum(source: IPv4Address, destination: IPv4Address, datagram: bytes) -> int:
    """The value for the field of `datagram`, whose own field is zero; never zero, which would mean "not computed"."""
    return internet_checksum(pseudo_header(source, destination, len(datagram)) + datagram) or 0xFFFF


def udp_verdict(source: IPv4Address, destination: IPv4Address, datagram: bytes) -> Verdict:
    """`datagram` is UDP's header and payload as received, at least its 8 bytes of header."""
    found = int.from_bytes(datagram[6:8])
    if found == 0:
        return Verdict.NONE
    pseudo = pseudo_header(source, destination, len(datagram))
    if folded(pseudo + datagram) == 0xFFFF:
        return Verdict.VALID
    return Verdict.PARTIAL if found == folded(pseudo) else Verdict.BAD
