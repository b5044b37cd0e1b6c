"""What a probe saw: the packets of one boot, asked for in a guest's name, as plain values beside the host's facts.

Times are seconds after the probe's port came up. Addresses and MACs are written as people write them. What the network
said is hostile: whoever shows it escapes it, and whoever reads `options` parses them with `wire`.
"""

from enum import StrEnum
from typing import Literal

import msgspec


class ProbeStage(StrEnum):
    """The stages of a boot, in their order."""

    LINK = "link"
    FORWARDING = "forwarding"
    DISCOVER = "discover"
    OFFER = "offer"
    PROXY = "proxy"
    REQUEST = "request"
    ACK = "ack"
    ARP_PROBE = "arp-probe"
    BOOT_SERVER = "boot-server"
    FILE = "file"
    RELEASE = "release"


class ProbeOutcome(StrEnum):
    """How far the probe came. It stops at offers unless it was told to fetch."""

    FETCHED = "fetched"
    LEASED = "leased"
    OFFERED = "offered"
    SILENT = "silent"
    REFUSED = "refused"
    FETCH_FAILED = "fetch-failed"


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the timeline. `ok` None: it waits for something, and `detail` says for what and how long."""

    target: str
    stage: ProbeStage
    at: float
    ok: bool | None
    detail: str


class SeenState(msgspec.Struct, frozen=True):
    """The state of the probe's own port from `at` on, in the kernel's words (br_private.h)."""

    at: float
    state: Literal["disabled", "listening", "learning", "forwarding", "blocking", "unknown"]


class SeenSent(msgspec.Struct, frozen=True, kw_only=True):
    """A packet that the probe sent. `port_state`: what its port was then; only a forwarding one lets it out.

    `afterwards`: the client had given up already; it asked once more when its port forwarded at last, or when the port
    of a switch behind it must have.
    """

    at: float
    what: str
    port_state: str
    afterwards: bool = False


class SeenOffer(msgspec.Struct, frozen=True, kw_only=True):
    """An offer (or a proxy's, without an address), DHCPv4 or DHCPv6, taken or not.

    `server`: what it calls itself (option 54, or its DUID in hexadecimal digits); `source`, `source_port`, `mac`: where
    it came from. `refused`: why the client that is acted drops it, or "". `checksum` is what a receiver finds in the
    frame itself, `marked` whether the kernel said beside it that the sum is still to be filled (NEEDS_CSUM).
    `asked_for`: the MAC that is offered it; with --fetch it is the probe's own for some and the guest's for others.
    """

    at: float
    server: str
    source: str
    source_port: int
    mac: str
    address: str
    file: str
    next_server: str
    vendor_class: str
    proxy: bool
    refused: str
    checksum: Literal["valid", "partial", "bad", "none"]
    marked: bool
    options: tuple[tuple[int, bytes], ...] = ()
    asked_for: str = ""


class SeenNak(msgspec.Struct, frozen=True, kw_only=True):
    at: float
    server: str
    mac: str
    why: str


class SeenArp(msgspec.Struct, frozen=True, kw_only=True):
    """A question about an address, and who answered: `mac` "" where nobody did, though it was asked in full.

    `asked`: "offered" for the address that the probe was given (an answer is a conflict, RFC 5227), "boot-server" for
    the next-server, "gateway" for the router on the way there.
    """

    at: float
    asked: Literal["offered", "boot-server", "gateway"]
    address: str
    mac: str


FetchOutcome = Literal["fetched", "refused", "silent", "malformed", "too-large", "stopped"]


class SeenFetch(msgspec.Struct, frozen=True, kw_only=True):
    """One try to fetch a boot file. `first`: its first bytes, 4096 at most. `size`: what the server announced.

    `status`: HTTP's, or the code of a TFTP error. `block_size`, `window`: as TFTP agreed on them.
    """

    at: float
    seconds: float
    url: str
    outcome: FetchOutcome
    why: str
    received: int = 0
    size: int | None = None
    status: int | None = None
    content_type: str = ""
    block_size: int = 0
    window: int = 0
    first: bytes = b""


class SeenBootServer(msgspec.Struct, frozen=True, kw_only=True):
    """A question to port 4011 of a proxy or boot server, and its answer: `answered` False where it kept silent."""

    at: float
    server: str
    port: int
    answered: bool
    file: str = ""
    next_server: str = ""


class SeenSwitch(msgspec.Struct, frozen=True, kw_only=True):
    """A neighbour that named itself, by LLDP or by a BPDU, in words for a person. It is told anew when its say changes.

    `forward_delay`: the root's, in seconds, None in LLDP. `port`: what a rapid BPDU says of the very port that sent it,
    "" where it was none. `changes`: it passes on that the tree changes (IEEE 802.1D-2004 clause 9.3.1, bit 1 of the
    flags), as it does when a port of it has begun to forward.
    """

    at: float
    by: Literal["lldp", "stp", "rstp"]
    mac: str
    name: str
    detail: str
    forward_delay: float | None = None
    port: Literal["", "discarding", "learning", "forwarding"] = ""
    changes: bool = False

    def is_bridge_of(self, probe: str) -> bool:
        """Whether it is the bridge itself, which speaks STP at each of its ports with that port's MAC.

        What a probe's port has in common with the frames' MAC are the last three bytes (probe/harm.py, mac_of_port).
        """
        return self.mac[8:].lower() == probe[8:].lower()


class Probed(msgspec.Struct, frozen=True, kw_only=True):
    """One probe of one bridge. `asked_for`: the MAC in whose name it asked; `mac`: its own, the frames' source.

    `offload`: its tap took open sums, as an operating system's virtio driver does and firmware does not. `fetch`: it
    was told to take a lease and to fetch. `whole`: it sat out the client's patience or got what it wanted; False where
    it was cut short, so that silence says nothing.
    """

    target: str
    bridge: str
    profile: str
    outcome: ProbeOutcome
    why: str
    mac: str
    asked_for: str
    offload: bool
    fetch: bool
    whole: bool
    architecture: int | None = None
    vlan: int | None = None
    stages: tuple[Happening, ...] = ()
    states: tuple[SeenState, ...] = ()
    sent: tuple[SeenSent, ...] = ()
    offers: tuple[SeenOffer, ...] = ()
    naks: tuple[SeenNak, ...] = ()
    arps: tuple[SeenArp, ...] = ()
    boot_servers: tuple[SeenBootServer, ...] = ()
    fetches: tuple[SeenFetch, ...] = ()
    switches: tuple[SeenSwitch, ...] = ()

    @property
    def who(self) -> str:
        return self.target if self.vlan is None else f"{self.target}, VLAN {self.vlan}"
