"""The JSON that `trace` prints, as types."""

import msgspec

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.traced import Speaker, WitnessName, WitnessStatus
from pxedoctor.report.document import FindingDocument, RoadDocument, RuleDocument, ToolDocument
from pxedoctor.road.hop import Fate
from pxedoctor.road.life import Direction, PacketKind
from pxedoctor.verdict.report import Verdict


class WitnessDocument(msgspec.Struct):
    """`lost`: of what it waited for, how much the kernel had no room to tell."""

    name: WitnessName
    status: WitnessStatus
    why: str
    would_help: str
    heard: int
    lost: int


class SightingDocument(msgspec.Struct):
    """`at`: seconds after the trace began. `fate` unknown: expected here and not seen. `reason`: the kernel's."""

    hop: Hop
    device: str
    at: float
    witness: WitnessName
    fate: Fate
    reason: str
    words: str
    rule: RuleDocument | None


class PacketDocument(msgspec.Struct):
    """One packet; a retransmission is one of its own, with the next `number`."""

    kind: PacketKind
    direction: Direction
    mac: str
    xid: str
    number: int
    at: float
    source: str
    destination: str
    length: int
    vlan: int | None
    hops: list[SightingDocument]


class DeathDocument(msgspec.Struct):
    """`certain` false: it may also lie further on, or, where none set out, none may have been wanted.

    `packet`: its place in `packets`, null: none was seen to set out.
    """

    hop: Hop
    device: str
    kind: PacketKind
    words: str
    reason: str
    rule: RuleDocument | None
    witnesses: list[WitnessName]
    certain: bool
    packet: int | None


class CounterDocument(msgspec.Struct):
    """A counter that moved. `source`: who counts; `origin`: where it is read again."""

    source: str
    name: str
    device: str
    before: int
    after: int
    origin: str


class ServerWordDocument(msgspec.Struct):
    """A line of a server's log, or of the guest's screen or serial line. `means`: what is known of the guest's."""

    text: str
    origin: str
    speaker: Speaker
    means: list[str]


class PortMomentDocument(msgspec.Struct):
    at: float
    device: str
    state: str


class TraceDocument(msgspec.Struct, tag_field="type", tag="trace"):
    """What `trace --json` prints."""

    schema_version: int
    tool: ToolDocument
    target: str
    bridge: str
    mac: str | None
    tap: str | None
    seconds: float
    verdict: Verdict
    answered: bool
    packets: list[PacketDocument]
    died: DeathDocument | None
    witnesses: list[WitnessDocument]
    counters: list[CounterDocument]
    words: list[ServerWordDocument]
    port_states: list[PortMomentDocument]
    roads: list[RoadDocument]
    findings: list[FindingDocument]
