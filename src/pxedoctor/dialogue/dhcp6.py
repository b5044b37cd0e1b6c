"""A DHCPv6 client as its profile has it: SOLICIT, ADVERTISE, REQUEST, REPLY (RFC 8415 section 18.2).

For editors: as in `dhcp4`, each row of TABLE takes the conversation, the event and the time; a pair without a row is
passed over.

Theory of operation. SOLICITING collects advertisements until its first retransmission is due and then takes the best
one by its preference; one of 255 is taken at once, and so is the first one after that time (RFC 8415 section 18.2.1).
An advertisement without an address is told and not taken. With Goal.OFFERS that is the end. REQUESTING asks for it;
BOUND is the end too, but Stop there releases the addresses.

    IDLE -> SOLICITING -> REQUESTING -> BOUND -> OVER

Bounds: 16 advertisements, 40 notices; the times are the profile's.
"""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from pxedoctor.dialogue.dhcp4_state import Goal
from pxedoctor.dialogue.dhcp6_message import Conversation6, State6, address_of, release, request, solicit
from pxedoctor.dialogue.event import Begin, Event, Heard, Stop, Wake
from pxedoctor.dialogue.http_boot import echoes6
from pxedoctor.dialogue.notices import noticing
from pxedoctor.dialogue.profile import Refusal, Selection
from pxedoctor.dialogue.schedule import Pace
from pxedoctor.dialogue.wish import Done, Notice, Noticing, Outcome, Send, WakeAt, Wish
from pxedoctor.wire import dhcp6
from pxedoctor.wire.dhcp6 import CLIENT_PORT, Dhcp6, MessageType
from pxedoctor.wire.dhcp6_known import CLIENT_ID, PREFERENCE, SERVER_ID, STATUS_CODE
from pxedoctor.wire.error import WireError

_MOST_OFFERS = 16
_BEST = 255

Turn = tuple[Conversation6, tuple[Wish, ...]]
Row = Callable[[Conversation6, Any, float], Turn]


def step(now: Conversation6, event: Event, at: float) -> Turn:
    row = TABLE.get((now.state, type(event)))
    return row(now, event, at) if row else (now, ())


def _begin(now: Conversation6, _: Begin, at: float) -> Turn:
    return _solicit(replace(now, state=State6.SOLICITING, began=at, entered=at), at)


def _solicit(now: Conversation6, at: float) -> Turn:
    pace = now.asking.profile.solicit.pace(now.sent, at - now.entered)
    if pace.over:
        return _over(now, Outcome.SILENT, f"no advertisement of an address to {now.sent} SOLICITs")
    now, sends = _sent(now, pace, at, solicit)
    return now, (*sends, WakeAt(now.entered + pace.wake))


def _sent(now: Conversation6, pace: Pace, at: float, write: Callable[[Conversation6, float], Send]) -> Turn:
    if not pace.due:
        return now, ()
    return replace(now, sent=now.sent + 1), (write(now, at),)


def _woken_soliciting(now: Conversation6, _: Wake, at: float) -> Turn:
    return _go_on(now, at) if now.offers else _solicit(now, at)


def _heard_soliciting(now: Conversation6, event: Heard, at: float) -> Turn:
    message, told = _read(now, event, MessageType.ADVERTISE)
    if message is None:
        return noticing(now, told)
    address = address_of(message)
    if address is None:
        why = _status(message) or "it offers no address"
        return noticing(now, (Notice(what=Noticing.REFUSED, source=event.source, why=why),))
    if not echoes6(message, now.asking.profile.echo):
        return noticing(now, (Notice(what=Noticing.REFUSED, source=event.source, why=Refusal.CLASS_NOT_ECHOED_6),))
    now = replace(now, offers=(*now.offers, message)[:_MOST_OFFERS])
    now, wishes = noticing(now, (Notice(what=Noticing.OFFERED, source=event.source, why=str(address)),))
    at_once = now.asking.profile.selection is Selection.FIRST_OFFER
    if at_once or _preference(message) == _BEST or now.sent > 1:
        now, more = _go_on(now, at)
        return now, wishes + more
    return now, wishes


