"""Options of neighbor discovery messages: RFC 4861 section 4.6, RFC 4191 section 2.3, RFC 8106 section 5.

An option that is not known here is kept as `Other`.
"""

from ipaddress import IPv6Address

import msgspec

from pxedoctor.wire.bounds import require_bits
from pxedoctor.wire.domain import build_names, parse_names
from pxedoctor.wire.error import WireError
from pxedoctor.wire.mac import read_mac, require_mac, write_mac
from pxedoctor.wire.reader import Reader

_SOURCE, _TARGET, _PREFIX, _MTU, _ROUTE, _SERVERS, _SEARCH = 1, 2, 3, 5, 24, 25, 31
_KNOWN = (_SOURCE, _TARGET, _PREFIX, _MTU, _ROUTE, _SERVERS, _SEARCH)
_ON_LINK, _AUTONOMOUS, _ROUTER_ADDRESS = 0x80, 0x40, 0x20
FOREVER = 0xFFFFFFFF


class SourceLinkLayer(msgspec.Struct, frozen=True):
    mac: str

    def __post_init__(self) -> None:
        require_mac(self.mac)


class TargetLinkLayer(msgspec.Struct, frozen=True):
    mac: str

    def __post_init__(self) -> None:
        require_mac(self.mac)


class PrefixInformation(msgspec.Struct, frozen=True, kw_only=True):
    """Lifetimes in seconds. `autonomous`: addresses may be made from the prefix. Flags: RFC 4861, 6275."""

    prefix: IPv6Address
    length: int
    valid: int
    preferred: int
    on_link: bool = True
    autonomous: bool = True
    router_address: bool = False

    def __post_init__(self) -> None:
        _require_length(self.length)
        require_bits("a prefix' valid lifetime", self.valid, 32)
        require_bits("a prefix' preferred lifetime", self.preferred, 32)


class Mtu(msgspec.Struct, frozen=True):
    mtu: int

    def __post_init__(self) -> None:
        require_bits("MTU", self.mtu, 32)


class RouteInformation(msgspec.Struct, frozen=True, kw_only=True):
    """`preference`: 0 medium, 1 high, 3 low (RFC 4191 section 2.1)."""

    prefix: IPv6Address
    length: int
    lifetime: int
    preference: int = 0

    def __post_init__(self) -> None:
        _require_length(self.length)
        require_bits("a route's lifetime", self.lifetime, 32)
        require_bits("a route's preference", self.preference, 2)


class RecursiveServers(msgspec.Struct, frozen=True, kw_only=True):
    """RDNSS."""

    lifetime: int
    servers: tuple[IPv6Address, ...]

    def __post_init__(self) -> None:
        require_bits("the lifetime of DNS servers", self.lifetime, 32)
        if not 1 <= len(self.servers) <= 127:
            raise WireError(f"an option holds 1 to 127 DNS servers, not {len(self.servers)}")


class SearchList(msgspec.Struct, frozen=True, kw_only=True):
    """DNSSL."""

    lifetime: int
    domains: tuple[str, ...]

    def __post_init__(self) -> None:
        require_bits("the lifetime of a search list", self.lifetime, 32)
        if not self.domains or "" in self.domains:
            raise WireError("a DNS search list holds one domain at least, and not the root")
        if len(build_names(self.domains)) > 255 * 8 - 8:
            raise WireError("a DNS search list that one option cannot hold")


class Other(msgspec.Struct, frozen=True):
    """An option that is not modelled; `content` is all of it but the type and the length."""

    kind: int
    content: bytes

    def __post_init__(self) -> None:
        require_bits("the type of an ND option", self.kind, 8)
        if self.kind in _KNOWN or len(self.content) % 8 != 6 or len(self.content) > 255 * 8 - 2:
            raise WireError(f"not an ND option of its own: type {self.kind}, {len(self.content)} bytes")


NdOption = (
    SourceLinkLayer
    | TargetLinkLayer
    | PrefixInformation
    | Mtu
    | RouteInformation
    | RecursiveServers
    | SearchList
    | Other
)


def parse(content: bytes) -> tuple[NdOption, ...]:
    """Raises WireError for a length of zero (RFC 4861 section 4.6: drop the packet) or one beyond the end."""
    reader = Reader(content, "a neighbor discovery message")
    options: list[NdOption] = []
    while reader.left:
        kind, words = reader.number(1, "option"), reader.number(1, "option")
        if words == 0:
            raise WireError("a neighbor discovery option of length zero")
        options.append(_read(kind, reader.take(words * 8 - 2, "option")))
    return tuple(options)


