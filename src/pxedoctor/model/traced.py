"""What the witnesses of a trace saw, each for itself and nothing joined yet: frames, drops, rules, counters, words.

Times are seconds after the trace began; all witnesses count from the same moment. Device names, log lines and the bytes
of frames are hostile: whoever shows them escapes them, and whoever reads frames parses them with `wire`.
"""

from enum import StrEnum
from typing import Literal

import msgspec

# So long a packet may be on its way through the host.
_ON_ITS_WAY = 0.1


class WitnessName(StrEnum):
    """Who looks, from what touches nothing to what changes the host for a moment; last what server and guest say."""

    COUNTERS = "counters"
    FRAMES = "frames"
    RULES = "rules"
    KERNEL = "kernel"
    SERVER = "server"
    GUEST = "guest"
    AGENT = "agent"


Speaker = Literal["server", "guest", "agent"]
WitnessStatus = Literal["ok", "partial", "silent", "absent", "forbidden", "failed"]


class Witness(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a witness could look: why it could not, or not all the time, and what would help.

    `silent`: nobody is there to speak, as a guest in its firmware has no agent, and nothing is lost by it. With `ok`,
    `why` says when it rested. `lost`: how many of the things that it waited for the kernel had no
    room to tell; `heard`: how many it told.
    """

    name: WitnessName
    status: WitnessStatus
    why: str = ""
    would_help: str = ""
    heard: int = 0
    lost: int = 0


class HeardFrame(msgspec.Struct, frozen=True, kw_only=True):
    """A frame as a packet socket on `device` saw it. `direction`: "in" comes to the host by this device, "out" leaves.

    `vlan`: the tag that the kernel took off before it handed the frame over; one that is still there is in `content`.
    `length`: of the frame on the wire, while `content` may be cut.
    """

    at: float
    device: str
    direction: Literal["in", "out"]
    content: bytes
    length: int
    vlan: int | None = None


class HeardEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the kernel's tracefs. `buffer`: the address of the packet's buffer, the same for one copy of it.

    `length`: of what the event counts (with a link layer header for "queue" and "xmit", without for "receive"); None
    for "free". `location`: the function that gave the packet up, `reason`: in this kernel's words, "" for none.
    """

    at: float
    cpu: int
    event: Literal["receive", "queue", "xmit", "free"]
    buffer: str
    device: str = ""
    length: int | None = None
    protocol: int | None = None
    location: str = ""
    reason: str = ""


class HeardRule(msgspec.Struct, frozen=True, kw_only=True):
    """A step of a packet through nf_tables: the rule (or the policy) that was met, and what it decided.

    `family`: in nft's words. `packet`: the network and transport header as the kernel quotes them once for each base
    chain, b"" in the messages after. `mark`: the id that the kernel gives to one packet at one hook.
    """

    at: float
    mark: int
    family: str
    table: str
    chain: str
    kind: Literal["rule", "return", "policy"]
    verdict: str
    handle: int | None = None
    jump: str = ""
    in_device: str = ""
    out_device: str = ""
    packet: bytes = b""
    source_mac: str = ""
    hook: str = ""
    text: str = ""


class CounterMove(msgspec.Struct, frozen=True, kw_only=True):
    """A counter that stood at `before` when the trace began and at `after` when it ended.

    `source`: who counts, as `rule`, `link`, `tc`, `bridge-stp`, `kernel`, `conntrack`. `name`: what of it, in the
    source's words; `device` where it is one's. `origin`: where a person reads it again.
    """

    source: str
    name: str
    before: int
    after: int
    origin: str
    device: str = ""

    @property
    def moved(self) -> int:
        return self.after - self.before


class ServerWord(msgspec.Struct, frozen=True, kw_only=True):
    """A line that a DHCP or boot server logged in these seconds, or that the guest's firmware wrote.

    `origin`: the journal, a file, or the guest's screen. Of the guest's agent a sentence of ours about what it told.
    `asks`: with it a client in the guest said in these seconds that it asks for an address. What a screen shows may
    stand there since long before.
    """

    text: str
    origin: str
    speaker: Speaker = "server"
    asks: bool = False


class PortMoment(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a bridge's port from `at` on, in the kernel's words (br_private.h)."""

    at: float
    device: str
    state: str


class Traced(msgspec.Struct, frozen=True, kw_only=True):
    """One trace of one bridge. `mac`: whose packets were followed; None: everybody's who asks for a boot.

    `ports`: the bridge's ports; `tap`: the one behind which the guest is, where that is known; `outward`: those that
    are no taps, behind which another server may be. `blind`: from when to when the witness of rules had nobody at the
    hooks, so that what it tells nothing of may have been there. `http`: ports by which the guest may fetch, beside the
    usual ones.
    """

    target: str
    bridge: str
    seconds: float
    witnesses: tuple[Witness, ...]
    mac: str | None = None
    tap: str | None = None
    ports: tuple[str, ...] = ()
    outward: tuple[str, ...] = ()
    frames: tuple[HeardFrame, ...] = ()
    events: tuple[HeardEvent, ...] = ()
    rules: tuple[HeardRule, ...] = ()
    counters: tuple[CounterMove, ...] = ()
    words: tuple[ServerWord, ...] = ()
    states: tuple[PortMoment, ...] = ()
    blind: tuple[tuple[float, float], ...] = ()
    http: tuple[int, ...] = ()

    def looked(self, name: WitnessName) -> bool:
        return any(entry.name is name and entry.status in {"ok", "partial"} for entry in self.witnesses)

    def at_hooks(self, at: float) -> bool:
        """Whether each hook that a packet of that moment came to would have been told."""
        blind = any(since - _ON_ITS_WAY <= at <= until for since, until in self.blind)
        return self.looked(WitnessName.RULES) and not blind
