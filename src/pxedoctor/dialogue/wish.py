"""What a dialogue wants done. Granting is the driver's concern: sockets, clocks and frames are not known here."""

from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address

import msgspec

from pxedoctor.wire.arp import Arp
from pxedoctor.wire.udp import Udp


class Send(msgspec.Struct, frozen=True, kw_only=True):
    """A datagram. Where `destination` is a broadcast or multicast address, so is the frame's."""

    source: IPv4Address | IPv6Address
    destination: IPv4Address | IPv6Address
    datagram: Udp
    ttl: int = 64
    service: int = 0


class SendArp(msgspec.Struct, frozen=True):
    packet: Arp


class WakeAt(msgspec.Struct, frozen=True):
    """A Wake at this time; a later wish of the kind takes its place."""

    at: float


class Noticing(StrEnum):
    """What is worth telling as it happens."""

    OFFERED = "offered"
    PROXY_OFFERED = "proxy-offered"
    REFUSED = "refused"
    ACKED = "acked"
    NAKED = "naked"
    CONFLICT = "conflict"
    MALFORMED = "malformed"
    FILE = "file"


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """`why` in words for a person: what was refused and by which rule, what was malformed and how."""

    what: Noticing
    source: IPv4Address | IPv6Address
    why: str = ""


class Deliver(msgspec.Struct, frozen=True):
    """The next bytes of a file."""

    content: bytes


class Outcome(StrEnum):
    """How a dialogue ended."""

    OFFERED = "offered"
    LEASED = "leased"
    FETCHED = "fetched"
    SILENT = "silent"
    REFUSED = "refused"
    CONFLICT = "conflict"
    RELEASED = "released"
    STOPPED = "stopped"


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """The dialogue is over; `why` says what it came to, in words for a person."""

    outcome: Outcome
    why: str = ""


Wish = Send | SendArp | WakeAt | Notice | Deliver | Done
