"""ARP as far as a probe needs it: who is at an address, and the answer to whoever asks for its own.

It answers for one address alone, the one that it leases itself, and only from the ACK until the lease is given back.
"""

from ipaddress import IPv4Address

from pxedoctor.dialogue.event import HeardArp
from pxedoctor.dialogue.wish import Send
from pxedoctor.probe.carrying import Carried
from pxedoctor.probe.resolving import Resolving
from pxedoctor.probe.station import Station
from pxedoctor.wire.arp import Arp, Operation
from pxedoctor.wire.mac import ZERO

_NOBODY = IPv4Address(0)
_MOST_ANSWERS = 256


class Neighbours(Resolving[IPv4Address]):
    def __init__(self, station: Station) -> None:
        super().__init__(station)
        self._answers = 0
        self._leave = station.listen(self._hear)

    def close(self) -> None:
        self._leave()
        super().close()

    def send(self, wish: Send, comment: str) -> None:
        """Sends a datagram to one station, as soon as its MAC is known; where nobody has the address, never."""
        if isinstance(wish.destination, IPv4Address):
            self._deliver(wish, wish.destination, comment)

    def _ask(self, address: IPv4Address, sender: IPv4Address | None) -> None:
        packet = Arp(
            operation=Operation.REQUEST,
            sender_mac=self._station.mac,
            sender=sender or self.own or _NOBODY,
            target_mac=ZERO,
            target=address,
        )
        self._station.send_arp(packet, f"ARP: who has {address}?")

    def _hear(self, carried: Carried) -> None:
        if not isinstance(carried.event, HeardArp) or carried.event.packet.sender_mac == self._station.mac:
            return
        packet = carried.event.packet
        self._heard(packet.sender, packet.sender_mac)
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
