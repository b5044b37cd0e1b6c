"""A plan that no finding asks for: as a diff for a person, and as JSON."""

from collections.abc import Sequence

from pxedoctor.plans.diff import diff_of
from pxedoctor.plans.plan import Plan
from pxedoctor.plans.record import Entry
from pxedoctor.plans.request import readers_of
from pxedoctor.report.plan import safety_lines, way_lines
from pxedoctor.report.style import EMPTY, Role, Span, Style, draw, paragraph
from pxedoctor.report.treatment import diff_lines, document_of, entry_document, reader_lines, undo_lines
from pxedoctor.report.treatment_document import TreatmentDocument
from pxedoctor.verdict.treatment import Refusal


def offered_document(entry: Entry | None, plan: Plan | None, units: Sequence[str]) -> TreatmentDocument:
    """What `restart-after` prints without --apply: a plan, or the units for which there could be one."""
    if entry is None or plan is None:
        named = [Refusal(unit, f"pxedoctor restart-after {unit}") for unit in units]
        return document_of(None, "nothing-to-do", "", [], named)
    offered = entry_document(entry)
    offered.may_lose = plan.may_lose
    return document_of(None, "planned", "", [offered], ())


def render_offered(entry: Entry, plan: Plan, command: str, style: Style) -> str:
    """A plan that no finding asks for, as a diff, and the `command` that carries it out."""
    lines = [*paragraph(entry.headline, style, 0, Role.STRONG), EMPTY, *safety_lines(plan, style)]
    for number, step in enumerate(entry.steps, 1):
        text = (Span(f"  {number}  "), Span(step.describe))
        lines += [text, *diff_lines(diff_of(step.request)), *reader_lines(readers_of(step.request), style)]
        lines += undo_lines(step.undo, style)
    lines += way_lines(plan.other_ways, style)
    return draw([*lines, (Span("  do it: "), Span(command, Role.COMMAND))], style)
