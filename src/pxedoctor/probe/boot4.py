"""One DHCPv4 conversation at the probe's port: what it sends, what it hears, and what is written down of both."""

import asyncio
from collections.abc import Callable
from ipaddress import IPv4Address

from pxedoctor.dialogue import dhcp4
from pxedoctor.dialogue.dhcp4_intake import read as read_message
from pxedoctor.dialogue.dhcp4_state import Asking as Asking4
from pxedoctor.dialogue.dhcp4_state import Conversation
from pxedoctor.dialogue.event import Begin, Heard, HeardArp
from pxedoctor.dialogue.wish import Done, Notice, Noticing, Send, SendArp, Wish
from pxedoctor.model.observation import ProbeStage
from pxedoctor.probe import carrying
from pxedoctor.probe.carrying import Carried
from pxedoctor.probe.neighbours import Neighbours
from pxedoctor.probe.notes import Notes
from pxedoctor.probe.offered import nak_of, offer_of
from pxedoctor.probe.port import FORWARDING
from pxedoctor.probe.station import Station
from pxedoctor.probe.talk import Talk
from pxedoctor.wire import dhcp4 as wire
from pxedoctor.wire.dhcp4 import Dhcp4, MessageType

_STAGES = {
    MessageType.DISCOVER: ProbeStage.DISCOVER,
    MessageType.REQUEST: ProbeStage.REQUEST,
    MessageType.DECLINE: ProbeStage.RELEASE,
    MessageType.RELEASE: ProbeStage.RELEASE,
}
_NOTICES = {
    Noticing.OFFERED: (ProbeStage.OFFER, True),
    Noticing.PROXY_OFFERED: (ProbeStage.PROXY, True),
    Noticing.REFUSED: (ProbeStage.OFFER, False),
    Noticing.MALFORMED: (ProbeStage.OFFER, False),
    Noticing.ACKED: (ProbeStage.ACK, True),
    Noticing.NAKED: (ProbeStage.ACK, False),
    Noticing.CONFLICT: (ProbeStage.ARP_PROBE, False),
    Noticing.FILE: (ProbeStage.PROXY, True),
}


class Boot4:
    """`station`: whose frames these are; the conversation may be in another's name. It listens from its making on."""

    def __init__(self, station: Station, notes: Notes, asking: Asking4, neighbours: Neighbours) -> None:
        self._port = station.port
        self._station = station
        self._notes = notes
        self._neighbours = neighbours
        self._asking = asking
        self._discovers = 0
        self.talk: Talk[Conversation] = Talk(station.port, dhcp4.step, Conversation(asking=asking), self._grant)
        self._leave: Callable[[], None] = station.listen(self._hear)

    def begin(self) -> asyncio.Future[Done]:
        self.talk.feed(Begin())
        return self.talk.done

    def close(self) -> None:
        self._leave()
        self.talk.close()

    def _hear(self, carried: Carried) -> None:
        if isinstance(carried.event, HeardArp):
            self.talk.feed(carried.event)
            return
        self._note(carried, carried.event)
        self.talk.feed(carried.event)

    def _note(self, carried: Carried, heard: Heard) -> None:
        message = read_message(self.talk.now, heard)
        if isinstance(message, str) or carried.frame is None:
            return
        if message.kind is MessageType.OFFER:
            profile = self._asking.profile
            self._notes.offer(offer_of(message, heard, carried.frame, carried.marked, profile, self._notes.now))
        elif message.kind is MessageType.NAK:
            self._notes.nak(nak_of(message, heard, carried.frame, self._notes.now))

    def _grant(self, wish: Wish) -> None:
        match wish:
            case Send():
                self._send(wish)
            case SendArp(packet):
                state = self._port.state()
                self._station.send_arp(packet, f"ARP probe: who has {packet.target}?")
                self._notes.sent(f"ARP probe for {packet.target}", state)
            case Notice():
                self._notice(wish)
            case _:
                pass

    def _send(self, wish: Send) -> None:
        message = wire.parse(wish.datagram.payload)
        what = message.kind.name if message.kind else "BOOTP"
        state = self._port.state()
        if message.kind is MessageType.DISCOVER:
            self._discovers += 1
            what = f"DISCOVER {self._discovers}"
        port = wish.datagram.destination_port
        if port != wire.SERVER_PORT:
            what = f"{what} to port {port}"
        self._notes.sent(what, state)
        self._tell_sent(message, what, state, port)
        destination = carrying.group_mac(wish.destination)
        if destination is not None:
            self._station.send(wish, destination, what)
        elif isinstance(wish.destination, IPv4Address):
            self._neighbours.send(wish, what)

    def _tell_sent(self, message: Dhcp4, what: str, state: str, port: int) -> None:
        if port == wire.PROXY_PORT:
            self._notes.happens(ProbeStage.PROXY, None, f"{what} sent")
        elif message.kind in _STAGES and state == FORWARDING:
            self._notes.happens(_STAGES[message.kind], True, f"{what} sent")
        elif message.kind in _STAGES:
            self._notes.happens(_STAGES[message.kind], False, f"{what} is lost: the port is {state}")

    def _notice(self, wish: Notice) -> None:
        stage, ok = _NOTICES[wish.what]
        if wish.what is Noticing.REFUSED and self.talk.now.offers and self.talk.now.chosen is not None:
            stage = ProbeStage.ACK
        self._notes.happens(stage, ok, _told(wish))


def _told(wish: Notice) -> str:
    match wish.what:
        case Noticing.OFFERED:
            return f"{wish.source} offers {wish.why}"
        case Noticing.PROXY_OFFERED:
            return f"{wish.source} answers as ProxyDHCP"
        case Noticing.REFUSED:
            return f"an answer of {wish.source} is dropped: {wish.why}"
        case Noticing.MALFORMED:
            return f"an answer of {wish.source} is malformed: {wish.why}"
        case Noticing.ACKED:
            return f"{wish.source} gives {wish.why}"
        case Noticing.NAKED:
            return f"{wish.source} refuses the address: {wish.why or 'it does not say why'}"
        case Noticing.CONFLICT:
            return wish.why
        case Noticing.FILE:
            return f"{wish.source} names the boot file {wish.why}"
