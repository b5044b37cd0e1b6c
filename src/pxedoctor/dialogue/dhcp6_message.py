"""What a DHCPv6 dialogue knows at one moment, and the messages that it writes."""

from enum import StrEnum
from ipaddress import IPv6Address

import msgspec

from pxedoctor.dialogue.dhcp4_state import Goal
from pxedoctor.dialogue.notices import Noted
from pxedoctor.dialogue.profile import Part6, Profile6
from pxedoctor.dialogue.wish import Send
from pxedoctor.wire import dhcp6
from pxedoctor.wire.bounds import require_bits
from pxedoctor.wire.dhcp6 import ALL_SERVERS, CLIENT_PORT, SERVER_PORT, Dhcp6, MessageType
from pxedoctor.wire.dhcp6_formats import Association, LeasedAddress
from pxedoctor.wire.dhcp6_known import CLIENT_ID, ELAPSED_TIME, IA_ADDRESS, IA_NA, SERVER_ID
from pxedoctor.wire.duid import Duid
from pxedoctor.wire.options import Option
from pxedoctor.wire.udp import Udp

_XIDS = 1 << 24
_PER_SECOND = 100


class State6(StrEnum):
    IDLE = "idle"
    SOLICITING = "soliciting"
    REQUESTING = "requesting"
    BOUND = "bound"
    OVER = "over"


class Asking6(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, from which link-local address, and how far it goes."""

    profile: Profile6
    source: IPv6Address
    duid: Duid
    iaid: int
    xid: int
    goal: Goal = Goal.OFFERS

    def __post_init__(self) -> None:
        require_bits("DHCPv6 xid", self.xid, 24)
        require_bits("IAID", self.iaid, 32)


class Conversation6(Noted, frozen=True, kw_only=True):
    """`exchanges`: how many there were before; as a rule each has its own transaction id (RFC 8415 section 16.1)."""

    asking: Asking6
    state: State6 = State6.IDLE
    began: float = 0
    entered: float = 0
    sent: int = 0
    exchanges: int = 0
    offers: tuple[Dhcp6, ...] = ()
    chosen: Dhcp6 | None = None
    lease: Dhcp6 | None = None

    @property
    def xid(self) -> int:
        return (self.asking.xid + (0 if self.asking.profile.one_xid else self.exchanges)) % _XIDS


def address_of(message: Dhcp6) -> IPv6Address | None:
    """The first address of the first IA_NA. Raises WireError where one of them is malformed."""
    association = IA_NA.find(message.options)
    lease = IA_ADDRESS.find(association.options) if association else None
    return lease.address if lease else None


def solicit(now: Conversation6, at: float) -> Send:
    return _send(now, MessageType.SOLICIT, at, now.asking.profile.options, None)


def request(now: Conversation6, at: float) -> Send:
    return _send(now, MessageType.REQUEST, at, now.asking.profile.options, now.chosen)


def release(now: Conversation6, at: float) -> Send:
    """Who, from which server, and which addresses (RFC 8415 section 18.2.7)."""
    parts = (Part6.CLIENT_ID, Part6.SERVER_ID, Part6.ADDRESSES, Part6.ELAPSED)
    return _send(now, MessageType.RELEASE, at, parts, now.lease)


def _send(
    now: Conversation6, kind: MessageType, at: float, parts: tuple[Option | Part6, ...], answer: Dhcp6 | None
) -> Send:
    filled = (_filled(now, part, at, answer) for part in parts)
    message = Dhcp6(kind=kind, xid=now.xid, options=tuple(option for option in filled if option is not None))
    datagram = Udp(source_port=CLIENT_PORT, destination_port=SERVER_PORT, payload=dhcp6.build(message))
    return Send(source=now.asking.source, destination=ALL_SERVERS, datagram=datagram, ttl=now.asking.profile.hop_limit)


def _filled(now: Conversation6, part: Option | Part6, at: float, answer: Dhcp6 | None) -> Option | None:
    match part:
        case Part6.CLIENT_ID:
            return CLIENT_ID.of(now.asking.duid)
        case Part6.SERVER_ID:
            server = SERVER_ID.find(answer.options) if answer else None
            return SERVER_ID.of(server) if server else None
        case Part6.ADDRESSES:
            times = now.asking.profile.times
            offered = IA_NA.find(answer.options) if answer else None
            return IA_NA.of(offered or Association(iaid=now.asking.iaid, t1=times, t2=times))
        case Part6.ADDRESSES_BARE:
            return IA_NA.of(_bare(now, answer))
        case Part6.ELAPSED:
            # Since the first message of this exchange (RFC 8415 section 21.9).
            return _elapsed(at - now.entered)
        case Part6.ELAPSED_IN_ALL:
            return _elapsed(at - now.began)
        case Option():
            return part


def _bare(now: Conversation6, answer: Dhcp6 | None) -> Association:
    address = address_of(answer) if answer else None
    lease = (IA_ADDRESS.of(LeasedAddress(address=address, preferred=0, valid=0)),) if address else ()
    return Association(iaid=now.asking.iaid, options=lease)


def _elapsed(seconds: float) -> Option:
    return ELAPSED_TIME.of(min(int(seconds * _PER_SECOND), 0xFFFF))
