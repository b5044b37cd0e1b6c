"""The probe as a station of its segment: its MAC, its VLAN, what it hears there and what it says."""

from collections.abc import Callable

from pxedoctor.dialogue.wish import Send
from pxedoctor.probe import carrying
from pxedoctor.probe.carrying import Carried
from pxedoctor.probe.port import Port
from pxedoctor.probe.tap import Received
from pxedoctor.wire.arp import Arp
from pxedoctor.wire.mac import BROADCAST, require_mac

Hearer = Callable[[Carried], None]


class Station:
    """`mac`: the source of all its frames; `tag`: its VLAN, or None. A frame is understood once, for all hearers.

    `length`: of the frames in which it sends datagrams, 0 for no more than they need. What is behind an IP packet is
    padding, and no receiver reads it (IEEE 802.3 clause 3.2.8).
    """

    def __init__(self, port: Port, mac: str, tag: int | None, length: int = 0) -> None:
        require_mac(mac)
        self._length = length
        self.port = port
        self.mac = mac
        self.tag = tag
        self._hearers: list[Hearer] = []
        self._leave = port.listen(self._receive)

    def close(self) -> None:
        self._leave()

    def listen(self, hearer: Hearer) -> Callable[[], None]:
        """Calls it with every ARP packet and UDP datagram from now on, until the returned function is called."""
        self._hearers.append(hearer)
        return lambda: self._hearers.remove(hearer)

    def send(self, wish: Send, destination: str, comment: str) -> None:
        content = carrying.written(wish, self.mac, destination, self.tag)
        self.port.send(content.ljust(self._length, b"\0"), comment)

    def send_arp(self, packet: Arp, comment: str, destination: str = BROADCAST) -> None:
        self.port.send(carrying.written_arp(packet, self.mac, self.tag, destination), comment)

    def _receive(self, received: Received) -> None:
        carried = self.port.understand(received, self.tag)
        if carried is not None:
            for hearer in tuple(self._hearers):
                hearer(carried)
