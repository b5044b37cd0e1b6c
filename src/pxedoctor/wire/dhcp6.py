"""DHCPv6 messages of clients, servers and relay agents (RFC 8415 sections 8 and 9).

`options` holds the options as they came; the same code may stand there more than once.
"""

from enum import IntEnum
from ipaddress import IPv6Address

import msgspec

from pxedoctor.wire.bounds import require_bits, require_size
from pxedoctor.wire.error import WireError
from pxedoctor.wire.options import Option
from pxedoctor.wire.reader import Reader

CLIENT_PORT = 546
SERVER_PORT = 547
ALL_SERVERS = IPv6Address("ff02::1:2")
# A relay agent drops what more have relayed (RFC 8415 section 7.6).
MOST_HOPS = 8

_RELAY_MESSAGE = 9
_LARGEST = 0xFFFF - 8


class MessageType(IntEnum):
    """RFC 8415 section 7.3."""

    SOLICIT = 1
    ADVERTISE = 2
    REQUEST = 3
    CONFIRM = 4
    RENEW = 5
    REBIND = 6
    REPLY = 7
    RELEASE = 8
    DECLINE = 9
    RECONFIGURE = 10
    INFORMATION_REQUEST = 11
    RELAY_FORW = 12
    RELAY_REPL = 13


_RELAYED = (MessageType.RELAY_FORW, MessageType.RELAY_REPL)


class Dhcp6(msgspec.Struct, frozen=True, kw_only=True):
    """A message between client and server."""

    kind: MessageType
    xid: int
    options: tuple[Option, ...] = ()

    def __post_init__(self) -> None:
        if self.kind in _RELAYED:
            raise WireError(f"{self.kind.name} is a relay agent's message")
        require_bits("DHCPv6 xid", self.xid, 24)
        _require_fit(self.options, _LARGEST - 4)


class Relay6(msgspec.Struct, frozen=True, kw_only=True):
    """A relay agent's message; what it relays is in option 9, see `relayed`."""

    kind: MessageType
    hops: int
    link: IPv6Address
    peer: IPv6Address
    options: tuple[Option, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in _RELAYED:
            raise WireError(f"{self.kind.name} is not a relay agent's message")
        require_bits("DHCPv6 hop count", self.hops, 8)
        _require_fit(self.options, _LARGEST - 34)


def parse(content: bytes) -> Dhcp6 | Relay6:
    """`content` is a datagram's payload. Raises WireError where it is cut, or of a type that RFC 8415 does not know."""
    reader = Reader(content, "a DHCPv6 message")
    kind = reader.number(1, "type")
    if not MessageType.SOLICIT <= kind <= MessageType.RELAY_REPL:
        raise WireError(f"DHCPv6 type {kind} is none of 1 to 13")
    if kind in _RELAYED:
        return Relay6(
            kind=MessageType(kind),
            hops=reader.number(1, "hop count"),
            link=IPv6Address(reader.take(16, "link address")),
            peer=IPv6Address(reader.take(16, "peer address")),
            options=parse_options(reader.rest()),
        )
    return Dhcp6(kind=MessageType(kind), xid=reader.number(3, "xid"), options=parse_options(reader.rest()))


def build(message: Dhcp6 | Relay6) -> bytes:
    if isinstance(message, Relay6):
        head = bytes((message.kind, message.hops)) + message.link.packed + message.peer.packed
    else:
        head = bytes((message.kind,)) + message.xid.to_bytes(3)
    return head + build_options(message.options)


def relayed(message: Dhcp6 | Relay6) -> Dhcp6:
    """The client's or server's message inside all relay agents' messages around it.

    Raises WireError where one holds none, or where there are more around it than there may be.
    """
    for _ in range(MOST_HOPS + 1):
        if isinstance(message, Dhcp6):
            return message
        inside = next((option.content for option in message.options if option.code == _RELAY_MESSAGE), None)
        if inside is None:
            raise WireError("a relay agent's message without option 9, the message that it relays")
        message = parse(inside)
    raise WireError(f"more than {MOST_HOPS} relay agents' messages around a message")


def parse_options(content: bytes) -> tuple[Option, ...]:
    """Options of two bytes of code and two of length (RFC 8415 section 21.1). Raises WireError where one is cut."""
    reader = Reader(content, "the options of a DHCPv6 message")
    options: list[Option] = []
    while reader.left:
        code, length = reader.number(2, "option"), reader.number(2, "option")
        options.append(Option(code, reader.take(length, f"option {code}")))
    return tuple(options)


def build_options(options: tuple[Option, ...]) -> bytes:
    return b"".join(option.code.to_bytes(2) + len(option.content).to_bytes(2) + option.content for option in options)


def require_options(options: tuple[Option, ...]) -> None:
    """WireError for a code or a content that the fields before it cannot tell."""
    for option in options:
        require_bits("a DHCPv6 option's code", option.code, 16)
        require_size(f"DHCPv6 option {option.code}", option.content, 0xFFFF)


def _require_fit(options: tuple[Option, ...], room: int) -> None:
    require_options(options)
    size = sum(4 + len(option.content) for option in options)
    if size > room:
        raise WireError(f"{size} bytes of DHCPv6 options do not fit into a datagram")
