"""ARP as far as a probe needs it: who is at an address, and the answer to whoever asks for its own.

It answers for one address alone, the one that it leases itself, and only from the ACK until the lease is given back.
"""

import asyncio
from collections.abc import Callable
from ipaddress import IPv4Address

from pxedoctor.dialogue.event import HeardArp
from pxedoctor.dialogue.wish import Send
from pxedoctor.probe.carrying import Carried
from pxedoctor.probe.station import Station
from pxedoctor.wire.arp import Arp, Operation
from pxedoctor.wire.mac import ZERO

_NOBODY = IPv4Address(0)
_TRIES = 3
_GAP_SECONDS = 0.3
_MOST_WAITING = 16
_MOST_ANSWERS = 256


class Neighbours:
    """`own`: the address that the station has, or None. `gateway`: where what is off the link goes."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._known: dict[IPv4Address, str] = {}
        self._asked: dict[IPv4Address, asyncio.Future[str]] = {}
        self._waiting: set[asyncio.Task[None]] = set()
        self._answers = 0
        self._leave: Callable[[], None] = station.listen(self._hear)
        self.own: IPv4Address | None = None
        self.next_hop: Callable[[IPv4Address], IPv4Address] = lambda address: address

    def close(self) -> None:
        self._leave()
        for task in self._waiting:
            task.cancel()
        for future in self._asked.values():
            future.cancel()

    def send(self, wish: Send, comment: str) -> None:
        """Sends a datagram to one station, as soon as its MAC is known; where nobody has the address, never."""
        assert isinstance(wish.destination, IPv4Address)
        mac = self._known.get(self.next_hop(wish.destination))
        if mac is not None:
            self._station.send(wish, mac, comment)
        elif len(self._waiting) < _MOST_WAITING:
            task = asyncio.get_running_loop().create_task(self._send_later(wish, comment))
            self._waiting.add(task)
            task.add_done_callback(self._waiting.discard)

    def learn(self, address: IPv4Address, mac: str) -> None:
        """Somebody was heard from there."""
        self._known[address] = mac

    async def mac_of(self, address: IPv4Address, sender: IPv4Address | None = None) -> str:
        """Who has an address on this link: its MAC, or "" where nobody answered to three questions in 0.9 s.

        `sender` 0.0.0.0 asks as somebody who wants it for himself (RFC 5227): nobody learns anything from that.
        """
        if sender is None and address in self._known:
            return self._known[address]
        found = self._asked.get(address)
        if found is None or found.done():
            found = self._asked[address] = asyncio.get_running_loop().create_future()
        for _ in range(_TRIES):
            self._ask(address, sender or self.own or _NOBODY)
            done, _ = await asyncio.wait((found,), timeout=_GAP_SECONDS)
            if done:
                return found.result()
        return ""

    async def _send_later(self, wish: Send, comment: str) -> None:
        assert isinstance(wish.destination, IPv4Address)
        mac = await self.mac_of(self.next_hop(wish.destination))
        if mac:
            self._station.send(wish, mac, comment)

    def _ask(self, address: IPv4Address, sender: IPv4Address) -> None:
        packet = Arp(
            operation=Operation.REQUEST,
            sender_mac=self._station.mac,
            sender=sender,
            target_mac=ZERO,
            target=address,
        )
        self._station.send_arp(packet, f"ARP: who has {address}?")

    def _hear(self, carried: Carried) -> None:
        if not isinstance(carried.event, HeardArp):
            return
        packet = carried.event.packet
        if packet.sender_mac == self._station.mac:
            return
        future = self._asked.get(packet.sender)
        if future is not None:
            self._known[packet.sender] = packet.sender_mac
            if not future.done():
                future.set_result(packet.sender_mac)
        if packet.operation is Operation.REQUEST and self.own is not None and packet.target == self.own:
            self._answer(packet)

    def _answer(self, question: Arp) -> None:
        if self.own is None or self._answers >= _MOST_ANSWERS:
            return
        self._answers += 1
        packet = Arp(
            operation=Operation.REPLY,
            sender_mac=self._station.mac,
            sender=self.own,
            target_mac=question.sender_mac,
            target=question.sender,
        )
        self._station.send_arp(packet, f"ARP: {self.own} is the probe's lease", question.sender_mac)
