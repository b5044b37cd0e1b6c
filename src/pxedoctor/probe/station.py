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
    """`mac`: the source of all its frames; `tag`: its VLAN, or None. A frame is understood once, for all hearers."""

    def __init__(self, port: Port, mac: str, tag: int | None) -> None:
        require_mac(mac)
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
        self.port.send(carrying.written(wish, self.mac, destination, self.tag), comment)

    def send_arp(self, packet: Arp, comment: str, destination: str = BROADCAST) -> None:
        self.port.send(carrying.written_arp(packet, self.mac, self.tag, destination), comment)

    def _receive(self, received: Received) -> None:
        carried = self.port.understand(received, self.tag)
        if carried is not None:
            for hearer in tuple(self._hearers):
                hearer(carried)
