"""What `fix` would do, before it does it: for a person and as JSON; and, where there is nothing to do, why not."""

from collections.abc import Sequence

from pxedoctor.findings.meta import Meta
from pxedoctor.model.target import Facts
from pxedoctor.plans.diff import diff_of
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.record import Recorded
from pxedoctor.plans.request import readers_of
from pxedoctor.plans.step import Step
from pxedoctor.report.finding import identity_lines, on_model_lines
from pxedoctor.report.harmless import command_line
from pxedoctor.report.json import safety_word, shown_documents
from pxedoctor.report.plan import how_to_lines, numbered, repair_lines, safety_lines, shown_lines, way_lines
from pxedoctor.report.style import EMPTY, Line, Role, Style, draw, labelled, line, paragraph
from pxedoctor.report.treatment import diff_lines, document_of, reader_lines, step_document, undo_lines, verified_by
from pxedoctor.report.treatment_document import TreatedPlanDocument, TreatmentDocument, TreatmentWord
from pxedoctor.verdict.report import Diagnosed, NotKnown, Report, Verdict
from pxedoctor.verdict.treatment import Refusal


def planned_document(
    wanted: Sequence[Diagnosed], refused: Sequence[Refusal], facts: Facts, because: str = ""
) -> TreatmentDocument:
    """What `fix` without --apply prints, or with it where nothing could be done. `because`: why nothing is wanted."""
    plans = [_planned(d, d.plan, facts) for d in wanted if not isinstance(d.plan, NoPlan)]
    outcome: TreatmentWord = "planned" if plans else "refused" if refused else "nothing-to-do"
    return document_of(None, outcome, because, plans, refused)


def _planned(diagnosed: Diagnosed, plan: Plan, facts: Facts) -> TreatedPlanDocument:
    return TreatedPlanDocument(
        finding=diagnosed.finding.id,
        headline=diagnosed.finding.broken.headline,
        safety=safety_word(plan.safety),
        may_lose=plan.may_lose,
        pending=plan.pending,
        verified_by=verified_by(diagnosed.finding.id, plan.pending, bool(facts.observations)),
        steps=[step_document(_as_planned(step, facts), facts.host) for step in plan.steps],
        other_ways=list(plan.other_ways),
        shown=shown_documents(plan.shown),
    )


def _as_planned(step: Step, facts: Facts) -> Recorded:
    return Recorded(describe=step.describe(), argv=step.argv(), request=step.request(), undo=step.undo(facts.host))


def render_planned(wanted: Sequence[Diagnosed], report: Report, facts: Facts, style: Style) -> str:
    """What would be done and why, what may be lost, how it is verified, and how to take it back by hand."""
    lines: list[Line] = []
    for diagnosed in wanted:
        lines += [*([EMPTY] if lines else []), *_planned_lines(diagnosed, report, facts, style)]
    return draw(lines, style)


def _planned_lines(diagnosed: Diagnosed, report: Report, facts: Facts, style: Style) -> list[Line]:
    finding, plan = diagnosed.finding, diagnosed.plan
    lines = [
        *paragraph(finding.broken.headline, style, 0, Role.STRONG),
        *identity_lines(finding, report, style, 0),
        EMPTY,
    ]
    if isinstance(plan, NoPlan):
        return [*lines, *repair_lines(plan, style)]
    lines += safety_lines(plan, style)
    for number, step in enumerate(plan.steps, 1):
        lines += [*numbered(number, step, style), line(command_line(step.argv()), Role.COMMAND, 7)]
        lines += [*diff_lines(diff_of(step.request(), facts.host)), *reader_lines(readers_of(step.request()), style)]
        lines += undo_lines(step.undo(facts.host), style)
    if plan.pending:
        lines += labelled("afterwards", plan.pending, style, 2)
    verified = verified_by(finding.id, plan.pending, bool(facts.observations))
    lines += [*on_model_lines(diagnosed, style), *labelled("verified by", verified, style, 2)]
    return [*lines, *way_lines(plan.other_ways, style), *shown_lines(plan.shown, style)]


def render_how_to(wanted: Sequence[Diagnosed], report: Report, style: Style) -> str:
    """Nothing was done, and what to type to have it done; "" where there is nothing that pxedoctor would do."""
    lines = [how for diagnosed in wanted for how in how_to_lines(diagnosed.finding, diagnosed.plan, report)]
    return draw([EMPTY, line("Nothing has been done yet."), *lines], style) if lines else ""


def render_nothing(because: str, style: Style) -> str:
    return draw(labelled("Nothing to repair", because, style, 0), style)


def nothing_because(report: Report, only: Meta | None) -> str:
    """Why there is no plan where nothing was found of what was asked for; `only`: the one cause that was."""
    if not report.targets:
        return f"there is no guest and no bridge for guests on this host{_unread(report)}"
    open_ = _open(report, only)
    if open_ is not None:
        help_ = f" (would help: {open_.would_help})" if open_.would_help else ""
        return f"nothing was found, but not all could be told: {open_.missing}{help_}"
    if only is None and report.verdict is Verdict.BROKEN:
        return "what does not come through has no cause that pxedoctor knows; pxedoctor diagnose shows where it stops"
    if only is not None:
        others = ", ".join(dict.fromkeys(found.finding.name for found in report.findings))
        return f"{only.name} was not found" + (f"; found were: {others}" if others else "")
    causes = len({result.meta.name for result in report.checks})
    targets = len(report.targets)
    return f"{causes} cause{'s'[: causes != 1]} looked for at {targets} target{'s'[: targets != 1]}, and none found"


def _unread(report: Report) -> str:
    """Where nothing was seen, what could not be looked at may hold something."""
    names = ", ".join(source.name for source in report.sources if source.status in {"failed", "forbidden"})
    return f"; could not look at {names}: pxedoctor diagnose says why" if names else ""


def verdict_of_nothing(report: Report, only: Meta | None) -> Verdict:
    """Nothing was found of what was asked for: is it well, or could it not be told?"""
    if only is None:
        return report.verdict
    return Verdict.HEALTHY if _open(report, only) is None else Verdict.UNKNOWN


def _open(report: Report, only: Meta | None) -> NotKnown | None:
    return next((entry for entry in report.unknown if entry.on_road and only in {None, entry.meta}), None)
