"""A DHCPv4 client as its profile has it, from the first DISCOVER to the lease's release.

For editors: every row of TABLE is one function that takes the conversation, the event and the time, and returns the
conversation afterwards and what it wants done. A pair that has no row is passed over. Nothing here waits, sends or
draws lots; whoever drives it grants the wishes and may drop it at any moment.

Theory of operation. SELECTING sends DISCOVERs by the profile's schedule and collects offers until the profile goes on
(`dhcp4_offer.goes_on`). With Goal.OFFERS that is the end. REQUESTING asks for the chosen offer; a NAK goes back to
SELECTING, three times at most. A proxy's offer without a boot file is asked again on port 4011: PROXYING. PROBING
looks for others who have the address (RFC 5227). BOUND is the end too, but Stop there releases the lease.

                       OFFERS: OVER                NAK
    IDLE -> SELECTING ------------> REQUESTING ----------> SELECTING
                                        | ACK
                                        v
                         PROXYING -> PROBING -> BOUND -> OVER

Bounds, whatever a server sends: 16 offers, 3 NAKs, 40 notices; the times are the profile's.
"""

from collections.abc import Callable
from ipaddress import IPv4Address
from typing import Any

from msgspec.structs import replace

from pxedoctor.dialogue import dhcp4_message, dhcp4_offer
from pxedoctor.dialogue.dhcp4_intake import read, read_for, source_of, taken
from pxedoctor.dialogue.dhcp4_state import Conversation, Goal, Offer, State
from pxedoctor.dialogue.event import Begin, Event, Heard, HeardArp, Stop, Wake
from pxedoctor.dialogue.notices import noticing
from pxedoctor.dialogue.schedule import Pace
from pxedoctor.dialogue.wish import Done, Notice, Noticing, Outcome, SendArp, WakeAt, Wish
from pxedoctor.wire.arp import Arp, Operation
from pxedoctor.wire.dhcp4 import PROXY_PORT, Dhcp4, MessageType
from pxedoctor.wire.dhcp4_known import MESSAGE, SERVER_IDENTIFIER
from pxedoctor.wire.mac import ZERO, read_mac

_MOST_OFFERS = 16
_MOST_NAKS = 3
# Before it begins anew after a NAK (iPXE net/udp/dhcp.c dhcp_defer; RFC 2131 says only "restart").
_AFTER_NAK = 1.0
# RFC 5227 section 1.1: PROBE_MIN and PROBE_MAX 1 and 2 s, ANNOUNCE_WAIT 2 s.
_PROBE_GAP = 1.5
_ANNOUNCE_WAIT = 2.0
_NOBODY = IPv4Address(0)

Turn = tuple[Conversation, tuple[Wish, ...]]
Row = Callable[[Conversation, Any, float], Turn]


def step(now: Conversation, event: Event, at: float) -> Turn:
    row = TABLE.get((now.state, type(event)))
    return row(now, event, at) if row else (now, ())


def _begin(now: Conversation, _: Begin, at: float) -> Turn:
    return _select(replace(now, state=State.SELECTING, began=at, entered=at), at)


def _select(now: Conversation, at: float) -> Turn:
    """Sends what is due, and says when it wants to be woken next; gives up where the profile does."""
    pace = now.asking.profile.discover.pace(now.sent, at - now.entered)
    if pace.over:
        return _ended_selecting(now)
    now, sends = _sent(now, pace, at, dhcp4_message.discover)
    now = replace(now, discovered=at) if sends else now
    wake = now.entered + pace.wake
    if now.offers and at < (listened := now.offers[0].at + now.asking.listens):
        wake = min(wake, listened)
    return now, (*sends, WakeAt(wake))


def _sent(now: Conversation, pace: Pace, at: float, write: Callable[[Conversation, float], Wish]) -> Turn:
    if not pace.due:
        return now, ()
    return replace(now, sent=now.sent + 1, count=now.count + 1), (write(now, at),)


def _woken_selecting(now: Conversation, _: Wake, at: float) -> Turn:
    pace = now.asking.profile.discover.pace(now.sent, at - now.entered)
    if dhcp4_offer.goes_on(now, at, timer=pace.due or pace.over):
        # A timer that fires and sends nothing counts too (iPXE net/udp/dhcp.c), and so shows in its secs.
        return _go_on(replace(now, count=now.count + 1), at)
    return _select(now, at)


def _ended_selecting(now: Conversation) -> Turn:
    if now.offers:
        return _over(now, Outcome.OFFERED, f"{len(now.offers)} offers, none of which it went on with in time")
    if now.proxies:
        return _over(now, Outcome.SILENT, "a proxy answered, but nobody offered an address")
    return _over(now, Outcome.SILENT, f"no offer to {now.count} DISCOVERs")


