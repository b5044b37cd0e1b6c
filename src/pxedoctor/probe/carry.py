"""The probe's port as a fetch by HTTP wants it: whole frames without a tag, out and in."""

from collections.abc import Callable

from pxedoctor.probe.fetching import Hear
from pxedoctor.probe.station import Station
from pxedoctor.probe.tap import Received
from pxedoctor.wire import ethernet, frame
from pxedoctor.wire.error import WireError
from pxedoctor.wire.ethernet import Ethernet

_TAG_AT = 12


class StationCarry:
    """Frames of the station's VLAN, with the tag taken off and put on."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._leave: Callable[[], None] | None = None

    def send(self, content: bytes) -> None:
        tag = self._station.tag
        if tag is not None:
            content = content[:_TAG_AT] + ethernet.VLAN.to_bytes(2) + tag.to_bytes(2) + content[_TAG_AT:]
        self._station.port.send(content, "HTTP fetch")

    def listen(self, hear: Hear | None) -> None:
        if self._leave is not None:
            self._leave()
            self._leave = None
        if hear is not None:
            self._leave = self._station.port.listen(lambda received: self._hand_over(received, hear))

    def _hand_over(self, received: Received, hear: Hear) -> None:
        try:
            outer = frame.untagged(received.content)
        except WireError:
            return
        if tuple(number for number in outer.vlans if number) != (
            () if self._station.tag is None else (self._station.tag,)
        ):
            return
        content = received.content
        if outer.vlans:
            plain = Ethernet(destination=outer.destination, source=outer.source, kind=outer.kind, payload=outer.payload)
            content = ethernet.build(plain)
        hear(content, received.marked)
