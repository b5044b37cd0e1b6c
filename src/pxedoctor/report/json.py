"""A Report as the document that `--json` prints."""

import shlex
from typing import TYPE_CHECKING

import msgspec

from pxedoctor import __version__
from pxedoctor.model.observation import Probed
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.show_only import ShowOnly
from pxedoctor.plans.step import Nothing, Step
from pxedoctor.report.document import (
    SCHEMA_VERSION,
    CheckDocument,
    DiagnosisDocument,
    ErrorDocument,
    EvidenceDocument,
    FindingDocument,
    HopDocument,
    HostDocument,
    ObservedWord,
    PartingDocument,
    PlanDocument,
    ProbeSummaryDocument,
    RoadDocument,
    RuleDocument,
    SafetyWord,
    ShownDocument,
    SourceDocument,
    StepDocument,
    TargetDocument,
    ToolDocument,
    UnknownDocument,
)
from pxedoctor.report.harmless import shown_json
from pxedoctor.road.hop import Fate, Road, RoadHop, RuleRef, fate_of
from pxedoctor.road.observed import parting
from pxedoctor.road.packet_name import PacketName
from pxedoctor.verdict.report import Diagnosed, Report, TargetVerdict

if TYPE_CHECKING:
    from pxedoctor.report.json_schema import Document

# How a step's `undo` begins that has no inverse.
NOTHING_TO_UNDO = "nothing to undo"
_SAFETY: dict[Safety, SafetyWord] = {Safety.SAFE: "safe", Safety.RISKY: "risky", Safety.SHOW_ONLY: "show-only"}

_OBSERVED: dict[Fate, ObservedWord] = {Fate.PASS: "pass", Fate.DROP: "drop", Fate.UNKNOWN: "not-seen"}


def tool() -> ToolDocument:
    return ToolDocument(name="pxedoctor", version=__version__)


def safety_word(safety: Safety) -> SafetyWord:
    return _SAFETY[safety]


def encode(document: "Document") -> str:
    """One line of JSON, without a final newline and without a character that a terminal would obey."""
    return shown_json(msgspec.json.encode(document).decode())


def error(message: str, would_help: str) -> ErrorDocument:
    return ErrorDocument(schema_version=SCHEMA_VERSION, message=message, would_help=would_help)


def diagnosis(report: Report, facts: Facts, all_roads: frozenset[str] = frozenset()) -> DiagnosisDocument:
    """`all_roads`: ids of targets whose roads are shown although they pass throughout."""
    return DiagnosisDocument(
        schema_version=SCHEMA_VERSION,
        tool=tool(),
        verdict=report.verdict,
        host=HostDocument(hostname=report.hostname, kernel=report.kernel, collected_at=report.collected_at),
        sources=[SourceDocument(name=s.name, status=s.status, why=s.why) for s in report.sources],
        targets=[_target(entry) for entry in report.targets],
        checks=[
            CheckDocument(
                code=result.meta.code,
                name=result.meta.name,
                outcome=result.outcome,  # type: ignore[arg-type]
                targets=list(result.targets),
                why=result.why,
            )
            for result in report.checks
        ],
        findings=[finding_document(diagnosed, facts) for diagnosed in report.findings],
        unknown=[
            UnknownDocument(
                code=entry.meta.code,
                name=entry.meta.name,
                targets=list(entry.targets),
                on_road=entry.on_road,
                missing=entry.missing,
                would_help=entry.would_help,
            )
            for entry in report.unknown
        ],
        roads=road_documents(_shown(report, all_roads)),
        probes=[probe_summary(seen) for seen in report.probes],
    )


def probe_summary(seen: Probed) -> ProbeSummaryDocument:
    return ProbeSummaryDocument(
        target=seen.target,
        bridge=seen.bridge,
        profile=seen.profile,
        outcome=seen.outcome,
        why=seen.why,
        whole=seen.whole,
    )


def _target(entry: TargetVerdict) -> TargetDocument:
    target = entry.target
    return TargetDocument(
        id=target.id,
        guest=target.guest,
        uuid=target.uuid,
        mac=target.mac,
        tap=target.tap,
        bridge=target.bridge,
        network=target.network,
        client=target.client.name if target.client else None,
        verdict=entry.verdict,
        decisive=entry.decisive,
    )


