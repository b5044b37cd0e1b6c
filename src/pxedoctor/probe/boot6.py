"""One DHCPv6 conversation at the probe's port: what it sends, what it hears, and what is written down of both."""

import asyncio
from ipaddress import IPv6Address

from msgspec.structs import replace

from pxedoctor.dialogue import dhcp6
from pxedoctor.dialogue.dhcp6_message import Asking6, Conversation6, address_of
from pxedoctor.dialogue.event import Begin, Heard
from pxedoctor.dialogue.wish import Done, Notice, Noticing, Send, Wish
from pxedoctor.model.observation import ProbeStage, SeenOffer
from pxedoctor.probe.carrying import Carried, group_mac
from pxedoctor.probe.neighbours6 import Neighbours6
from pxedoctor.probe.notes import Notes
from pxedoctor.probe.port import FORWARDING
from pxedoctor.probe.station import Station
from pxedoctor.probe.talk import Talk
from pxedoctor.wire import dhcp6 as wire
from pxedoctor.wire import duid
from pxedoctor.wire.dhcp6 import CLIENT_PORT, Dhcp6, MessageType
from pxedoctor.wire.dhcp6_known import BOOT_FILE_URL, CLIENT_ID, SERVER_ID, STATUS_CODE
from pxedoctor.wire.error import WireError
from pxedoctor.wire.frame import UdpFrame

_STAGES = {
    MessageType.SOLICIT: ProbeStage.DISCOVER,
    MessageType.REQUEST: ProbeStage.REQUEST,
    MessageType.DECLINE: ProbeStage.RELEASE,
    MessageType.RELEASE: ProbeStage.RELEASE,
}
_NOTICES = {
    Noticing.OFFERED: (ProbeStage.OFFER, True, "offers"),
    Noticing.REFUSED: (ProbeStage.OFFER, False, "answers without an address:"),
    Noticing.MALFORMED: (ProbeStage.OFFER, False, "sends what is malformed:"),
    Noticing.ACKED: (ProbeStage.ACK, True, "gives"),
}


class Boot6:
    """`asked_for`: the MAC in whose name it is. It listens from its making on. `whose` as in Boot4."""

    def __init__(
        self, station: Station, notes: Notes, asking: Asking6, asked_for: str, neighbours: Neighbours6, *, whose: str
    ) -> None:
        self.port = station.port
        self._station = station
        self._notes = notes
        self._asking = asking
        self._asked_for = asked_for
        self._neighbours = neighbours
        self._whose = whose
        self._solicits = 0
        self.talk: Talk[Conversation6] = Talk(station.port, dhcp6.step, Conversation6(asking=asking), self._grant)
        self._leave = station.listen(self._hear)

    def begin(self) -> asyncio.Future[Done]:
        self.talk.feed(Begin())
        return self.talk.done

    def close(self) -> None:
        self._leave()
        self.talk.close()

    def _hear(self, carried: Carried) -> None:
        heard = carried.event
        if not isinstance(heard, Heard) or not isinstance(heard.source, IPv6Address) or carried.frame is None:
            return
        message = _advertisement(heard, self._asking)
        if message is not None and message.xid == self.talk.now.xid:
            seen = offer_of6(message, heard, carried.frame, carried.marked, self._notes.now)
            self._notes.offer(replace(seen, asked_for=self._asked_for))
        self.talk.feed(heard)

    def _grant(self, wish: Wish) -> None:
        match wish:
            case Send():
                self._send(wish)
            case Notice():
                stage, ok, told = _NOTICES[wish.what]
                if wish.what is Noticing.ACKED and self.talk.now.lease is not None:
                    self._neighbours.own = address_of(self.talk.now.lease)
                    self._neighbours.next_hop = self._neighbours.by_routers
                self._notes.happens(stage, ok, f"{wish.source} {told} {wish.why}{self._whose}")
            case _:
                pass

    def _send(self, wish: Send) -> None:
        message = wire.parse(wish.datagram.payload)
        assert isinstance(message, Dhcp6)
        what = message.kind.name
        if message.kind is MessageType.SOLICIT:
            self._solicits += 1
            what = f"SOLICIT {self._solicits}"
        state = self.port.state()
        self._notes.sent(what, state)
        if message.kind in _STAGES and message.kind is not MessageType.RELEASE:
            sent = f"{what} sent" if state == FORWARDING else f"{what} is lost: the port is {state}"
            self._notes.happens(_STAGES[message.kind], state == FORWARDING, sent + self._whose)
        destination = group_mac(wish.destination)
        if destination is not None:
            self._station.send(wish, destination, what)


def offer_of6(message: Dhcp6, heard: Heard, around: UdpFrame, marked: bool, at: float) -> SeenOffer:
    """An ADVERTISE; `refused` where it holds no address."""
    address = _address(message)
    server = SERVER_ID.find(message.options)
    return SeenOffer(
        at=at,
        server=duid.build(server).hex() if server else "",
        source=str(heard.source),
        source_port=heard.datagram.source_port,
        mac=around.source,
        address=address,
        file=_file(message),
        next_server="",
        vendor_class="",
        proxy=False,
        refused="" if address else _status(message) or "it offers no address",
        checksum=around.checksum.value,
        marked=marked,
        options=tuple((option.code, option.content) for option in message.options),
    )


def _advertisement(heard: Heard, asking: Asking6) -> Dhcp6 | None:
    if heard.datagram.destination_port != CLIENT_PORT:
        return None
    try:
        message = wire.parse(heard.datagram.payload)
        if not isinstance(message, Dhcp6) or message.kind is not MessageType.ADVERTISE:
            return None
        ours = CLIENT_ID.find(message.options) == asking.duid and SERVER_ID.find(message.options) is not None
    except WireError:
        return None
    return message if ours else None


def _address(message: Dhcp6) -> str:
    try:
        return str(address_of(message) or "")
    except WireError:
        return ""


def _file(message: Dhcp6) -> str:
    try:
        return BOOT_FILE_URL.find(message.options) or ""
    except WireError:
        return ""


def _status(message: Dhcp6) -> str:
    try:
        status = STATUS_CODE.find(message.options)
    except WireError:
        return ""
    return f"status {status.code}: {status.message}" if status and status.code else ""
