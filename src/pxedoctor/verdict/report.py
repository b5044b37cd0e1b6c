"""Report: what was found, what was looked at, what could not be told, and the road of each target."""

from enum import StrEnum

import msgspec

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta
from pxedoctor.model.observation import Probed
from pxedoctor.model.source import Source
from pxedoctor.model.target import Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.hop import Road
from pxedoctor.road.packet_name import PacketName


class Verdict(StrEnum):
    HEALTHY = "healthy"
    BROKEN = "broken"
    UNKNOWN = "unknown"

    @property
    def exit_code(self) -> int:
        return {Verdict.HEALTHY: 0, Verdict.BROKEN: 1, Verdict.UNKNOWN: 3}[self]


class OnModel(StrEnum):
    """What came of trying a plan on the model."""

    CLEARS = "clears"
    ASSUMED = "assumed"


class Diagnosed(msgspec.Struct, frozen=True, kw_only=True):
    """A finding with its plan. `assumed`: what must hold after the plan and could not be tried on the model."""

    finding: Finding
    plan: Plan | NoPlan
    assumed: tuple[str, ...] = ()

    @property
    def on_model(self) -> OnModel | None:
        if isinstance(self.plan, NoPlan):
            return None
        return OnModel.ASSUMED if self.assumed else OnModel.CLEARS


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """One check's one outcome for the targets that had it."""

    meta: Meta
    outcome: str
    targets: tuple[str, ...]
    why: str = ""


class NotKnown(msgspec.Struct, frozen=True, kw_only=True):
    """What could not be told, for whom, and what would help."""

    meta: Meta
    targets: tuple[str, ...]
    on_road: bool
    missing: str
    would_help: str


class TargetVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """`decisive`: the first packet that the guest cannot do without and whose road does not pass; None: all pass."""

    target: Target
    verdict: Verdict
    decisive: PacketName | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One diagnosis. `findings` is in order: the first cause first. Every target has one road at least."""

    hostname: str
    kernel: str
    collected_at: str
    sources: tuple[Source, ...]
    targets: tuple[TargetVerdict, ...]
    checks: tuple[CheckResult, ...]
    findings: tuple[Diagnosed, ...]
    unknown: tuple[NotKnown, ...]
    roads: tuple[Road, ...]
    probes: tuple[Probed, ...] = ()

    def roads_of(self, target: str) -> tuple[Road, ...]:
        return tuple(road for road in self.roads if road.target == target)

    def telling(self, entry: TargetVerdict) -> Road:
        """The road that tells most of a target: of its decisive packet, else of the first, its DISCOVER."""
        found = self.roads_of(entry.target.id)
        return next((road for road in found if road.packet is entry.decisive), found[0])

    @property
    def verdict(self) -> Verdict:
        verdicts = {entry.verdict for entry in self.targets}
        for worst in (Verdict.BROKEN, Verdict.UNKNOWN):
            if worst in verdicts:
                return worst
        return Verdict.HEALTHY
