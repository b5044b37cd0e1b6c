"""What a client is like: when it sends, what it says and in which order, what it refuses, what it waits for.

A profile is data; the dialogues act it. Each stands in a file of its own under `profiles`, with its sources.
"""

from enum import StrEnum

import msgspec

from pxedoctor.dialogue.schedule import Schedule
from pxedoctor.wire.dhcp4 import CLIENT_PORT
from pxedoctor.wire.dhcp4_known import CLIENT_ARCHITECTURE
from pxedoctor.wire.dhcp6_known import CLIENT_ARCHITECTURE as CLIENT_ARCHITECTURE6
from pxedoctor.wire.options import Option


class Part(StrEnum):
    """Options that are filled in as a conversation goes; all others are the same in every conversation."""

    TYPE = "53"
    CLIENT_ID = "61 of the MAC"
    CLIENT_DUID = "61 of IAID and DUID"
    HOST_NAME = "12"
    MACHINE = "97 of the UUID"
    SERVER = "54 of the offer"
    ADDRESS = "50 of the offer"
    BOOT_ITEM = "43 with 71, the item of the boot menu"


class Part6(StrEnum):
    """The same for DHCPv6."""

    CLIENT_ID = "1 of the DUID"
    SERVER_ID = "2 of the advertisement"
    ADDRESSES = "3 of the IAID, and as it was advertised"
    ADDRESSES_BARE = "3 of the IAID, and the advertised address without its times"
    ELAPSED = "8 of this exchange"
    ELAPSED_IN_ALL = "8 of all exchanges together"


class Secs(StrEnum):
    """What stands in the field secs."""

    ZERO = "zero"
    ELAPSED = "whole seconds since the first DISCOVER"
    ELAPSED_AT_DISCOVER = "the same, but a first REQUEST repeats its DISCOVER's"
    ELAPSED_FROM_ONE = "the same, but never zero"
    CLOCK = "the low half of the time of day, whose whole is the transaction id of the first DISCOVER"
    IPXE = "count of packets << 2 | an offer << 1 | a proxy offer"


class Selection(StrEnum):
    """When a client that has an offer goes on."""

    FIRST_OFFER = "at once"
    NEXT_TIMER = "when its next packet is due"
    PROXY = "at once where a proxy offer is there or not wanted, else at the first packet or timer past its patience"


class Choice(StrEnum):
    """Which offer it takes."""

    FIRST = "the first"
    PRIORITY = "the last one of the highest priority (iPXE's option 175, 1)"
    BOOTABLE = "the first one with PXE's options, else one with a boot file or beside a proxy offer"


class Refusal(StrEnum):
    """Rules by which an offer is dropped that another client would take."""

    CHECKSUM = "its UDP sum is wrong"
    SOURCE_PORT = "it does not come from port 67"
    CLASS_NOT_ECHOED = "it is no answer to this vendor class: option 60 is missing or another one"
    CLASS_NOT_ECHOED_6 = "it is no answer to this vendor class: option 16 is missing or another one"
    NO_SERVER = "it names no server: option 54 is missing"


class TftpHabits(msgspec.Struct, frozen=True, kw_only=True):
    """How it fetches a file. `asks_size_first`: a request for the size alone, broken off, comes before."""

    options: tuple[tuple[str, str], ...]
    retries: Schedule
    asks_size_first: tuple[tuple[str, str], ...] = ()


class HttpHabits(msgspec.Struct, frozen=True, kw_only=True):
    """How it fetches a file by HTTP. `agent`: its User-Agent; `redirects`: how many it follows.

    `asks_head_first`: a HEAD for the size comes before; where that fails it goes on with GET all the same.
    """

    agent: str
    redirects: int = 0
    asks_head_first: bool = False


class Tally(StrEnum):
    """What stands in the field secs of a REQUEST to a boot server."""

    IPXE = "count of timers of all servers << 2"
    TRIES_SWAPPED = "tries of this server before, the two bytes in the other order"


