"""One DHCPv4 conversation at the probe's port: what it sends, what it hears, and what is written down of both."""

import asyncio
from collections.abc import Callable
from ipaddress import IPv4Address

from msgspec.structs import replace

from pxedoctor.dialogue import dhcp4, dhcp4_message, dhcp4_offer
from pxedoctor.dialogue.dhcp4_intake import read as read_message
from pxedoctor.dialogue.dhcp4_offer import said
from pxedoctor.dialogue.dhcp4_state import Asking as Asking4
from pxedoctor.dialogue.dhcp4_state import Conversation, State
from pxedoctor.dialogue.event import Begin, Heard, HeardArp, Stop
from pxedoctor.dialogue.wish import Done, Notice, Noticing, Send, SendArp, Wish
from pxedoctor.model.observation import ProbeStage, SeenArp, SeenBootServer
from pxedoctor.probe import carrying
from pxedoctor.probe.carrying import Carried
from pxedoctor.probe.lease import Lease, lease_of
from pxedoctor.probe.neighbours import Neighbours
from pxedoctor.probe.notes import Notes
from pxedoctor.probe.offered import nak_of, next_server, offer_of
from pxedoctor.probe.port import FORWARDING
from pxedoctor.probe.station import Station
from pxedoctor.probe.talk import Talk
from pxedoctor.wire import dhcp4 as wire
from pxedoctor.wire.dhcp4 import Dhcp4, MessageType
from pxedoctor.wire.dhcp4_known import SERVER_IDENTIFIER
from pxedoctor.wire.mac import read_mac

