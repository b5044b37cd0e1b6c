"""Neighbor discovery: router and neighbor solicitations and advertisements (RFC 4861 section 4)."""

from ipaddress import IPv6Address

import msgspec

from pxedoctor.wire import nd_options
from pxedoctor.wire.bounds import require_bits
from pxedoctor.wire.error import WireError
from pxedoctor.wire.icmp6 import Icmp6
from pxedoctor.wire.nd_options import NdOption
from pxedoctor.wire.reader import Reader

# A message with another hop limit has crossed a router and is dropped (RFC 4861 section 6.1, 7.1).
HOP_LIMIT = 255
ALL_NODES = IPv6Address("ff02::1")
ALL_ROUTERS = IPv6Address("ff02::2")

_ROUTER_SOLICITATION, _ROUTER_ADVERTISEMENT, _NEIGHBOR_SOLICITATION, _NEIGHBOR_ADVERTISEMENT = 133, 134, 135, 136
_MANAGED, _OTHER = 0x80, 0x40
_ROUTER, _SOLICITED, _OVERRIDE = 0x80, 0x40, 0x20


class RouterSolicitation(msgspec.Struct, frozen=True, kw_only=True):
    options: tuple[NdOption, ...] = ()


class RouterAdvertisement(msgspec.Struct, frozen=True, kw_only=True):
    """`managed`: addresses by DHCPv6; `other`: the rest by DHCPv6. `lifetime` in s, the timers in ms.

    `preference`: 0 medium, 1 high, 3 low (RFC 4191 section 2.1).
    """

    hop_limit: int = 0
    managed: bool = False
    other: bool = False
    preference: int = 0
    lifetime: int = 0
    reachable: int = 0
    retransmit: int = 0
    options: tuple[NdOption, ...] = ()

    def __post_init__(self) -> None:
        require_bits("a router's hop limit", self.hop_limit, 8)
        require_bits("a router's preference", self.preference, 2)
        require_bits("a router's lifetime", self.lifetime, 16)
        require_bits("reachable time", self.reachable, 32)
        require_bits("retransmission timer", self.retransmit, 32)


class NeighborSolicitation(msgspec.Struct, frozen=True, kw_only=True):
    target: IPv6Address
    options: tuple[NdOption, ...] = ()

    def __post_init__(self) -> None:
        _require_unicast(self.target)


class NeighborAdvertisement(msgspec.Struct, frozen=True, kw_only=True):
    target: IPv6Address
    router: bool = False
    solicited: bool = False
    override: bool = False
    options: tuple[NdOption, ...] = ()

    def __post_init__(self) -> None:
        _require_unicast(self.target)


Nd = RouterSolicitation | RouterAdvertisement | NeighborSolicitation | NeighborAdvertisement


def parse(message: Icmp6) -> Nd:
    """Raises WireError for what RFC 4861 sections 6.1 and 7.1 let a receiver drop, and for other messages."""
    reader = Reader(message.body, "a neighbor discovery message")
    if message.code != 0:
        raise WireError(f"a neighbor discovery message has code 0, not {message.code}")
    match message.kind:
        case 133:
            reader.take(4, "reserved field")
            return RouterSolicitation(options=nd_options.parse(reader.rest()))
        case 134:
            return _parse_advertisement(reader)
        case 135:
            reader.take(4, "reserved field")
            target = IPv6Address(reader.take(16, "target"))
            return NeighborSolicitation(target=target, options=nd_options.parse(reader.rest()))
        case 136:
            flags = reader.take(4, "flags")[0]
            return NeighborAdvertisement(
                target=IPv6Address(reader.take(16, "target")),
                router=bool(flags & _ROUTER),
                solicited=bool(flags & _SOLICITED),
                override=bool(flags & _OVERRIDE),
                options=nd_options.parse(reader.rest()),
            )
        case _:
            raise WireError(f"ICMPv6 type {message.kind} is no neighbor discovery")


def build(message: Nd) -> Icmp6:
    match message:
        case RouterSolicitation():
            kind, body = _ROUTER_SOLICITATION, bytes(4)
        case RouterAdvertisement():
            kind, body = _ROUTER_ADVERTISEMENT, _build_advertisement(message)
        case NeighborSolicitation():
            kind, body = _NEIGHBOR_SOLICITATION, bytes(4) + message.target.packed
        case NeighborAdvertisement():
            flags = message.router * _ROUTER | message.solicited * _SOLICITED | message.override * _OVERRIDE
            kind, body = _NEIGHBOR_ADVERTISEMENT, bytes((flags, 0, 0, 0)) + message.target.packed
    return Icmp6(kind=kind, code=0, body=body + nd_options.build(message.options))


def _parse_advertisement(reader: Reader) -> RouterAdvertisement:
    hop_limit, flags = reader.number(1, "hop limit"), reader.number(1, "flags")
    return RouterAdvertisement(
        hop_limit=hop_limit,
        managed=bool(flags & _MANAGED),
        other=bool(flags & _OTHER),
        preference=flags >> 3 & 3,
        lifetime=reader.number(2, "lifetime"),
        reachable=reader.number(4, "reachable time"),
        retransmit=reader.number(4, "retransmission timer"),
        options=nd_options.parse(reader.rest()),
    )


def _build_advertisement(message: RouterAdvertisement) -> bytes:
    flags = message.managed * _MANAGED | message.other * _OTHER | message.preference << 3
    times = message.lifetime.to_bytes(2) + message.reachable.to_bytes(4) + message.retransmit.to_bytes(4)
    return bytes((message.hop_limit, flags)) + times


def _require_unicast(target: IPv6Address) -> None:
    if target.is_multicast:
        raise WireError(f"the target of neighbor discovery is no multicast address: {target}")
