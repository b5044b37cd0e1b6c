"""A client that looks for a boot server: what a PXE menu leads to (PXE 2.1 section 2.2.6, option 43 6 to 10 and 71).

For editors: as in `dhcp4`, each row of TABLE takes the search, the event and the time; a pair without a row is passed
over.

Theory of operation. `menu_of` reads an offer's menu. ASKING sends a REQUEST with the wanted item to the group, to
everybody or to a server of the list: which of them, and for how long each, the profile says. The first ACK that the
client takes ends it; without one it goes on to the next server, and after the last one gives up. Nobody presses a key:
the first item of the menu is taken, and its prompt is not waited for.

    IDLE -> ASKING [next server] -> OVER

Bounds: 16 servers, 40 notices; the times are the profile's.
"""

from collections.abc import Callable
from enum import StrEnum
from ipaddress import IPv4Address
from typing import Any

import msgspec
from msgspec.structs import replace

from pxedoctor.dialogue import dhcp4_message
from pxedoctor.dialogue.dhcp4_intake import read_for
from pxedoctor.dialogue.dhcp4_message import EVERYBODY, Ask
from pxedoctor.dialogue.dhcp4_offer import PXE_CLIENT, boot_file, said, vendor_class
from pxedoctor.dialogue.dhcp4_state import Asking
from pxedoctor.dialogue.event import Begin, Event, Heard, Stop, Wake
from pxedoctor.dialogue.notices import Noted, noticing
from pxedoctor.dialogue.profile import BootServerHabits
from pxedoctor.dialogue.wish import Done, Notice, Noticing, Outcome, WakeAt, Wish
from pxedoctor.wire import pxe
from pxedoctor.wire.dhcp4 import CLIENT_PORT, PROXY_PORT, SERVER_PORT, Dhcp4, MessageType
from pxedoctor.wire.dhcp4_known import VENDOR_SPECIFIC
from pxedoctor.wire.pxe import BootItem, BootServers

_MOST_SERVERS = 16


class SearchState(StrEnum):
    IDLE = "idle"
    ASKING = "asking"
    OVER = "over"


class BootMenu(msgspec.Struct, frozen=True, kw_only=True):
    """What an offer says of boot servers. `type` is that of the menu's first item; `control` are PXE's bits."""

    type: int
    text: str
    control: int = 0
    group: IPv4Address | None = None
    servers: tuple[BootServers, ...] = ()

    @property
    def listed(self) -> tuple[IPv4Address, ...]:
        """The servers of the wanted type."""
        return tuple(address for entry in self.servers if entry.type == self.type for address in entry.addresses)


class Search(Noted, frozen=True, kw_only=True):
    """`client`: the leased address. `number`: of the server that is asked now; `sent`: to it; `count`: timers of all.

    `answer`: the ACK that was taken.
    """

    asking: Asking
    habits: BootServerHabits
    menu: BootMenu
    client: IPv4Address
    state: SearchState = SearchState.IDLE
    since: float = 0
    number: int = 0
    sent: int = 0
    count: int = 0
    answer: Dhcp4 | None = None
    source: IPv4Address | None = None


Turn = tuple[Search, tuple[Wish, ...]]
Row = Callable[[Search, Any, float], Turn]


def menu_of(message: Dhcp4) -> BootMenu | None:
    """The menu that this offer, or ACK, makes a client follow; None where it goes on with the boot file, if any.

    iPXE src/usr/autoboot.c have_pxe_menu: option 60 is PXEClient's, there is a menu, and it is not to be skipped for
    a boot file. Its first item may be the local disk (type 0), which is no boot server's.
    """
    inside = said(VENDOR_SPECIFIC, message.options) or ()
    menu = said(pxe.BOOT_MENU, inside)
    if not menu or not vendor_class(message.options).startswith(PXE_CLIENT):
        return None
    control = said(pxe.DISCOVERY_CONTROL, inside) or 0
    if (control & pxe.SKIP_DISCOVERY and boot_file(message)) or menu[0].type == pxe.LOCAL_BOOT:
        return None
    return BootMenu(
        type=menu[0].type,
        text=menu[0].text,
        control=control,
        group=said(pxe.DISCOVERY_MULTICAST, inside),
        servers=said(pxe.BOOT_SERVERS, inside) or (),
    )


def destinations(menu: BootMenu, habits: BootServerHabits) -> tuple[IPv4Address, ...]:
    """Whom the client asks, in its order: a group, EVERYBODY, and the servers of the list."""
    group = (menu.group,) if menu.group and not menu.control & pxe.NO_MULTICAST else ()
    everybody = () if menu.control & pxe.NO_BROADCAST else (EVERYBODY,)
    ways = tuple(way for way in (group, everybody, menu.listed) if way)
    if not ways:
        return ()
    chosen = tuple(address for way in ways for address in way) if habits.falls_over else ways[0]
    return chosen[:_MOST_SERVERS]


