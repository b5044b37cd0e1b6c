"""The JSON that pxedoctor prints, as types; its JSON Schema is made from them (`pxedoctor schema`).

Within a schema_version only additions; readers ignore what they do not know.
"""

from typing import Literal

import msgspec

from pxedoctor.findings.meta import FixAvailability, Stage
from pxedoctor.findings.outcome import Certainty, Hop, Scope, Severity
from pxedoctor.model.observation import ProbeOutcome
from pxedoctor.road.hop import Fate
from pxedoctor.road.packet_name import PacketName
from pxedoctor.verdict.report import OnModel, Verdict

SCHEMA_VERSION = 1

SafetyWord = Literal["safe", "risky", "show-only"]
OutcomeWord = Literal["broken", "fine", "unknown", "not-applicable"]
StatusWord = Literal["ok", "absent", "empty", "failed", "forbidden", "asleep"]
ObservedWord = Literal["pass", "drop", "not-seen"]


class ToolDocument(msgspec.Struct):
    name: str
    version: str


class HostDocument(msgspec.Struct):
    hostname: str
    kernel: str
    collected_at: str


class SourceDocument(msgspec.Struct):
    name: str
    status: StatusWord
    why: str


class TargetDocument(msgspec.Struct):
    """`decisive`: the first packet that the guest cannot do without and whose road does not pass."""

    id: str
    guest: str | None
    uuid: str | None
    mac: str | None
    tap: str | None
    bridge: str | None
    network: str | None
    client: str | None
    verdict: Verdict
    decisive: PacketName | None = None


class CheckDocument(msgspec.Struct):
    code: str
    name: str
    outcome: OutcomeWord
    targets: list[str]
    why: str


class EvidenceDocument(msgspec.Struct):
    text: str
    origin: str
    value: str


class StepDocument(msgspec.Struct):
    describe: str
    argv: list[str]
    command: str
    safety: SafetyWord
    undo: str


class ShownDocument(msgspec.Struct):
    """What manuals say, what it would cost, and that pxedoctor never does it."""

    command: str
    safety: SafetyWord
    may_lose: str


class PlanDocument(msgspec.Struct):
    """`on_model`: tried on the model it clears the finding, or `assumed` says what must hold afterwards."""

    safety: SafetyWord
    may_lose: str
    on_model: OnModel
    assumed: list[str]
    pending: str
    other_ways: list[str]
    steps: list[StepDocument]


class FindingDocument(msgspec.Struct):
    id: str
    code: str
    name: str
    scope: Scope
    subject: str
    targets: list[str]
    stage: Stage
    hop: Hop
    severity: Severity
    certainty: Certainty
    headline: str
    evidence: list[EvidenceDocument]
    plan: PlanDocument | None
    no_plan_because: str | None
    instead: list[str]
    shown: list[ShownDocument]


class UnknownDocument(msgspec.Struct):
    code: str
    name: str
    targets: list[str]
    on_road: bool
    missing: str
    would_help: str


class RuleDocument(msgspec.Struct):
    """`line` of what `origin` printed. `by_policy`: `text` declares the base chain whose policy, or end, decides.

    `owner_why` says how the owner is known; `file` and `file_line` where the rule stands on disk, "" and 0 for nowhere.
    """

    family: str
    table: str
    chain: str
    handle: int | None
    line: int | None
    text: str
    owner: str
    owner_why: str = ""
    file: str = ""
    file_line: int = 0
    origin: str = ""
    by_policy: bool = False


class HopDocument(msgspec.Struct):
    """`hook` is netfilter's name, as `ip input`, "" for none of its hooks. `rewrites`: NAT that is surely done."""

    hop: Hop
    device: str
    rule: RuleDocument | None
    predicted: Fate
    observed: ObservedWord | None
    witness: str
    why: str
    hook: str = ""
    rewrites: list[RuleDocument] = []
    may_rewrite: list[RuleDocument] = []


class PartingDocument(msgspec.Struct):
    """The first hop at which packets did something else than the facts foretell, and what that can mean."""

    hop: Hop
    device: str
    text: str
    meaning: str


class RoadDocument(msgspec.Struct):
    """One packet's way, for all targets for which it is the same. `parting`: null where nothing else was seen."""

    targets: list[str]
    packet: PacketName
    hops: list[HopDocument]
    fate: Fate = Fate.PASS
    parting: PartingDocument | None = None


class ProbeSummaryDocument(msgspec.Struct):
    """What came of a probe of one target. `whole`: it sat out the client's patience, or got what it wanted."""

    target: str
    bridge: str
    profile: str
    outcome: ProbeOutcome
    why: str
    whole: bool


class DiagnosisDocument(msgspec.Struct, tag_field="type", tag="diagnosis"):
    """What `diagnose --json` prints."""

    schema_version: int
    tool: ToolDocument
    verdict: Verdict
    host: HostDocument
    sources: list[SourceDocument]
    targets: list[TargetDocument]
    checks: list[CheckDocument]
    findings: list[FindingDocument]
    unknown: list[UnknownDocument]
    roads: list[RoadDocument]
    probes: list[ProbeSummaryDocument] = []


class ErrorDocument(msgspec.Struct, tag_field="type", tag="error"):
    """What every verb prints on exit status 2 under --json."""

    schema_version: int
    message: str
    would_help: str


class CauseDocument(msgspec.Struct):
    """`title` is one sentence; `fix` tells how often pxedoctor has a repair for it."""

    code: str
    name: str
    stage: Stage
    title: str
    fix: FixAvailability
    aliases: list[str]


class CausesDocument(msgspec.Struct, tag_field="type", tag="causes"):
    """What `list --json` prints."""

    schema_version: int
    causes: list[CauseDocument]


class SectionDocument(msgspec.Struct):
    heading: str
    text: str


class ExplanationDocument(msgspec.Struct, tag_field="type", tag="explanation"):
    """What `explain --json` prints."""

    schema_version: int
    cause: CauseDocument
    sections: list[SectionDocument]


class FindingExplanationDocument(msgspec.Struct, tag_field="type", tag="finding-explanation"):
    """What `explain CODE:SUBJECT --json` prints: the rules that decide, and the roads of the packets that end there."""

    schema_version: int
    finding: FindingDocument
    rules: list[RuleDocument]
    roads: list[RoadDocument]
    sections: list[SectionDocument]
