"""A TFTP client that reads one file, as its profile does (RFC 1350, 2347 to 2349, 7440).

For editors: each row of TABLE takes the transfer, the event and the time; a pair without a row is passed over.

Theory of operation. ASKING sends the request; the first answer's port is the server's end of the transfer from then
on, and everybody else's packets are answered with error 5. SIZING is the same for a request that wants to know the
size alone and is broken off with error 8. RECEIVING delivers blocks in their order and acknowledges each window's last
one. What was had already is not acknowledged again (RFC 1123 section 4.2.3.1: the sorcerer's apprentice); a gap is
told at once by the last good block (RFC 7440 section 4). Block numbers go on with 0 after 65535. A block shorter than
the others is the last.

    IDLE -> [SIZING ->] ASKING -> RECEIVING -> OVER

Bounds: `limit` bytes and `seconds` in all, the profile's tries without progress, 8 errors to strangers.
"""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from pxedoctor.dialogue.event import Begin, Event, Heard, Stop, Wake
from pxedoctor.dialogue.tftp_state import Transfer, TransferState
from pxedoctor.dialogue.wish import Deliver, Done, Notice, Noticing, Outcome, Send, WakeAt, Wish
from pxedoctor.wire import tftp
from pxedoctor.wire.error import WireError
from pxedoctor.wire.tftp import Ack, Data, Error, ErrorCode, OptionAck, ReadRequest, Tftp
from pxedoctor.wire.udp import Udp

_MOST_STRANGERS = 8
_BLOCKS = 1 << 16
# IANA's first dynamic port.
_FIRST_FREE = 49152

Turn = tuple[Transfer, tuple[Wish, ...]]
Row = Callable[[Transfer, Any, float], Turn]


def step(now: Transfer, event: Event, at: float) -> Turn:
    row = TABLE.get((now.state, type(event)))
    return row(now, event, at) if row else (now, ())


def _begin(now: Transfer, _: Begin, at: float) -> Turn:
    sizing = bool(now.fetch.habits.asks_size_first)
    state = TransferState.SIZING if sizing else TransferState.ASKING
    return _try(replace(now, state=state, began=at, since=at), at)


def _try(now: Transfer, at: float) -> Turn:
    """Sends again what the server should answer, if that is due."""
    pace = now.fetch.habits.retries.pace(now.tries, at - now.since)
    if pace.over or at >= now.began + now.fetch.seconds:
        return _over(now, Outcome.SILENT, f"no answer to {now.tries} tries after {now.received} bytes")
    sends: tuple[Wish, ...] = ()
    if pace.due:
        sends = (_to_peer(now, _question(now)),)
        now = replace(now, tries=now.tries + 1)
    return now, (*sends, WakeAt(min(now.since + pace.wake, now.began + now.fetch.seconds)))


def _question(now: Transfer) -> Tftp:
    match now.state:
        case TransferState.SIZING:
            return ReadRequest(file=now.fetch.file, options=now.fetch.habits.asks_size_first)
        case TransferState.ASKING:
            return ReadRequest(file=now.fetch.file, options=now.fetch.habits.options)
        case _:
            return Ack(block=now.block % _BLOCKS)


def _woken(now: Transfer, _: Wake, at: float) -> Turn:
    return _try(now, at)


def _heard(now: Transfer, event: Heard, at: float) -> Turn:
    datagram = event.datagram
    if event.source != now.fetch.server or datagram.destination_port != now.local_port:
        return now, ()
    if now.peer is not None and datagram.source_port != now.peer:
        return _stranger(now, datagram.source_port)
    try:
        packet = tftp.parse(datagram.payload)
    except WireError as error:
        return now, (Notice(what=Noticing.MALFORMED, source=event.source, why=str(error)),)
    now = replace(now, peer=datagram.source_port)
    match packet:
        case Error():
            return _over(now, Outcome.REFUSED, f"error {packet.code}: {packet.message}")
        case OptionAck():
            return _granted(now, packet, at)
        case Data():
            return _received(now, packet, at)
        case _:
            return _refuse(now, ErrorCode.ILLEGAL_OPERATION, "a server sends data, and no requests or acknowledgements")


def _granted(now: Transfer, packet: OptionAck, at: float) -> Turn:
    if now.state is TransferState.RECEIVING:
        # It did not hear that its options were taken.
        return (now, (_to_peer(now, Ack(block=0)),)) if now.block == 0 else (now, ())
    try:
        granted = _agreed(now, packet)
    except WireError as error:
        return _refuse(now, ErrorCode.OPTION_REFUSED, str(error))
    if now.state is TransferState.SIZING:
        return _sized(granted, at)
    granted = replace(granted, state=TransferState.RECEIVING, since=at, tries=0)
    return _try(granted, at)


def _agreed(now: Transfer, packet: OptionAck) -> Transfer:
    """Raises WireError where the server grants what was not asked for, or more of it."""
    question = _question(now)
    asked = dict(question.options) if isinstance(question, ReadRequest) else {}
    unasked = [name for name, _ in packet.options if name.lower() not in asked]
    if unasked:
        raise WireError(f"the server grants option {unasked[0]!r}, which nobody asked for")
    block = tftp.number(packet.options, "blksize", least=8, most=int(asked.get("blksize", tftp.LARGEST_BLOCK)))
    window = tftp.number(packet.options, "windowsize", least=1, most=int(asked.get("windowsize", "65535")))
    size = tftp.number(packet.options, "tsize", least=0, most=1 << 63)
    return replace(now, block_size=block or tftp.BLOCK_SIZE, window=window or 1, size=size)