def build(options: tuple[NdOption, ...]) -> bytes:
    return b"".join(_whole(*_write(option)) for option in options)


def _whole(kind: int, content: bytes) -> bytes:
    padded = content + bytes(-(len(content) + 2) % 8)
    return bytes((kind, (len(padded) + 2) // 8)) + padded


def _read(kind: int, content: bytes) -> NdOption:
    reader = Reader(content, f"neighbor discovery option {kind}")
    match kind:
        case 1 | 2:
            mac = read_mac(reader.take(6, "MAC address"))
            reader.end()
            return SourceLinkLayer(mac) if kind == _SOURCE else TargetLinkLayer(mac)
        case 3:
            return _read_prefix(reader)
        case 5:
            reader.take(2, "reserved field")
            mtu = Mtu(reader.number(4, "MTU"))
            reader.end()
            return mtu
        case 24:
            return _read_route(reader)
        case 25:
            reader.take(2, "reserved field")
            lifetime, servers = reader.number(4, "lifetime"), reader.rest()
            if len(servers) % 16:
                raise WireError(f"a list of DNS servers of {len(servers)} bytes")
            addresses = tuple(IPv6Address(servers[at : at + 16]) for at in range(0, len(servers), 16))
            return RecursiveServers(lifetime=lifetime, servers=addresses)
        case 31:
            reader.take(2, "reserved field")
            lifetime = reader.number(4, "lifetime")
            # Zeros fill up the last word (RFC 8106 section 5.2): empty names, which no domain is.
            domains = tuple(name for name in parse_names(reader.rest()) if name)
            return SearchList(lifetime=lifetime, domains=domains)
        case _:
            return Other(kind, content)


def _read_prefix(reader: Reader) -> PrefixInformation:
    length, flags = reader.number(1, "prefix length"), reader.number(1, "flags")
    valid, preferred = reader.number(4, "valid lifetime"), reader.number(4, "preferred lifetime")
    reader.take(4, "reserved field")
    prefix = IPv6Address(reader.take(16, "prefix"))
    reader.end()
    return PrefixInformation(
        prefix=prefix,
        length=length,
        valid=valid,
        preferred=preferred,
        on_link=bool(flags & _ON_LINK),
        autonomous=bool(flags & _AUTONOMOUS),
        router_address=bool(flags & _ROUTER_ADDRESS),
    )


def _read_route(reader: Reader) -> RouteInformation:
    length, flags, lifetime = reader.number(1, "prefix length"), reader.number(1, "flags"), reader.number(4, "lifetime")
    prefix = reader.rest()
    if len(prefix) not in (0, 8, 16) or length > len(prefix) * 8:
        raise WireError(f"a route to /{length} with {len(prefix)} bytes of prefix")
    address = IPv6Address(prefix.ljust(16, b"\0"))
    return RouteInformation(prefix=address, length=length, lifetime=lifetime, preference=flags >> 3 & 3)


def _write(option: NdOption) -> tuple[int, bytes]:
    match option:
        case SourceLinkLayer(mac):
            return _SOURCE, write_mac(mac)
        case TargetLinkLayer(mac):
            return _TARGET, write_mac(mac)
        case PrefixInformation():
            return _PREFIX, _write_prefix(option)
        case Mtu(mtu):
            return _MTU, bytes(2) + mtu.to_bytes(4)
        case RouteInformation():
            head = bytes((option.length, option.preference << 3)) + option.lifetime.to_bytes(4)
            return _ROUTE, head + option.prefix.packed
        case RecursiveServers():
            addresses = b"".join(server.packed for server in option.servers)
            return _SERVERS, bytes(2) + option.lifetime.to_bytes(4) + addresses
        case SearchList():
            return _SEARCH, bytes(2) + option.lifetime.to_bytes(4) + build_names(option.domains)
        case Other(kind, content):
            return kind, content


def _write_prefix(option: PrefixInformation) -> bytes:
    flags = option.on_link * _ON_LINK | option.autonomous * _AUTONOMOUS | option.router_address * _ROUTER_ADDRESS
    times = option.valid.to_bytes(4) + option.preferred.to_bytes(4)
    return bytes((option.length, flags)) + times + bytes(4) + option.prefix.packed


def _require_length(length: int) -> None:
    if not 0 <= length <= 128:
        raise WireError(f"an IPv6 prefix has 0 to 128 bits, not {length}")