def _heard_selecting(now: Conversation, event: Heard, at: float) -> Turn:
    message, noticed = taken(now, event)
    if message is None:
        return noticing(now, noticed)
    offer = Offer(source=source_of(event), message=message, at=at)
    if dhcp4_offer.is_proxy(message):
        now = replace(now, proxies=(*now.proxies, offer)[:_MOST_OFFERS])
        told = Notice(what=Noticing.PROXY_OFFERED, source=event.source)
    elif message.kind is MessageType.OFFER and int(message.yiaddr):
        now = replace(now, offers=(*now.offers, offer)[:_MOST_OFFERS])
        told = Notice(what=Noticing.OFFERED, source=event.source, why=str(message.yiaddr))
    else:
        return now, ()
    now, wishes = noticing(now, (told,))
    if dhcp4_offer.goes_on(now, at, timer=False):
        now, more = _go_on(now, at)
        return now, wishes + more
    pace = now.asking.profile.discover.pace(now.sent, at - now.entered)
    # The timer runs on; only a wish to listen longer, or less long than to it, is new.
    wake = min(now.entered + pace.wake, max(at, now.offers[0].at + now.asking.listens)) if now.offers else None
    return now, (*wishes, WakeAt(wake)) if wake is not None and wake > at else wishes


def _go_on(now: Conversation, at: float) -> Turn:
    chosen = dhcp4_offer.chosen(now)
    if chosen is None:
        return _over(now, Outcome.REFUSED, "no offer has a boot file, and no proxy answered")
    now = replace(now, chosen=chosen)
    if now.asking.goal is Goal.OFFERS:
        return _over(now, Outcome.OFFERED, f"{len(now.offers)} offers")
    return _request(replace(now, state=State.REQUESTING, entered=at, sent=0), at)


def _request(now: Conversation, at: float) -> Turn:
    pace = now.asking.profile.request.pace(now.sent, at - now.entered)
    if pace.over:
        return _over(now, Outcome.SILENT, f"no ACK to {now.sent} REQUESTs")
    now, sends = _sent(now, pace, at, dhcp4_message.request)
    return now, (*sends, WakeAt(now.entered + pace.wake))


def _woken_requesting(now: Conversation, _: Wake, at: float) -> Turn:
    return _request(now, at)


def _heard_requesting(now: Conversation, event: Heard, at: float) -> Turn:
    message, noticed = taken(now, event)
    if message is None:
        return noticing(now, noticed)
    wanted = dhcp4_offer.said(SERVER_IDENTIFIER, now.chosen.message.options) if now.chosen else None
    if dhcp4_offer.said(SERVER_IDENTIFIER, message.options) != wanted:
        return now, ()
    if message.kind is MessageType.NAK:
        return _naked(now, event, message, at)
    if message.kind is not MessageType.ACK or now.chosen is None or message.yiaddr != now.chosen.message.yiaddr:
        return now, ()
    now = replace(now, lease=message, entered=at, sent=0)
    now, wishes = noticing(now, (Notice(what=Noticing.ACKED, source=event.source, why=str(message.yiaddr)),))
    now, more = _after_ack(now, at)
    return now, wishes + more


def _naked(now: Conversation, event: Heard, message: Dhcp4, at: float) -> Turn:
    why = dhcp4_offer.said(MESSAGE, message.options) or ""
    now, wishes = noticing(now, (Notice(what=Noticing.NAKED, source=event.source, why=why),))
    now = replace(now, naks=now.naks + 1, offers=(), proxies=(), chosen=None)
    if now.naks >= _MOST_NAKS:
        now, more = _over(now, Outcome.REFUSED, f"{now.naks} NAKs")
        return now, wishes + more
    again = at + _AFTER_NAK
    return replace(now, state=State.SELECTING, entered=again, sent=0), (*wishes, WakeAt(again))


def _after_ack(now: Conversation, at: float) -> Turn:
    proxy = now.proxies[-1] if now.proxies else None
    habits = now.asking.profile.proxy
    if habits and proxy and not dhcp4_offer.says_enough(habits, proxy.message):
        return _ask_proxy(replace(now, state=State.PROXYING), at)
    return _begin_probing(now, at)


def _ask_proxy(now: Conversation, at: float) -> Turn:
    habits = now.asking.profile.proxy
    pace = habits.retries.pace(now.sent, at - now.entered) if habits else None
    if habits is None or pace is None:
        return _begin_probing(now, at)
    if pace.over and habits.fatal:
        return _over(now, Outcome.SILENT, f"no answer from port {PROXY_PORT} to {now.sent} REQUESTs")
    if pace.over:
        return _begin_probing(now, at)
    now, sends = _sent(now, pace, at, dhcp4_message.proxy_request)
    return now, (*sends, WakeAt(now.entered + pace.wake))


