"""One file read by TFTP over the probe's port, as the client reads it."""

import secrets
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address

from pxedoctor.dialogue import tftp
from pxedoctor.dialogue.event import Begin, Heard, Stop
from pxedoctor.dialogue.profile import TftpHabits
from pxedoctor.dialogue.schedule import at
from pxedoctor.dialogue.tftp_state import Fetch, Transfer
from pxedoctor.dialogue.wish import Deliver, Done, Notice, Outcome, Send, Wish
from pxedoctor.model.observation import FetchOutcome, ProbeStage, SeenFetch
from pxedoctor.probe.bootfile import BootFile
from pxedoctor.probe.carrying import Carried
from pxedoctor.probe.carrying_icmp import unreachable
from pxedoctor.probe.notes import Notes
from pxedoctor.probe.station import Station
from pxedoctor.probe.talk import Talk
from pxedoctor.probe.tap import Received
from pxedoctor.probe.waiting import until
from pxedoctor.wire import tftp as wire
from pxedoctor.wire.error import WireError

# For a client that does not fetch by itself: RFC 1350 alone.
PLAIN = TftpHabits(options=(), retries=at(0, 1, 3, 7, gives_up=12))

Sender = Callable[[Send, str], None]

_MOST_BYTES = 256 * 1024 * 1024
_MOST_SECONDS = 60.0
_FIRST_BYTES = 4096
# IANA's dynamic ports.
_FIRST_PORT, _PORTS = 49152, 16000


class Reading:
    """One transfer; it holds no more of the file than its first bytes. `send` finds the way to the server."""

    def __init__(self, station: Station, send: Sender, notes: Notes, client: IPv4Address | IPv6Address) -> None:
        self._station = station
        self._deliver = send
        self._notes = notes
        self._client = client
        self._first = b""
        self._received = 0
        self._size: int | None = None
        self._error: wire.Error | None = None
        self._unreachable = ""

    async def read(self, file: BootFile, habits: TftpHabits) -> SeenFetch:
        """What came of it. Raises ProbeError where the port is taken away."""
        assert file.server is not None
        fetch = Fetch(
            client=self._client,
            server=file.server,
            file=file.path,
            habits=habits,
            limit=_MOST_BYTES,
            seconds=_MOST_SECONDS,
        )
        began = self._notes.now
        local_port = _FIRST_PORT + secrets.randbelow(_PORTS)
        talk: Talk[Transfer] = Talk(
            self._station.port, tftp.step, Transfer(fetch=fetch, local_port=local_port), self._grant
        )
        leaving = [
            self._station.listen(lambda carried: self._hear(talk, carried)),
            self._station.port.listen(lambda received: self._hear_refusal(talk, received)),
        ]
        try:
            talk.feed(Begin())
            done = await until(self._station.port, talk.done) or Done(outcome=Outcome.STOPPED)
        finally:
            talk.feed(Stop())
            for leave in leaving:
                leave()
            talk.close()
        return self._seen(file, talk.now, done, began)

    def _grant(self, wish: Wish) -> None:
        match wish:
            case Send():
                self._deliver(wish, "TFTP")
            case Deliver(content):
                self._received += len(content)
                if len(self._first) < _FIRST_BYTES:
                    self._first = (self._first + content)[:_FIRST_BYTES]
            case Notice():
                self._notes.happens(ProbeStage.FILE, None, f"{wish.source}: {wish.why}")
            case _:
                pass

    def _hear(self, talk: Talk[Transfer], carried: Carried) -> None:
        if not isinstance(carried.event, Heard):
            return
        talk.feed(carried.event)
        # A client that asks for the size first forgets it when it asks for the file.
        self._size = self._size if talk.now.size is None else talk.now.size
        if talk.done.done() and self._error is None:
            self._error = _error_in(carried.event)

    def _hear_refusal(self, talk: Talk[Transfer], received: Received) -> None:
        """Somebody says by ICMP that the transfer's port or host is not to be reached: nothing will come any more."""
        refusal = unreachable(received.content, self._station.tag)
        if refusal is None or talk.done.done() or refusal.original.destination != talk.now.fetch.server:
            return
        if refusal.source_port == talk.now.local_port:
            self._unreachable = f"{refusal.told_by} says by ICMP: {refusal.why}"
            talk.feed(Stop())

    def _seen(self, file: BootFile, now: Transfer, done: Done, began: float) -> SeenFetch:
        outcome, why = self._outcome(done)
        return SeenFetch(
            at=began,
            seconds=round(self._notes.now - began, 3),
            url=file.url,
            outcome=outcome,
            why=why,
            received=self._received,
            size=self._size,
            status=self._error.code if self._error else None,
            block_size=now.block_size,
            window=now.window,
            first=self._first,
        )

    def _outcome(self, done: Done) -> tuple[FetchOutcome, str]:
        if self._unreachable:
            return "refused", self._unreachable
        match done.outcome:
            case Outcome.FETCHED:
                return "fetched", done.why
            case Outcome.SILENT:
                return "silent", done.why
            case Outcome.STOPPED:
                return "stopped", done.why
            case _ if self._error is not None:
                return "refused", done.why
            case _ if self._received and done.why.startswith("more than"):
                return "too-large", done.why
            case _:
                return "malformed", done.why


def _error_in(heard: Heard) -> wire.Error | None:
    try:
        packet = wire.parse(heard.datagram.payload)
    except WireError:
        return None
    return packet if isinstance(packet, wire.Error) else None