def _go_on(now: Conversation6, at: float) -> Turn:
    best = max(_preference(offer) for offer in now.offers)
    chosen = next(offer for offer in now.offers if _preference(offer) == best)
    if now.asking.goal is Goal.OFFERS:
        return _over(now, Outcome.OFFERED, f"{len(now.offers)} advertisements")
    now = replace(now, chosen=chosen, state=State6.REQUESTING, entered=at, sent=0, exchanges=now.exchanges + 1)
    return _request(now, at)


def _request(now: Conversation6, at: float) -> Turn:
    pace = now.asking.profile.request.pace(now.sent, at - now.entered)
    if pace.over:
        return _over(now, Outcome.SILENT, f"no reply to {now.sent} REQUESTs")
    now, sends = _sent(now, pace, at, request)
    return now, (*sends, WakeAt(now.entered + pace.wake))


def _woken_requesting(now: Conversation6, _: Wake, at: float) -> Turn:
    return _request(now, at)


def _heard_requesting(now: Conversation6, event: Heard, at: float) -> Turn:
    message, told = _read(now, event, MessageType.REPLY)
    if message is None:
        return noticing(now, told)
    address = address_of(message)
    if address is None:
        return _over(now, Outcome.REFUSED, _status(message) or "the reply holds no address")
    now, wishes = noticing(now, (Notice(what=Noticing.ACKED, source=event.source, why=str(address)),))
    bound = replace(now, lease=message, state=State6.BOUND, entered=at, sent=0)
    return bound, (*wishes, Done(outcome=Outcome.LEASED, why=str(address)))


def _release(now: Conversation6, _: Stop, at: float) -> Turn:
    sent = release(replace(now, exchanges=now.exchanges + 1, entered=at), at)
    now, wishes = _over(now, Outcome.RELEASED, "")
    return now, (sent, *wishes)


def _stop(now: Conversation6, _: Stop, at: float) -> Turn:
    return _over(now, Outcome.STOPPED, "")


def _read(now: Conversation6, event: Heard, kind: MessageType) -> tuple[Dhcp6 | None, tuple[Notice, ...]]:
    """The message, if it is of this kind and for this client and names its server (RFC 8415 section 16.3, 16.10)."""
    if event.datagram.destination_port != CLIENT_PORT:
        return None, ()
    try:
        message = dhcp6.parse(event.datagram.payload)
        if not isinstance(message, Dhcp6) or message.kind is not kind or message.xid != now.xid:
            return None, ()
        ours = CLIENT_ID.find(message.options) == now.asking.duid and SERVER_ID.find(message.options) is not None
        # What the dialogue will ask for: if it is malformed, it is so now.
        address_of(message)
    except WireError as error:
        return None, (Notice(what=Noticing.MALFORMED, source=event.source, why=str(error)),)
    return (message if ours else None), ()


def _preference(message: Dhcp6) -> int:
    try:
        return PREFERENCE.find(message.options) or 0
    except WireError:
        return 0


def _status(message: Dhcp6) -> str:
    try:
        status = STATUS_CODE.find(message.options)
    except WireError:
        return ""
    return f"status {status.code}: {status.message}" if status and status.code else ""


def _over(now: Conversation6, outcome: Outcome, why: str) -> Turn:
    return replace(now, state=State6.OVER), (Done(outcome=outcome, why=why),)


TABLE: dict[tuple[State6, type], Row] = {
    (State6.IDLE, Begin): _begin,
    (State6.SOLICITING, Wake): _woken_soliciting,
    (State6.SOLICITING, Heard): _heard_soliciting,
    (State6.SOLICITING, Stop): _stop,
    (State6.REQUESTING, Wake): _woken_requesting,
    (State6.REQUESTING, Heard): _heard_requesting,
    (State6.REQUESTING, Stop): _stop,
    (State6.BOUND, Stop): _release,
}