def finding_document(diagnosed: Diagnosed, facts: Facts) -> FindingDocument:
    finding, broken = diagnosed.finding, diagnosed.finding.broken
    plan = diagnosed.plan
    return FindingDocument(
        id=finding.id,
        code=finding.meta.code,
        name=finding.name,
        scope=broken.scope,
        subject=broken.subject,
        targets=list(finding.targets),
        stage=finding.meta.stage,
        hop=broken.hop,
        severity=broken.severity,
        certainty=broken.certainty,
        headline=broken.headline,
        evidence=[EvidenceDocument(text=e.text, origin=e.origin, value=e.value) for e in broken.evidence],
        plan=_plan(diagnosed, facts),
        no_plan_because=plan.because if isinstance(plan, NoPlan) else None,
        instead=list(plan.instead) if isinstance(plan, NoPlan) else [],
        shown=shown_documents(plan.shown),
    )


def _plan(diagnosed: Diagnosed, facts: Facts) -> PlanDocument | None:
    plan, on_model = diagnosed.plan, diagnosed.on_model
    if isinstance(plan, NoPlan) or on_model is None:
        return None
    return PlanDocument(
        safety=safety_word(plan.safety),
        may_lose=plan.may_lose,
        on_model=on_model,
        assumed=list(diagnosed.assumed),
        pending=plan.pending,
        other_ways=list(plan.other_ways),
        steps=[_step(step, facts) for step in plan.steps],
    )


def shown_documents(shown: tuple[ShowOnly, ...]) -> list[ShownDocument]:
    return [ShownDocument(command=o.command, safety=safety_word(o.safety), may_lose=o.may_lose) for o in shown]


def _step(step: Step, facts: Facts) -> StepDocument:
    undo = step.undo(facts.host)
    return StepDocument(
        describe=step.describe(),
        argv=list(step.argv()),
        command=shlex.join(step.argv()),
        safety=safety_word(step.safety),
        undo=f"{NOTHING_TO_UNDO}: {undo.reason}" if isinstance(undo, Nothing) else undo.describe,
    )


def _shown(report: Report, all_roads: frozenset[str]) -> tuple[Road, ...]:
    """Roads that pass throughout are told only where they are asked for, or where packets did something else."""
    told = (road.fate is not Fate.PASS or road.target in all_roads or parting(road) for road in report.roads)
    return tuple(road for road, wanted in zip(report.roads, told, strict=True) if wanted)


def road_documents(roads: tuple[Road, ...]) -> list[RoadDocument]:
    """One for each packet and way, with all targets that share it."""
    shared: dict[tuple[PacketName, tuple[RoadHop, ...]], list[str]] = {}
    for road in roads:
        shared.setdefault((road.packet, road.hops), []).append(road.target)
    return [
        RoadDocument(
            targets=targets,
            packet=packet,
            hops=[_hop(hop) for hop in hops],
            fate=fate_of(hops),
            parting=_parting(Road(target=targets[0], packet=packet, hops=hops)),
        )
        for (packet, hops), targets in shared.items()
    ]


def _parting(road: Road) -> PartingDocument | None:
    found = parting(road)
    if found is None:
        return None
    return PartingDocument(hop=found.hop.hop, device=found.hop.device, text=found.text, meaning=found.meaning)


def _hop(hop: RoadHop) -> HopDocument:
    return HopDocument(
        hop=hop.hop,
        device=hop.device,
        rule=rule_document(hop.rule) if hop.rule else None,
        predicted=hop.predicted,
        observed=_OBSERVED[hop.observed] if hop.observed else None,
        witness=hop.witness,
        why=hop.why,
        hook=hop.hook,
        rewrites=[rule_document(rule) for rule in hop.rewrites],
        may_rewrite=[rule_document(rule) for rule in hop.may_rewrite],
    )


def rule_document(rule: RuleRef) -> RuleDocument:
    return RuleDocument(
        family=rule.family,
        table=rule.table,
        chain=rule.chain,
        handle=rule.handle,
        line=rule.line,
        text=rule.text,
        owner=rule.owner,
        owner_why=rule.owner_why,
        file=rule.file,
        file_line=rule.file_line,
        origin=rule.origin,
        by_policy=rule.by_policy,
    )