def step(now: Search, event: Event, at: float) -> Turn:
    row = TABLE.get((now.state, type(event)))
    return row(now, event, at) if row else (now, ())


def _begin(now: Search, _: Begin, at: float) -> Turn:
    if not destinations(now.menu, now.habits):
        return _over(now, Outcome.REFUSED, f"the menu names no boot server of type {now.menu.type:#06x}, and no way to")
    return _ask(replace(now, state=SearchState.ASKING, since=at), at)


def _ask(now: Search, at: float) -> Turn:
    pace = now.habits.retries.pace(now.sent, at - now.since)
    servers = destinations(now.menu, now.habits)
    if pace.over and now.number + 1 < len(servers):
        # The timer that fires and sends nothing to the old one counts too.
        return _ask(replace(now, number=now.number + 1, since=at, sent=0, count=now.count + 1), at)
    if pace.over:
        asked = ", ".join(_named(server) for server in servers)
        return _over(now, Outcome.SILENT, f"no boot server of type {now.menu.type:#06x} answered: asked {asked}")
    if not pace.due:
        return now, (WakeAt(now.since + pace.wake),)
    item = BootItem(type=now.menu.type, layer=0)
    ask = Ask(
        client=now.client,
        server=servers[now.number],
        number=now.number,
        tries=now.sent,
        count=now.count,
        item=item,
    )
    send = dhcp4_message.server_request(now.asking, now.habits.request, ask)
    return replace(now, sent=now.sent + 1, count=now.count + 1), (send, WakeAt(now.since + pace.wake))


def _woken(now: Search, _: Wake, at: float) -> Turn:
    return _ask(now, at)


def _heard(now: Search, event: Heard, _: float) -> Turn:
    message = _read(now, event)
    if isinstance(message, str):
        told = (Notice(what=Noticing.MALFORMED, source=event.source, why=message),) if message else ()
        return noticing(now, told)
    why = _unwanted(now, event, message)
    if why:
        return noticing(now, (Notice(what=Noticing.REFUSED, source=event.source, why=why),))
    if not isinstance(event.source, IPv4Address):
        return now, ()
    file = boot_file(message)
    told = (Notice(what=Noticing.FILE, source=event.source, why=file),)
    now, wishes = noticing(replace(now, answer=message, source=event.source), told)
    now, more = _over(now, Outcome.OFFERED, file)
    return now, wishes + more


def _read(now: Search, event: Heard) -> Dhcp4 | str:
    """As `dhcp4_intake.read`, at the port that this server was asked from."""
    server = destinations(now.menu, now.habits)[now.number]
    port = CLIENT_PORT if server == EVERYBODY else now.habits.request.source_port
    xid = dhcp4_message.xid_of(now.asking, now.habits.request, now.number)
    return read_for(now.asking.mac, xid, port, event)


def _unwanted(now: Search, event: Heard, message: Dhcp4) -> str:
    """By which rule the client passes this answer over; empty where it takes it (iPXE dhcp_pxebs_rx, edk2 ditto)."""
    if event.datagram.source_port not in (SERVER_PORT, PROXY_PORT):
        return f"it comes from port {event.datagram.source_port}"
    if message.kind is not MessageType.ACK:
        return "it is no ACK"
    item = said(pxe.BOOT_ITEM, said(VENDOR_SPECIFIC, message.options) or ())
    if now.habits.claims_type and (item is None or item.type != now.menu.type):
        return "it does not name the type that was asked for"
    if now.menu.control & pxe.ONLY_LISTED and event.source not in now.menu.listed:
        return "it is not in the list, and only those may answer"
    return ""


def _stop(now: Search, _: Stop, at: float) -> Turn:
    return _over(now, Outcome.STOPPED, "")


def _named(server: IPv4Address) -> str:
    return "everybody" if server == EVERYBODY else f"{server}:{PROXY_PORT}"


def _over(now: Search, outcome: Outcome, why: str) -> Turn:
    return replace(now, state=SearchState.OVER), (Done(outcome=outcome, why=why),)


TABLE: dict[tuple[SearchState, type], Row] = {
    (SearchState.IDLE, Begin): _begin,
    (SearchState.ASKING, Wake): _woken,
    (SearchState.ASKING, Heard): _heard,
    (SearchState.ASKING, Stop): _stop,
}
