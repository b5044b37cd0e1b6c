"""Neighbor discovery as far as a probe needs it (RFC 4861): routers, who is at an address, and its own two addresses.

It answers for its link-local address, which is made of its own MAC, and for the one that it leases itself.
"""

import asyncio
from collections.abc import Callable
from ipaddress import IPv6Address, IPv6Network

import msgspec

from pxedoctor.dialogue.wish import Send
from pxedoctor.probe.carrying import group_mac
from pxedoctor.probe.carrying_icmp import carried_nd, written_nd
from pxedoctor.probe.resolving import Resolving
from pxedoctor.probe.station import Station
from pxedoctor.probe.tap import Received
from pxedoctor.wire.mac import write_mac
from pxedoctor.wire.nd import (
    ALL_ROUTERS,
    Nd,
    NeighborAdvertisement,
    NeighborSolicitation,
    RouterAdvertisement,
    RouterSolicitation,
)
from pxedoctor.wire.nd_options import PrefixInformation, SourceLinkLayer, TargetLinkLayer

_NOBODY = IPv6Address(0)
_SOLICITED_NODE = IPv6Address("ff02::1:ff00:0")
_MOST_ANSWERS = 256
_MOST_ROUTERS = 8


class Router(msgspec.Struct, frozen=True, kw_only=True):
    """A router that advertised itself. `managed`: it says that addresses come by DHCPv6."""

    address: IPv6Address
    mac: str
    managed: bool
    other: bool
    forwards: bool
    prefixes: tuple[IPv6Network, ...]


class Neighbours6(Resolving[IPv6Address]):
    """`routers` grows as they advertise themselves; `advertised` is set by the first."""

    def __init__(self, station: Station) -> None:
        super().__init__(station)
        self._answers = 0
        self._leave: Callable[[], None] = station.port.listen(self._hear)
        self.link_local = link_local_of(station.mac)
        self.routers: list[Router] = []
        self.advertised = asyncio.Event()

    def close(self) -> None:
        self._leave()
        super().close()

    def solicit_routers(self) -> None:
        self._send(RouterSolicitation(options=(SourceLinkLayer(self._station.mac),)), self.link_local, ALL_ROUTERS)

    def by_routers(self, destination: IPv6Address) -> IPv6Address:
        """Where a packet goes on the link: to its destination, or to the first router that forwards."""
        on_link = destination.is_link_local or any(
            destination in prefix for router in self.routers for prefix in router.prefixes
        )
        way = next((router.address for router in self.routers if router.forwards), None)
        return destination if on_link or way is None else way

    def send(self, wish: Send, comment: str) -> None:
        """Sends a datagram to one station, as soon as its MAC is known; where nobody has the address, never."""
        if isinstance(wish.destination, IPv6Address):
            self._deliver(wish, wish.destination, comment)

    def _ask(self, address: IPv6Address, sender: IPv6Address | None) -> None:
        group = IPv6Address(int(_SOLICITED_NODE) | int(address) & 0xFFFFFF)
        source = sender or self.own or self.link_local
        # Whoever only wants to know whether the address is free does not say who asks (RFC 4861 section 4.3).
        options = () if source == _NOBODY else (SourceLinkLayer(self._station.mac),)
        self._send(NeighborSolicitation(target=address, options=options), source, group)

    def _hear(self, received: Received) -> None:
        heard = carried_nd(received.content, self._station.tag)
        if heard is None or heard.mac == self._station.mac:
            return
        match heard.message:
            case NeighborAdvertisement(target=target, options=options):
                told = next((option.mac for option in options if isinstance(option, TargetLinkLayer)), heard.mac)
                self._heard(target, told)
            case RouterAdvertisement():
                self._note_router(heard.source, heard.mac, heard.message)
            case NeighborSolicitation(target=target) if target in (self.link_local, self.own):
                self._answer(target, heard.source, heard.mac)
            case _:
                pass

    def _note_router(self, source: IPv6Address, mac: str, said: RouterAdvertisement) -> None:
        if len(self.routers) >= _MOST_ROUTERS or any(router.address == source for router in self.routers):
            return
        prefixes = (option for option in said.options if isinstance(option, PrefixInformation) and option.on_link)
        router = Router(
            address=source,
            mac=mac,
            managed=said.managed,
            other=said.other,
            forwards=said.lifetime > 0,
            prefixes=tuple(IPv6Network((option.prefix, option.length), strict=False) for option in prefixes),
        )
        self.routers.append(router)
        self.learn(source, mac)
        self.advertised.set()

    def _answer(self, target: IPv6Address, asker: IPv6Address, mac: str) -> None:
        # A question from nobody is a search for a duplicate: everybody is to hear the answer (RFC 4861 section 7.2.4).
        if self._answers >= _MOST_ANSWERS:
            return
        self._answers += 1
        everybody = asker == _NOBODY
        answer = NeighborAdvertisement(
            target=target, solicited=not everybody, override=True, options=(TargetLinkLayer(self._station.mac),)
        )
        self._send(answer, target, IPv6Address("ff02::1") if everybody else asker, mac)

    def _send(self, message: Nd, source: IPv6Address, destination: IPv6Address, mac: str = "") -> None:
        to = group_mac(destination) or mac
        self._station.port.send(
            written_nd(message, source, destination, (self._station.mac, to), self._station.tag), type(message).__name__
        )


def link_local_of(mac: str) -> IPv6Address:
    """RFC 4291 appendix A."""
    content = write_mac(mac)
    return IPv6Address(
        bytes((0xFE, 0x80, *bytes(6), content[0] ^ 0x02, *content[1:3], 0xFF, 0xFE, *content[3:])),
    )