class ServerRequest(msgspec.Struct, frozen=True, kw_only=True):
    """How a REQUEST to a boot server is written. `flags`: where it goes to one server or a group.

    `source_port`: the same. `own_xid`: each server is asked with a transaction id of its own; otherwise it is 0.
    """

    options: tuple[Option | Part, ...]
    flags: int
    tally: Tally
    source_port: int = CLIENT_PORT
    own_xid: bool = False


class ProxySays(StrEnum):
    """What a proxy's offer must hold so that the client does not ask it further."""

    FILE = "a server and a file, or a menu"
    DISCOVERY = "an option of PXE's discovery (option 43, 6 to 10), whatever file it names"


class ProxyHabits(msgspec.Struct, frozen=True, kw_only=True):
    """How it asks a ProxyDHCP server on port 4011. `fatal`: without an answer the boot fails.

    `request` None: as the REQUEST for the lease, with the proxy's address as its server and these `flags` besides.
    """

    retries: Schedule
    fatal: bool
    content_with: ProxySays = ProxySays.FILE
    flags: int = 0
    request: ServerRequest | None = None


class BootServerHabits(msgspec.Struct, frozen=True, kw_only=True):
    """How it looks for a boot server (PXE 2.1 section 2.2.6). `retries`: to one server, or group, or everybody.

    `falls_over`: after a group it asks everybody, then each server of the list; otherwise only in the first of these
    ways that is open to it. `claims_type`: only an answer that names the same type counts.
    """

    retries: Schedule
    request: ServerRequest
    falls_over: bool
    claims_type: bool


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """A DHCPv4 client. `name` is that of `model.client` where it knows the client.

    `size`: messages are filled up to so many bytes. `patience`: seconds that Selection.PROXY waits. `announces`: the
    number of gratuitous ARP announcements after the lease; `probes`: of ARP probes before it is used.
    """

    name: str
    title: str
    sources: tuple[str, ...]
    discover: Schedule
    request: Schedule
    discover_options: tuple[Option | Part, ...]
    request_options: tuple[Option | Part, ...]
    flags: int = 0
    secs: Secs = Secs.ZERO
    size: int = 300
    ttl: int = 64
    service: int = 0
    selection: Selection = Selection.FIRST_OFFER
    choice: Choice = Choice.FIRST
    patience: float = 0
    refuses: tuple[Refusal, ...] = (Refusal.CHECKSUM,)
    probes: int = 0
    proxy: ProxyHabits | None = None
    boot_server: BootServerHabits | None = None
    tftp: TftpHabits | None = None
    http: HttpHabits | None = None

    @property
    def architecture(self) -> int | None:
        """Option 93; None where the client does not send it."""
        fixed = tuple(option for option in self.discover_options if isinstance(option, Option))
        found = CLIENT_ARCHITECTURE.find(fixed)
        return found[0] if found else None


class Profile6(msgspec.Struct, frozen=True, kw_only=True):
    """A DHCPv6 client that asks for a lease (RFC 8415 section 18.2). SERVER_ID is left out of its SOLICIT.

    `selection`: FIRST_OFFER, or NEXT_TIMER as the RFC has it. `times`: T1 and T2 of the IA_NA that it solicits.
    `one_xid`: all its exchanges have one transaction id. `echo`: what option 16 of an answer has to begin with, b"" for
    nothing.
    """

    name: str
    title: str
    sources: tuple[str, ...]
    solicit: Schedule
    request: Schedule
    options: tuple[Option | Part6, ...]
    selection: Selection = Selection.NEXT_TIMER
    times: int = 0
    hop_limit: int = 1
    one_xid: bool = False
    echo: bytes = b""
    tftp: TftpHabits | None = None
    http: HttpHabits | None = None

    @property
    def architecture(self) -> int | None:
        """Option 61; None where the client does not send it."""
        fixed = tuple(option for option in self.options if isinstance(option, Option))
        found = CLIENT_ARCHITECTURE6.find(fixed)
        return found[0] if found else None
