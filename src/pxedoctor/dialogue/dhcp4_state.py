"""What a DHCPv4 dialogue knows at one moment."""

from enum import StrEnum
from ipaddress import IPv4Address
from uuid import UUID

import msgspec

from pxedoctor.dialogue.notices import Noted
from pxedoctor.dialogue.profile import Profile
from pxedoctor.wire.bounds import require_bits, require_size
from pxedoctor.wire.dhcp4 import Dhcp4


class State(StrEnum):
    IDLE = "idle"
    SELECTING = "selecting"
    REQUESTING = "requesting"
    PROXYING = "proxying"
    PROBING = "probing"
    BOUND = "bound"
    OVER = "over"


class Goal(StrEnum):
    """How far it goes. A lease is taken in the name of whoever asks, and released: never ask for a guest's."""

    OFFERS = "offers"
    LEASE = "lease"


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, as whom, and for what.

    `identity`: IAID and DUID of a client that names itself so (RFC 4361 section 6.1); without one, the MAC's own are
    taken. `listens`: seconds that it stays at least after the first offer, so that a second server is heard too; the
    client itself would not. `probes`: ARP probes of the address, where not those of the profile.
    """

    profile: Profile
    mac: bytes
    xid: int
    machine: UUID | None = None
    identity: bytes = b""
    host_name: str = ""
    goal: Goal = Goal.OFFERS
    broadcast: bool = False
    listens: float = 0
    probes: int | None = None

    def __post_init__(self) -> None:
        require_size("a MAC address", self.mac, 6, least=6)
        require_bits("DHCPv4 xid", self.xid, 32)


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """An offer that the client took in, of an address or, from a ProxyDHCP server, of a boot file alone."""

    source: IPv4Address
    message: Dhcp4
    at: float


class Conversation(Noted, frozen=True, kw_only=True):
    """`began`: the first DISCOVER; `discovered`: the last; `entered`: the first packet of this state.

    `sent`: packets of this state; `count`: timers that fired, of all states. `proxy_answered`: on port 4011, where the
    last of `proxies` was asked.
    """

    asking: Asking
    state: State = State.IDLE
    began: float = 0
    discovered: float = 0
    entered: float = 0
    sent: int = 0
    count: int = 0
    offers: tuple[Offer, ...] = ()
    proxies: tuple[Offer, ...] = ()
    proxy_answered: bool = False
    chosen: Offer | None = None
    lease: Dhcp4 | None = None
    naks: int = 0
