"""The Internet checksum and what can be said of one that was found (RFC 1071, RFC 768, RFC 791, RFC 8200).

A UDP sum on a virtual wire may be *partial*: the kernel has put the sum of the pseudo-header into the field and leaves
the rest to hardware that is not there (linux Documentation/networking/checksum-offloads.rst, CHECKSUM_PARTIAL). Whoever
reads the frame without the mark NEEDS_CSUM beside it takes that for a wrong sum.
"""

from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address
from typing import TypeVar

from pxedoctor.wire.error import WireError

_UDP = 17

# Both ends of a packet are of one family.
Address = TypeVar("Address", IPv4Address, IPv6Address)


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


def filled(content: bytes, at: int, before: bytes = b"") -> bytes:
    """`content` with its sum at offset `at`, where zeros are now; `before` is a pseudo-header or nothing."""
    return content[:at] + internet_checksum(before + content).to_bytes(2) + content[at + 2 :]


def require_valid(content: bytes, what: str) -> None:
    """WireError where `content`, with its sum and any pseudo-header, does not sum up to 0xffff."""
    if folded(content) != 0xFFFF:
        raise WireError(f"the checksum of {what} is wrong")


def pseudo_header(source: Address, destination: Address, length: int, protocol: int = _UDP) -> bytes:
    """What is summed up besides the packet itself, whose header and payload have `length` bytes.

    IPv4: RFC 768. IPv6: RFC 8200 section 8.1.
    """
    if isinstance(source, IPv4Address):
        return source.packed + destination.packed + bytes((0, protocol)) + length.to_bytes(2)
    return source.packed + destination.packed + length.to_bytes(4) + bytes((0, 0, 0, protocol))


def udp_checksum(source: Address, destination: Address, datagram: bytes) -> int:
    """The value for the field of `datagram`, whose own field is zero; never zero, which would mean "not computed"."""
    return internet_checksum(pseudo_header(source, destination, len(datagram)) + datagram) or 0xFFFF


def udp_verdict(source: Address, destination: Address, datagram: bytes) -> Verdict:
    """`datagram` is UDP's header and payload as received, at least its 8 bytes of header.

    Over IPv6 every receiver drops a datagram without a sum (RFC 8200 section 8.1); the verdict is NONE all the same.
    """
    found = int.from_bytes(datagram[6:8])
    if found == 0:
        return Verdict.NONE
    pseudo = pseudo_header(source, destination, len(datagram))
    if folded(pseudo + datagram) == 0xFFFF:
        return Verdict.VALID
    return Verdict.PARTIAL if found == folded(pseudo) else Verdict.BAD
