"""The envelope of every ICMPv6 message (RFC 4443 section 2.1). What a neighbor discovery message says is in `nd`."""

from ipaddress import IPv6Address

import msgspec

from pxedoctor.wire.bounds import require_bits, require_size
from pxedoctor.wire.checksum import filled, pseudo_header, require_valid
from pxedoctor.wire.ipv6 import ICMPV6
from pxedoctor.wire.reader import Reader

ECHO_REQUEST = 128
ECHO_REPLY = 129

_HEADER = 4
_CHECKSUM = 2


class Icmp6(msgspec.Struct, frozen=True, kw_only=True):
    """One message; `body` is what follows the checksum."""

    kind: int
    code: int
    body: bytes

    def __post_init__(self) -> None:
        require_bits("ICMPv6 type", self.kind, 8)
        require_bits("ICMPv6 code", self.code, 8)
        require_size("an ICMPv6 body", self.body, 0xFFFF - _HEADER)


def parse(content: bytes, source: IPv6Address, destination: IPv6Address) -> Icmp6:
    """Raises WireError where the message is cut or its sum is wrong: every receiver drops those."""
    reader = Reader(content, "an ICMPv6 message")
    kind, code, _ = reader.number(1, "type"), reader.number(1, "code"), reader.number(2, "checksum")
    require_valid(pseudo_header(source, destination, len(content), ICMPV6) + content, "the ICMPv6 message")
    return Icmp6(kind=kind, code=code, body=reader.rest())


def build(message: Icmp6, source: IPv6Address, destination: IPv6Address) -> bytes:
    """The message between these addresses, its sum filled."""
    content = bytes((message.kind, message.code, 0, 0)) + message.body
    return filled(content, _CHECKSUM, pseudo_header(source, destination, len(content), ICMPV6))