_STAGES = {
    MessageType.DISCOVER: ProbeStage.DISCOVER,
    MessageType.REQUEST: ProbeStage.REQUEST,
    MessageType.DECLINE: ProbeStage.RELEASE,
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
    """`station`: whose frames these are; the conversation may be in another's name. It listens from its making on.

    `whose` is put behind what is told of it, e.g. " (to the guest)", where there is more than one.
    """

    def __init__(
        self, station: Station, notes: Notes, asking: Asking4, neighbours: Neighbours, whose: str = ""
    ) -> None:
        self.port = station.port
        self._station = station
        self._notes = notes
        self._neighbours = neighbours
        self._asking = asking
        self._whose = whose
        self._xid = asking.xid.to_bytes(4)
        self._discovers = 0
        self._proxy_asked = 0.0
        self._ended = False
        self.talk: Talk[Conversation] = Talk(station.port, dhcp4.step, Conversation(asking=asking), self._grant)
        self._leave: Callable[[], None] = station.listen(self._hear)

    def begin(self) -> asyncio.Future[Done]:
        self.talk.feed(Begin())
        return self.talk.done

    def give_back(self) -> None:
        """Ends the conversation, and releases its lease if there is one that nobody has; never waits.

        The dialogue does so itself where it is not over yet.
        """
        self.talk.feed(Stop())
        now = self.talk.now
        if now.lease is None:
            return
        if not self._ended:
            self._send(dhcp4_message.release(now, self.port.now))
        self._neighbours.own = None
        self._notes.happens(ProbeStage.RELEASE, True, "the lease is given back")

    def close(self) -> None:
        self._leave()
        self.talk.close()

    def _hear(self, carried: Carried) -> None:
        if isinstance(carried.event, HeardArp):
            self._hear_arp(carried.event)
            return
        # Where many ask at one port, most answers are for somebody else: xid is the second word of a message. A proxy
        # may be asked with another one.
        others = carried.event.datagram.payload[4:8] not in (self._xid, b"")
        if others and self.talk.now.state is not State.PROXYING:
            return
        self._note(carried, carried.event)
        self.talk.feed(carried.event)

    def _hear_arp(self, event: HeardArp) -> None:
        lease, over = self.talk.now.lease, self.talk.done.done()
        self.talk.feed(event)
        if lease is not None and self.talk.done.done() and not over:
            address, mac = str(lease.yiaddr), event.packet.sender_mac
            self._notes.arp(SeenArp(at=self._notes.now, asked="offered", address=address, mac=mac))

    def _note(self, carried: Carried, heard: Heard) -> None:
        message = read_message(self.talk.now, heard)
        if isinstance(message, str) or carried.frame is None:
            return
        if message.kind is MessageType.OFFER:
            seen = offer_of(message, heard, carried.frame, carried.marked, self._asking.profile, self._notes.now)
            self._notes.offer(replace(seen, asked_for=read_mac(self._asking.mac)))
        elif message.kind is MessageType.NAK:
            self._notes.nak(nak_of(message, heard, carried.frame, self._notes.now))
        # Whoever answers is reached by the way that the answer came.
        for address in (heard.source, said(SERVER_IDENTIFIER, message.options)):
            if isinstance(address, IPv4Address):
                self._neighbours.learn(address, carried.frame.source)

    def _grant(self, wish: Wish) -> None:
        match wish:
            case Send():
                self._send(wish)
            case SendArp(packet):
                state = self.port.state()
                self._station.send_arp(packet, f"ARP probe: who has {packet.target}?")
                self._notes.sent(f"ARP probe for {packet.target}", state)
            case Notice():
                self._notice(wish)
            case _:
                pass

    def _send(self, wish: Send) -> None:
        message = wire.parse(wish.datagram.payload)
        what = message.kind.name if message.kind else "BOOTP"
        state = self.port.state()
        if message.kind is MessageType.DISCOVER:
            self._discovers += 1
            what = f"DISCOVER {self._discovers}"
        port = wish.datagram.destination_port
        if port == wire.PROXY_PORT:
            what = f"{what} to port {port}"
            self._proxy_asked = self._proxy_asked or self._notes.now
        self._ended = self._ended or message.kind in (MessageType.DECLINE, MessageType.RELEASE)
        self._notes.sent(what, state)
        self._tell_sent(message, what, state, port)
        destination = carrying.group_mac(wish.destination)
        if destination is not None:
            self._station.send(wish, destination, what)
        else:
            self._neighbours.send(wish, what)

    def _tell_sent(self, message: Dhcp4, what: str, state: str, port: int) -> None:
        if port == wire.PROXY_PORT:
            self._notes.happens(ProbeStage.PROXY, None, f"{what} sent")
        elif message.kind in _STAGES and state == FORWARDING:
            self._notes.happens(_STAGES[message.kind], True, f"{what} sent{self._whose}")
        elif message.kind in _STAGES:
            self._notes.happens(_STAGES[message.kind], False, f"{what} is lost: the port is {state}{self._whose}")

    def note_proxy(self) -> None:
        """Writes down what became of the question to port 4011, if there was one; for when the dialogue is over."""
        now = self.talk.now
        if not self._proxy_asked or not now.proxies:
            return
        proxy = now.proxies[-1]
        answered = now.proxy_answered
        self._notes.boot_server(
            SeenBootServer(
                at=self._proxy_asked,
                server=str(proxy.source),
                port=wire.PROXY_PORT,
                answered=answered,
                file=dhcp4_offer.boot_file(proxy.message) if answered else "",
                next_server=next_server(proxy.message) if answered else "",
            )
        )
        if not answered:
            self._notes.happens(ProbeStage.PROXY, False, f"{proxy.source} does not answer on port {wire.PROXY_PORT}")

    def _notice(self, wish: Notice) -> None:
        stage, ok = _NOTICES[wish.what]
        if wish.what is Noticing.REFUSED and self.talk.now.offers and self.talk.now.chosen is not None:
            stage = ProbeStage.ACK
        if wish.what is Noticing.ACKED and self.talk.now.lease is not None:
            # From here on the address is the probe's own, and it says so to whoever asks.
            self._take(lease_of(self.talk.now.lease))
        self._notes.happens(stage, ok, _told(wish) + self._whose)

    def _take(self, lease: Lease) -> None:
        self._neighbours.own = lease.address
        self._neighbours.next_hop = lease.next_hop


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
