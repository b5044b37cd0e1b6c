"""Formats of options that only DHCPv4 has."""

from ipaddress import IPv4Address, IPv4Network
from typing import TypeVar

import msgspec

from pxedoctor.wire.bounds import require_bits, require_size
from pxedoctor.wire.dhcp4 import MessageType
from pxedoctor.wire.error import WireError
from pxedoctor.wire.formats import exactly
from pxedoctor.wire.options import Format, Option, build_option, parse_options, require_codes
from pxedoctor.wire.reader import Reader
from pxedoctor.wire.text import read_text

Item = TypeVar("Item")


class ClientId(msgspec.Struct, frozen=True, kw_only=True):
    """Option 61: `kind` is a hardware type, 0 for anything else, 255 for an IAID and a DUID (RFC 4361 section 6.1)."""

    kind: int
    content: bytes

    def __post_init__(self) -> None:
        require_bits("a client identifier's type", self.kind, 8)
        require_size("a client identifier", self.content, 0xFFFF)


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One classless static route (RFC 3442); router 0.0.0.0: the network is on the link."""

    network: IPv4Network
    router: IPv4Address


class UserClass(msgspec.Struct, frozen=True, kw_only=True):
    """Option 77. RFC 3004 says a list of classes, each with its length; iPXE and others send one text without.

    `listed` holds the former, `bare` the latter; one of them is empty.
    """

    listed: tuple[bytes, ...] = ()
    bare: bytes = b""

    def __post_init__(self) -> None:
        if bool(self.listed) == bool(self.bare):
            raise WireError("a user class is a list, or one bare text, and not empty")
        for item in self.listed:
            require_size("a user class", item, 0xFF, least=1)
        if self.bare and _listed(self.bare):
            raise WireError(f"a bare user class that would be read as a list: {self.bare!r}")

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(read_text(item) for item in self.listed or (self.bare,))


class Enterprise(msgspec.Struct, frozen=True, kw_only=True):
    """What one vendor says, by its IANA enterprise number (RFC 3925)."""

    number: int
    content: bytes

    def __post_init__(self) -> None:
        require_bits("an enterprise number", self.number, 32)
        require_size("an enterprise's data", self.content, 0xFF)


def _not_empty(items: tuple[Item, ...]) -> tuple[Item, ...]:
    if not items:
        raise WireError("a list without an item")
    return items


def _read_type(content: bytes) -> MessageType:
    value = exactly(1, content)[0]
    if not MessageType.DISCOVER <= value <= MessageType.LEASEACTIVE:
        raise WireError(f"no message type that an RFC knows: {value}")
    return MessageType(value)


def _read_client(content: bytes) -> ClientId:
    if len(content) < 2:
        raise WireError(f"{len(content)} bytes; a client identifier has a type and something behind it")
    return ClientId(kind=content[0], content=content[1:])


def _read_routes(content: bytes) -> tuple[Route, ...]:
    reader = Reader(content, "a list of routes")
    routes: list[Route] = []
    while reader.left:
        bits = reader.number(1, "prefix length")
        if bits > 32:
            raise WireError(f"a route's prefix of {bits} bits")
        # Only the bytes that matter are there (RFC 3442: significant octets).
        prefix = IPv4Address(reader.take((bits + 7) // 8, "prefix").ljust(4, b"\0"))
        router = IPv4Address(reader.take(4, "router"))
        routes.append(Route(network=IPv4Network((prefix, bits), strict=False), router=router))
    return _not_empty(tuple(routes))


def _write_routes(routes: tuple[Route, ...]) -> bytes:
    return b"".join(
        bytes((route.network.prefixlen,))
        + route.network.network_address.packed[: (route.network.prefixlen + 7) // 8]
        + route.router.packed
        for route in _not_empty(routes)
    )


def _listed(content: bytes) -> tuple[bytes, ...]:
    """The classes, if these bytes are a list of them to the last byte; else nothing."""
    items: list[bytes] = []
    at = 0
    while at < len(content):
        end = at + 1 + content[at]
        if content[at] == 0 or end > len(content):
            return ()
        items.append(content[at + 1 : end])
        at = end
    return tuple(items)


def _read_user_class(content: bytes) -> UserClass:
    listed = _listed(content)
    return UserClass(listed=listed) if listed else UserClass(bare=content)


def _write_user_class(value: UserClass) -> bytes:
    return b"".join(bytes((len(item),)) + item for item in value.listed) or value.bare


def _read_enterprises(content: bytes) -> tuple[Enterprise, ...]:
    reader = Reader(content, "vendor-identifying data")
    found: list[Enterprise] = []
    while reader.left:
        number = reader.number(4, "enterprise number")
        found.append(Enterprise(number=number, content=reader.take(reader.number(1, "length"), "data")))
    return _not_empty(tuple(found))


def _write_enterprises(values: tuple[Enterprise, ...]) -> bytes:
    return b"".join(
        value.number.to_bytes(4) + bytes((len(value.content),)) + value.content for value in _not_empty(values)
    )


def _write_suboptions(options: tuple[Option, ...]) -> bytes:
    require_codes(options, "an encapsulated option")
    return b"".join(build_option(option) for option in options)


TYPE: Format[MessageType] = Format(_read_type, lambda value: bytes((value,)))
CLIENT_ID: Format[ClientId] = Format(_read_client, lambda value: bytes((value.kind,)) + value.content)
ROUTES: Format[tuple[Route, ...]] = Format(_read_routes, _write_routes)
USER_CLASS: Format[UserClass] = Format(_read_user_class, _write_user_class)
ENTERPRISES: Format[tuple[Enterprise, ...]] = Format(_read_enterprises, _write_enterprises)
# Sub-options with pads and an end that may be missing (RFC 2132 section 8.4). The end is not written.
SUBOPTIONS: Format[tuple[Option, ...]] = Format(
    lambda content: parse_options(content, "encapsulated options"), _write_suboptions
)
