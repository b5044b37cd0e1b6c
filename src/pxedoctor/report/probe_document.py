"""The JSON that `probe` prints, as types."""

from typing import Literal

import msgspec

from pxedoctor.model.observation import ProbeOutcome, ProbeStage
from pxedoctor.report.document import FindingDocument, RoadDocument, ToolDocument
from pxedoctor.verdict.report import Verdict

PortState = Literal["disabled", "listening", "learning", "forwarding", "blocking", "unknown"]


class StageDocument(msgspec.Struct):
    """One line of the timeline. `at`: seconds after the probe's port came up; `ok` null: it waits for something."""

    stage: ProbeStage
    at: float
    ok: bool | None
    detail: str


class OfferDocument(msgspec.Struct):
    """`server`: what it calls itself; `source`, `source_port`, `mac`: where the offer came from.

    `checksum`: what a receiver finds in the frame; `partial`: the sum was left to be filled. `refused`: why the client
    that is acted drops this offer, "" where it takes it. `proxy`: it offers a boot file and no address.
    """

    server: str
    mac: str
    address: str
    file: str
    next_server: str
    checksum: Literal["valid", "partial", "bad", "none"]
    at: float
    source: str
    source_port: int
    proxy: bool
    refused: str


class PortStateDocument(msgspec.Struct):
    at: float
    state: PortState


class SentDocument(msgspec.Struct):
    at: float
    what: str
    port_state: str


class NakDocument(msgspec.Struct):
    at: float
    server: str
    mac: str
    why: str


class ArpDocument(msgspec.Struct):
    """`mac`: who answered for the address, "" where nobody did."""

    at: float
    asked: Literal["offered", "boot-server", "gateway"]
    address: str
    mac: str


class BootServerDocument(msgspec.Struct):
    at: float
    server: str
    port: int
    answered: bool
    file: str
    next_server: str


class FetchDocument(msgspec.Struct):
    """`size`: what the server announced. `status`: HTTP's, or the code of a TFTP error."""

    at: float
    seconds: float
    url: str
    outcome: Literal["fetched", "refused", "silent", "malformed", "too-large", "stopped"]
    why: str
    received: int
    size: int | None
    status: int | None
    content_type: str
    block_size: int
    window: int


class SwitchDocument(msgspec.Struct):
    at: float
    by: Literal["lldp", "stp", "rstp"]
    mac: str
    name: str
    detail: str


class ProbeDocument(msgspec.Struct, tag_field="type", tag="probe"):
    """What `probe --json` prints of one probe.

    `whole`: it sat out the client's patience, or got what it wanted; where false, silence says nothing. `judged`: the
    host was diagnosed beside it, so that no finding means that none was found (false under --quick, --from-netns and in
    a VLAN of its own: the diagnosis is of frames without a tag).
    """

    schema_version: int
    tool: ToolDocument
    target: str
    bridge: str
    vlan: int | None
    profile: str
    asked_for: str
    mac: str
    outcome: ProbeOutcome
    why: str
    whole: bool
    fetch: bool
    verdict: Verdict
    judged: bool
    stages: list[StageDocument]
    offers: list[OfferDocument]
    port_states: list[PortStateDocument]
    sent: list[SentDocument]
    naks: list[NakDocument]
    arps: list[ArpDocument]
    boot_servers: list[BootServerDocument]
    fetches: list[FetchDocument]
    switches: list[SwitchDocument]
    roads: list[RoadDocument]
    findings: list[FindingDocument]


class NotProbedDocument(msgspec.Struct):
    """A probe that could not be made, and what would help."""

    target: str
    bridge: str
    message: str
    would_help: str


class ProbesDocument(msgspec.Struct, tag_field="type", tag="probes"):
    """What `probe --json` prints where there is more than one bridge or NIC to ask."""

    schema_version: int
    tool: ToolDocument
    verdict: Verdict
    probes: list[ProbeDocument]
    not_probed: list[NotProbedDocument]
