"""ICMP messages that a boot over the network meets: echo, and a destination that cannot be reached (RFC 792).

dnsmasq and dhcpd send an echo request to an address before they offer it; a TFTP server that is not there is told by
the port's unreachable, a too large packet by code 4 with the MTU (RFC 1191 section 4).
"""

import msgspec

from pxedoctor.wire.bounds import require_bits
from pxedoctor.wire.checksum import filled, require_valid
from pxedoctor.wire.error import WireError
from pxedoctor.wire.reader import Reader

PORT_UNREACHABLE = 3
FRAGMENTATION_NEEDED = 4

_ECHO_REPLY, _UNREACHABLE, _ECHO_REQUEST = 0, 3, 8
_CHECKSUM = 2


class EchoRequest(msgspec.Struct, frozen=True, kw_only=True):
    identifier: int
    sequence: int
    payload: bytes = b""

    def __post_init__(self) -> None:
        require_bits("ICMP identifier", self.identifier, 16)
        require_bits("ICMP sequence number", self.sequence, 16)


class EchoReply(msgspec.Struct, frozen=True, kw_only=True):
    identifier: int
    sequence: int
    payload: bytes = b""

    def __post_init__(self) -> None:
        require_bits("ICMP identifier", self.identifier, 16)
        require_bits("ICMP sequence number", self.sequence, 16)


class Unreachable(msgspec.Struct, frozen=True, kw_only=True):
    """`original` is the start of the packet that could not be delivered; `mtu` counts for code 4 alone."""

    code: int
    original: bytes
    mtu: int = 0

    def __post_init__(self) -> None:
        require_bits("ICMP code", self.code, 8)
        require_bits("ICMP next-hop MTU", self.mtu, 16)


Icmp = EchoRequest | EchoReply | Unreachable


def parse(content: bytes) -> Icmp:
    """Raises WireError where the message is cut, its sum is wrong, or it is of another kind."""
    reader = Reader(content, "an ICMP message")
    kind, code, _ = reader.number(1, "type"), reader.number(1, "code"), reader.number(2, "checksum")
    first, second = reader.number(2, "header"), reader.number(2, "header")
    require_valid(content, "the ICMP message")
    if kind == _UNREACHABLE:
        return Unreachable(code=code, mtu=second, original=reader.rest())
    if kind not in (_ECHO_REQUEST, _ECHO_REPLY) or code != 0:
        raise WireError(f"ICMP type {kind} code {code} is neither an echo nor an unreachable")
    shape = EchoRequest if kind == _ECHO_REQUEST else EchoReply
    return shape(identifier=first, sequence=second, payload=reader.rest())


def build(message: Icmp) -> bytes:
    match message:
        case Unreachable():
            head, tail = bytes((_UNREACHABLE, message.code, 0, 0, 0, 0)) + message.mtu.to_bytes(2), message.original
        case EchoRequest() | EchoReply():
            kind = _ECHO_REQUEST if isinstance(message, EchoRequest) else _ECHO_REPLY
            head = bytes((kind, 0, 0, 0)) + message.identifier.to_bytes(2) + message.sequence.to_bytes(2)
            tail = message.payload
    return filled(head + tail, _CHECKSUM)