def _sized(now: Transfer, at: float) -> Turn:
    """What there is to know is known: this transfer is broken off, and the real one begins from another port."""
    aborted = _to_peer(now, Error(code=ErrorCode.OPTION_REFUSED, message="User aborted the transfer"))
    told = Notice(what=Noticing.FILE, source=now.fetch.server, why=_size_told(now.size))
    fresh = replace(now, state=TransferState.ASKING, local_port=_another(now.local_port), peer=None, since=at, tries=0)
    fresh, wishes = _try(replace(fresh, block_size=tftp.BLOCK_SIZE, window=1), at)
    return fresh, (aborted, told, *wishes)


def _size_told(size: int | None) -> str:
    return "its size is not told" if size is None else f"{size} bytes"


def _another(port: int) -> int:
    return port + 1 if port < 0xFFFF else _FIRST_FREE


def _received(now: Transfer, packet: Data, at: float) -> Turn:
    if now.state is TransferState.SIZING:
        # A server that knows no options: it has begun to send the file.
        return _sized(now, at)
    if now.state is TransferState.ASKING:
        now = replace(now, state=TransferState.RECEIVING, block_size=tftp.BLOCK_SIZE, window=1, since=at, tries=1)
    if len(packet.content) > now.block_size:
        return _refuse(
            now, ErrorCode.ILLEGAL_OPERATION, f"a block of {len(packet.content)} bytes, not {now.block_size}"
        )
    if packet.block != (now.block + 1) % _BLOCKS:
        return _out_of_order(now, packet)
    received = now.received + len(packet.content)
    if received > now.fetch.limit:
        return _refuse(now, ErrorCode.DISK_FULL, f"more than {now.fetch.limit} bytes")
    now = replace(now, block=now.block + 1, received=received, in_window=now.in_window + 1, gap=False)
    ends = len(packet.content) < now.block_size
    if not ends and at >= now.began + now.fetch.seconds:
        return _has_enough(now)
    wishes: tuple[Wish, ...] = (Deliver(packet.content),)
    if ends:
        acknowledged = _to_peer(now, Ack(block=now.block % _BLOCKS))
        now, more = _over(now, Outcome.FETCHED, f"{received} bytes")
        return now, (*wishes, acknowledged, *more)
    now = replace(now, since=at, tries=1)
    if now.in_window == now.window:
        now = replace(now, in_window=0)
        wishes = (*wishes, _to_peer(now, Ack(block=now.block % _BLOCKS)))
    return now, (*wishes, WakeAt(at + now.fetch.habits.retries.pace(1, 0).wake))


def _has_enough(now: Transfer) -> Turn:
    """A server that goes on sending keeps the transfer's timer from ever firing: its time is up all the same."""
    told = _to_peer(now, Error(code=ErrorCode.UNDEFINED, message="it takes too long"))
    now, wishes = _over(now, Outcome.STOPPED, f"no end of it in {now.fetch.seconds:g} s, after {now.received} bytes")
    return now, (told, *wishes)


def _out_of_order(now: Transfer, packet: Data) -> Turn:
    ahead = 0 < (packet.block - now.block) % _BLOCKS <= now.window
    if not ahead or now.gap:
        return now, ()
    now = replace(now, gap=True, in_window=0)
    return now, (_to_peer(now, Ack(block=now.block % _BLOCKS)),)


def _stranger(now: Transfer, port: int) -> Turn:
    if now.strangers >= _MOST_STRANGERS:
        return now, ()
    told = Error(code=ErrorCode.UNKNOWN_TRANSFER, message="this transfer is with another port")
    return replace(now, strangers=now.strangers + 1), (_send(now, port, told),)


def _refuse(now: Transfer, code: ErrorCode, why: str) -> Turn:
    told = _to_peer(now, Error(code=code, message=why))
    now, wishes = _over(now, Outcome.REFUSED, why)
    return now, (told, *wishes)


def _stop(now: Transfer, _: Stop, at: float) -> Turn:
    told = (_to_peer(now, Error(code=ErrorCode.UNDEFINED, message="stopped")),) if now.peer else ()
    now, wishes = _over(now, Outcome.STOPPED, "")
    return now, (*told, *wishes)


def _to_peer(now: Transfer, packet: Tftp) -> Send:
    return _send(now, now.peer if now.peer is not None else tftp.PORT, packet)


def _send(now: Transfer, port: int, packet: Tftp) -> Send:
    datagram = Udp(source_port=now.local_port, destination_port=port, payload=tftp.build(packet))
    return Send(source=now.fetch.client, destination=now.fetch.server, datagram=datagram)


def _over(now: Transfer, outcome: Outcome, why: str) -> Turn:
    return replace(now, state=TransferState.OVER), (Done(outcome=outcome, why=why),)


TABLE: dict[tuple[TransferState, type], Row] = {
    (TransferState.IDLE, Begin): _begin,
    **{
        (state, event): row
        for state in (TransferState.SIZING, TransferState.ASKING, TransferState.RECEIVING)
        for event, row in ((Wake, _woken), (Heard, _heard), (Stop, _stop))
    },
}