def _woken_proxying(now: Conversation, _: Wake, at: float) -> Turn:
    return _ask_proxy(now, at)


def _heard_proxying(now: Conversation, event: Heard, at: float) -> Turn:
    message = _read_proxy(now, event)
    if not isinstance(message, Dhcp4) or message.kind not in (MessageType.OFFER, MessageType.ACK):
        return now, ()
    if event.source != now.proxies[-1].source or not dhcp4_offer.has_boot_options(message):
        return now, ()
    told = Notice(what=Noticing.FILE, source=event.source, why=dhcp4_offer.boot_file(message))
    answer = Offer(source=source_of(event), message=message, at=at)
    now, wishes = noticing(replace(now, proxies=(*now.proxies[:-1], answer), proxy_answered=True), (told,))
    now, more = _begin_probing(now, at)
    return now, wishes + more


def _read_proxy(now: Conversation, event: Heard) -> Dhcp4 | str:
    habits = now.asking.profile.proxy
    if habits is None or habits.request is None:
        return read(now, event)
    xid = dhcp4_message.xid_of(now.asking, habits.request, 0)
    return read_for(now.asking.mac, xid, habits.request.source_port, event)


def _begin_probing(now: Conversation, at: float) -> Turn:
    return _probe(replace(now, state=State.PROBING, entered=at, sent=0), at)


def _probe(now: Conversation, at: float) -> Turn:
    probes = now.asking.profile.probes if now.asking.probes is None else now.asking.probes
    if now.sent >= probes:
        return replace(now, state=State.BOUND), (Done(outcome=Outcome.LEASED, why=str(_address(now))),)
    now = replace(now, sent=now.sent + 1)
    packet = Arp(
        operation=Operation.REQUEST,
        sender_mac=read_mac(now.asking.mac),
        sender=_NOBODY,
        target_mac=ZERO,
        target=_address(now),
    )
    wait = _PROBE_GAP if now.sent < probes else _ANNOUNCE_WAIT
    return now, (SendArp(packet), WakeAt(at + wait))


def _woken_probing(now: Conversation, _: Wake, at: float) -> Turn:
    return _probe(now, at)


def _heard_arp(now: Conversation, event: HeardArp, at: float) -> Turn:
    """Somebody has the address, or probes for the same one (RFC 5227 section 2.1.1)."""
    packet, address = event.packet, _address(now)
    theirs = packet.sender_mac != read_mac(now.asking.mac)
    if not theirs or (packet.sender != address and not (packet.is_probe and packet.target == address)):
        return now, ()
    why = f"{packet.sender_mac} has {address} too"
    told = Notice(what=Noticing.CONFLICT, source=address, why=why)
    declined = dhcp4_message.decline(now, at)
    now, wishes = _over(now, Outcome.CONFLICT, why)
    return now, (told, declined, *wishes)


def _release(now: Conversation, _: Stop, at: float) -> Turn:
    sent = dhcp4_message.release(now, at)
    now, wishes = _over(now, Outcome.RELEASED, str(_address(now)))
    return now, (sent, *wishes)


def _stop(now: Conversation, _: Stop, at: float) -> Turn:
    return _over(now, Outcome.STOPPED, "")


def _address(now: Conversation) -> IPv4Address:
    return now.lease.yiaddr if now.lease else _NOBODY


def _over(now: Conversation, outcome: Outcome, why: str) -> Turn:
    return replace(now, state=State.OVER), (Done(outcome=outcome, why=why),)


TABLE: dict[tuple[State, type], Row] = {
    (State.IDLE, Begin): _begin,
    (State.SELECTING, Wake): _woken_selecting,
    (State.SELECTING, Heard): _heard_selecting,
    (State.REQUESTING, Wake): _woken_requesting,
    (State.REQUESTING, Heard): _heard_requesting,
    (State.PROXYING, Wake): _woken_proxying,
    (State.PROXYING, Heard): _heard_proxying,
    (State.PROBING, Wake): _woken_probing,
    (State.PROBING, HeardArp): _heard_arp,
    (State.BOUND, HeardArp): _heard_arp,
    (State.BOUND, Stop): _release,
    (State.SELECTING, Stop): _stop,
    (State.REQUESTING, Stop): _stop,
    (State.PROXYING, Stop): _release,
    (State.PROBING, Stop): _release,
}
