"""What the page shows of a report, as plain values in the page's order; the template only lays them out."""

from collections.abc import Iterator

import msgspec

from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.diff import diff_of, lines_of_diff
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.show_only import ShowOnly
from pxedoctor.plans.step import Nothing
from pxedoctor.report.drawing.mark import Mark, of_fate, of_verdict
from pxedoctor.report.finding import whom
from pxedoctor.report.harmless import command_line
from pxedoctor.report.plan import apply_command, fix_command
from pxedoctor.report.road import Place, places_of
from pxedoctor.report.target import target_words
from pxedoctor.road.hop import Fate, Road, RoadHop
from pxedoctor.verdict.report import Diagnosed, OnModel, Report, TargetVerdict, Verdict


class Stop(msgspec.Struct, frozen=True, kw_only=True):
    """One word of the road in a line. `behind`: the packet does not get there."""

    word: str
    mark: Mark
    said: str
    behind: bool


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """`back`: how it is taken back, in words; `back_command` "" where there is nothing to type. `diff`: its lines."""

    describe: str
    command: str
    back: str
    back_command: str
    diff: tuple[str, ...]


class Repair(msgspec.Struct, frozen=True, kw_only=True):
    """`commands`: all of them, to paste. `do_it` "" where pxedoctor would not do it itself. `because`: why none."""

    safety: str = ""
    may_lose: str = ""
    steps: tuple[Step, ...] = ()
    commands: str = ""
    show: str = ""
    do_it: str = ""
    pending: str = ""
    on_model: str = ""
    other_ways: tuple[str, ...] = ()
    shown: tuple[ShowOnly, ...] = ()
    because: str = ""


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """One finding. `number`: of its break in the drawing, 0 for a risk."""

    number: int
    severity: str
    headline: str
    name: str
    code: str
    certainty: str
    whom: str
    evidence: tuple[tuple[str, str, str], ...]
    repair: Repair
    strip_title: str = ""
    strip: tuple[Stop, ...] = ()


class HopRow(msgspec.Struct, frozen=True, kw_only=True):
    hop: str
    device: str
    predicted: Mark
    observed: str
    observed_mark: Mark
    why: str
    rule: str


class RoadTable(msgspec.Struct, frozen=True, kw_only=True):
    """One packet's road, for all targets that share it."""

    packet: str
    mark: Mark
    whom: str
    rows: tuple[HopRow, ...]


class TargetRow(msgspec.Struct, frozen=True, kw_only=True):
    words: str
    mark: Mark
    verdict: str
    client: str


_SAID = {Mark.GOOD: "passes", Mark.BAD: "dies here", Mark.DOUBT: "nobody can tell", Mark.NONE: ""}
# In the words of a table: what was seen, or why nothing is said.
_OBSERVED = {
    Fate.PASS: ("seen", Mark.GOOD),
    Fate.DROP: ("seen to die", Mark.BAD),
    Fate.UNKNOWN: ("not seen", Mark.DOUBT),
}
_NAMED = 6


def causes(report: Report, facts: Facts) -> tuple[Cause, ...]:
    """All findings in the report's order; broken ones are numbered as in the drawing."""
    number = 0
    found: list[Cause] = []
    for diagnosed in report.findings:
        broken = diagnosed.finding.broken.severity == "broken"
        number += broken
        found.append(_cause(diagnosed, number if broken else 0, report, facts))
    return tuple(found)


def _cause(diagnosed: Diagnosed, number: int, report: Report, facts: Facts) -> Cause:
    finding, broken = diagnosed.finding, diagnosed.finding.broken
    entry = next(entry for entry in report.targets if entry.target.id == finding.targets[0])
    title, strip = _strip(entry, report, diagnosed) if number else ("", ())
    return Cause(
        number=number,
        severity=broken.severity,
        headline=broken.headline,
        name=finding.name,
        code=finding.meta.code,
        certainty=broken.certainty,
        whom="" if len(report.targets) == 1 else whom(finding),
        evidence=tuple((entry.text, entry.origin, entry.value) for entry in broken.evidence),
        repair=_repair(diagnosed, report, facts),
        strip_title=title,
        strip=strip,
    )


def _strip(entry: TargetVerdict, report: Report, diagnosed: Diagnosed) -> tuple[str, tuple[Stop, ...]]:
    broken = diagnosed.finding.broken
    telling = report.telling(entry)
    stops = telling.decisive
    road = telling if stops is not None and stops.hop is broken.hop else report.roads_of(entry.target.id)[0]
    return f"road of the {road.packet}", tuple(_stops(places_of(road, entry.target, broken)))


