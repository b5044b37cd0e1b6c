"""Who is at an address of the link: asked with patience, remembered, and datagrams held back until it is known."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from typing import Generic, TypeVar

from pxedoctor.dialogue.wish import Send
from pxedoctor.probe.station import Station

Address = TypeVar("Address", IPv4Address, IPv6Address)

_TRIES = 3
_GAP_SECONDS = 0.3
_MOST_WAITING = 16
_MOST_KNOWN = 64


class Resolving(ABC, Generic[Address]):
    """`own`: the leased address, or None. `next_hop`: where on the link a packet to an address goes.

    A subclass knows the protocol: how to ask, and how it hears answers (`_heard`).
    """

    def __init__(self, station: Station) -> None:
        self._station = station
        self._known: dict[Address, str] = {}
        self._asked: dict[Address, asyncio.Future[str]] = {}
        self._waiting: set[asyncio.Task[None]] = set()
        self.own: Address | None = None
        self.next_hop: Callable[[Address], Address] = lambda address: address

    def close(self) -> None:
        for task in self._waiting:
            task.cancel()
        for future in self._asked.values():
            future.cancel()

    def _deliver(self, wish: Send, destination: Address, comment: str) -> None:
        mac = self._known.get(self.next_hop(destination))
        if mac is not None:
            self._station.send(wish, mac, comment)
        elif len(self._waiting) < _MOST_WAITING:
            task = asyncio.get_running_loop().create_task(self._send_later(wish, destination, comment))
            self._waiting.add(task)
            task.add_done_callback(self._waiting.discard)

    def learn(self, address: Address, mac: str) -> None:
        """Somebody was heard from there."""
        if address in self._known or len(self._known) < _MOST_KNOWN:
            self._known[address] = mac

    async def mac_of(self, address: Address, sender: Address | None = None) -> str:
        """Who has an address on this link: its MAC, or "" where nobody answered to three questions in 0.9 s.

        `sender` unspecified (0.0.0.0) asks as somebody who wants it for himself (RFC 5227, RFC 4862 section 5.4.2), and
        asks even where the answer is known: nobody learns anything from that.
        """
        if sender is None and address in self._known:
            return self._known[address]
        found = self._asked.get(address)
        if found is None or found.done():
            found = self._asked[address] = asyncio.get_running_loop().create_future()
        for _ in range(_TRIES):
            self._ask(address, sender)
            done, _ = await asyncio.wait((found,), timeout=_GAP_SECONDS)
            if done:
                return found.result()
        return ""

    @abstractmethod
    def _ask(self, address: Address, sender: Address | None) -> None:
        """Sends the question once."""

    def _heard(self, address: Address, mac: str) -> None:
        """Somebody says that it has the address; of use only where that was asked."""
        future = self._asked.get(address)
        if future is not None:
            self.learn(address, mac)
            if not future.done():
                future.set_result(mac)

    async def _send_later(self, wish: Send, destination: Address, comment: str) -> None:
        mac = await self.mac_of(self.next_hop(destination))
        if mac:
            self._station.send(wish, mac, comment)
