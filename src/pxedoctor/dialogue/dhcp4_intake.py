"""What comes in: whose message it is, whether the client can read it and takes it, and what is told of it."""

from ipaddress import IPv4Address

from pxedoctor.dialogue import dhcp4_offer
from pxedoctor.dialogue.dhcp4_state import Conversation
from pxedoctor.dialogue.event import Heard
from pxedoctor.dialogue.wish import Notice, Noticing
from pxedoctor.wire import dhcp4
from pxedoctor.wire.dhcp4 import CLIENT_PORT, Dhcp4, Op
from pxedoctor.wire.error import WireError

_NOBODY = IPv4Address(0)


def source_of(event: Heard) -> IPv4Address:
    return event.source if isinstance(event.source, IPv4Address) else _NOBODY


def read(now: Conversation, event: Heard) -> Dhcp4 | str:
    """The message, if it is for this client; else what is wrong with it, or nothing where it is somebody else's."""
    return read_for(now.asking.mac, now.asking.xid, CLIENT_PORT, event)


def read_for(mac: bytes, xid: int, port: int, event: Heard) -> Dhcp4 | str:
    """As `read`, for an exchange with this transaction id at this port."""
    if event.datagram.destination_port != port:
        return ""
    try:
        message = dhcp4.parse(event.datagram.payload)
    except WireError as error:
        return str(error)
    ours = message.op is Op.REPLY and message.xid == xid and message.chaddr == mac
    return message if ours else ""


def taken(now: Conversation, event: Heard) -> tuple[Dhcp4 | None, tuple[Notice, ...]]:
    """The message, if this client takes it; else what there is to tell of it."""
    message = read(now, event)
    if isinstance(message, str):
        told = Notice(what=Noticing.MALFORMED, source=event.source, why=message)
        return None, (told,) if message else ()
    why = dhcp4_offer.refused(now.asking.profile, event, message)
    if why:
        return None, (Notice(what=Noticing.REFUSED, source=event.source, why=why),)
    return message, ()
