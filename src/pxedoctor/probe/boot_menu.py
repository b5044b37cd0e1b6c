"""What a PXE menu leads to: the boot servers that are asked for its first item, and the answer of one of them."""

from ipaddress import IPv4Address

from msgspec.structs import replace

from pxedoctor.dialogue import boot_server, dhcp4_offer
from pxedoctor.dialogue.boot_server import BootMenu, Search, destinations, menu_of
from pxedoctor.dialogue.dhcp4_message import EVERYBODY
from pxedoctor.dialogue.dhcp4_state import Conversation, Offer
from pxedoctor.dialogue.event import Begin, Heard, Stop
from pxedoctor.dialogue.profile import BootServerHabits
from pxedoctor.dialogue.wish import Notice, Send, Wish
from pxedoctor.model.observation import ProbeStage, SeenBootServer
from pxedoctor.probe import carrying
from pxedoctor.probe.carrying import Carried
from pxedoctor.probe.neighbours import Neighbours
from pxedoctor.probe.notes import Notes
from pxedoctor.probe.offered import next_server
from pxedoctor.probe.station import Station
from pxedoctor.probe.talk import Talk
from pxedoctor.probe.waiting import until
from pxedoctor.wire.dhcp4 import PROXY_PORT, SERVER_PORT, Dhcp4

# Longer than OVMF takes for five servers.
_LONGEST = 60.0


async def followed(station: Station, neighbours: Neighbours, notes: Notes, now: Conversation) -> Conversation | str:
    """The conversation of a client that has its lease, with the boot server's answer, where a menu wants one.

    Else the reason, in words for a person, why no boot server was found. Raises ProbeError where the port goes away.
    """
    menu = _menu(now)
    habits = now.asking.profile.boot_server
    if menu is None or habits is None or now.lease is None:
        return now
    asked = Search(asking=now.asking, habits=habits, menu=menu, client=now.lease.yiaddr)
    notes.happens(ProbeStage.BOOT_SERVER, None, f"a menu: asks for its first item, {menu.text!r}")
    found, why = await _Asker(station, neighbours, notes).ask(asked)
    if found.answer is None or found.source is None:
        _note_silence(notes, menu, habits)
        notes.happens(ProbeStage.BOOT_SERVER, False, why)
        return why
    _note_answer(notes, found.source, found.answer)
    notes.happens(ProbeStage.BOOT_SERVER, True, f"{found.source} names the boot file {why}")
    return replace(now, proxies=(*now.proxies, Offer(source=found.source, message=found.answer, at=notes.now)))


def _menu(now: Conversation) -> BootMenu | None:
    """The last proxy's, else the lease's."""
    messages = [offer.message for offer in reversed(now.proxies)] + ([now.lease] if now.lease else [])
    return next((menu for message in messages if (menu := menu_of(message)) is not None), None)


class _Asker:
    """One search, at one station."""

    def __init__(self, station: Station, neighbours: Neighbours, notes: Notes) -> None:
        self._station = station
        self._neighbours = neighbours
        self._notes = notes

    async def ask(self, search: Search) -> tuple[Search, str]:
        """The search at its end, and its last word."""
        port = self._station.port
        talk: Talk[Search] = Talk(port, boot_server.step, search, self._grant)

        def hear(carried: Carried) -> None:
            if isinstance(carried.event, Heard):
                talk.feed(carried.event)

        leave = self._station.listen(hear)
        try:
            talk.feed(Begin())
            done = await until(port, talk.done, _LONGEST)
            if done is None:
                talk.feed(Stop())
            return talk.now, done.why if done else f"no boot server answered in {_LONGEST:g} s"
        finally:
            leave()
            talk.close()

    def _grant(self, wish: Wish) -> None:
        match wish:
            case Send():
                self._send(wish)
            case Notice(what=what, source=source, why=why):
                self._notes.happens(ProbeStage.BOOT_SERVER, None, f"an answer of {source}: {what}: {why}")
            case _:
                pass

    def _send(self, wish: Send) -> None:
        what = f"REQUEST to {wish.destination} port {wish.datagram.destination_port}"
        self._notes.sent(what, self._station.port.state())
        self._notes.happens(ProbeStage.BOOT_SERVER, None, f"{what} sent")
        group = carrying.group_mac(wish.destination)
        if group is not None:
            self._station.send(wish, group, what)
        else:
            self._neighbours.send(wish, what)


def _note_silence(notes: Notes, menu: BootMenu, habits: BootServerHabits) -> None:
    for server in destinations(menu, habits):
        port = SERVER_PORT if server == EVERYBODY else PROXY_PORT
        notes.boot_server(SeenBootServer(at=notes.now, server=str(server), port=port, answered=False))


def _note_answer(notes: Notes, source: IPv4Address, answer: Dhcp4) -> None:
    """Who else was asked before, and kept silent, is no fault: that is how one is found."""
    notes.boot_server(
        SeenBootServer(
            at=notes.now,
            server=str(source),
            port=PROXY_PORT,
            answered=True,
            file=dhcp4_offer.boot_file(answer),
            next_server=next_server(answer),
        )
    )