def doubtful_strip(entry: TargetVerdict, report: Report) -> tuple[str, tuple[Stop, ...]]:
    """Of a target that no finding explains."""
    road = report.telling(entry)
    return f"road of the {road.packet}", tuple(_stops(places_of(road, entry.target, None)))


def _stops(places: list[Place]) -> Iterator[Stop]:
    for place in places:
        mark = of_fate(place.fate) if place.reached else Mark.NONE
        said = _SAID[mark] if place.reached else "not reached"
        yield Stop(word=place.word, mark=mark, said=said, behind=not place.reached)


def _repair(diagnosed: Diagnosed, report: Report, facts: Facts) -> Repair:
    plan = diagnosed.plan
    if isinstance(plan, NoPlan):
        return Repair(because=plan.because, other_ways=plan.instead, shown=plan.shown)
    word = plan.safety.word
    steps = tuple(_steps(plan, facts))
    assumed = "; ".join(diagnosed.assumed)
    clears = "tried on the model of this host: it clears the fault"
    tried = clears if diagnosed.on_model is OnModel.CLEARS else f"rests on this coming true: {assumed}"
    does = word != "show-only"
    return Repair(
        safety=word.upper(),
        may_lose=plan.may_lose,
        steps=steps,
        commands="\n".join(step.command for step in steps),
        show=command_line(fix_command(diagnosed.finding, report)),
        do_it=command_line(apply_command(diagnosed.finding, plan, report)) if does else "",
        pending=plan.pending,
        on_model=tried,
        other_ways=plan.other_ways,
        shown=plan.shown,
    )


def _steps(plan: Plan, facts: Facts) -> Iterator[Step]:
    for step in plan.steps:
        undo = step.undo(facts.host)
        back = (
            f"cannot be taken back: {undo.reason}" if isinstance(undo, Nothing) else f"to take it back: {undo.describe}"
        )
        back_command = "" if isinstance(undo, Nothing) else command_line(undo.argv)
        yield Step(
            describe=step.describe(),
            command=command_line(step.argv()),
            back=back,
            back_command=back_command,
            diff=lines_of_diff(diff_of(step.request(), facts.host)),
        )


def target_rows(report: Report) -> tuple[TargetRow, ...]:
    """The most broken first."""
    worst = (Verdict.BROKEN, Verdict.UNKNOWN, Verdict.HEALTHY)
    ordered = sorted(report.targets, key=lambda entry: worst.index(entry.verdict))
    return tuple(
        TargetRow(
            words=" · ".join(target_words(entry.target)),
            mark=of_verdict(entry.verdict),
            verdict=entry.verdict.value,
            client=_client(entry.target),
        )
        for entry in ordered
    )


def _client(target: Target) -> str:
    return f"asks as {target.client.name} ({target.client_why})" if target.client else ""


def road_tables(report: Report) -> tuple[RoadTable, ...]:
    """Every packet's road, once for all that share it; those that do not pass first."""
    several = len(report.targets) > 1
    shared: dict[tuple[str, tuple[RoadHop, ...]], list[Road]] = {}
    own = {entry.target.id: {entry.target.mac, entry.target.tap} for entry in report.targets}
    for road in report.roads:
        hops = tuple(_anybodys(hop, own[road.target]) if several else hop for hop in road.hops)
        shared.setdefault((road.packet.value, hops), []).append(road)
    tables = [
        RoadTable(
            packet=packet,
            mark=of_fate(roads[0].fate),
            whom=_whom([road.target for road in roads]) if several else "",
            rows=tuple(_row(hop) for hop in hops),
        )
        for (packet, hops), roads in shared.items()
    ]
    return tuple(sorted(tables, key=lambda table: (Mark.BAD, Mark.DOUBT, Mark.GOOD).index(table.mark)))


def _anybodys(hop: RoadHop, own: set[str | None]) -> RoadHop:
    """Without the names that are one guest's alone, so that what is the same for thirty of them is told once."""
    return msgspec.structs.replace(hop, device="") if hop.device in own else hop


def _whom(ids: list[str]) -> str:
    more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    return ", ".join(ids[:_NAMED]) + more


def _row(hop: RoadHop) -> HopRow:
    observed, mark = _OBSERVED[hop.observed] if hop.observed is not None else ("nobody looked", Mark.NONE)
    rule = hop.rule
    where = "" if rule is None else f"{rule.family} {rule.table} {rule.chain}: {rule.text}"
    owner = f" (written by {rule.owner})" if rule is not None and rule.owner else ""
    seen = f"{observed}: {hop.witness}" if hop.witness else observed
    return HopRow(
        hop=hop.hop.value,
        device=hop.device,
        predicted=of_fate(hop.predicted),
        observed=seen,
        observed_mark=mark,
        why=hop.why,
        rule=f"{where}{owner}",
    )
