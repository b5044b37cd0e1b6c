"""One finding for a person: in full, or in two lines where it is not the first cause."""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.outcome import Broken
from pxedoctor.plans.plan import NoPlan
from pxedoctor.report.evidence import evidence_lines
from pxedoctor.report.harmless import command_line
from pxedoctor.report.plan import fix_command, how_to_lines, repair_lines, shown_lines, way_lines
from pxedoctor.report.road import road_lines
from pxedoctor.report.style import EMPTY, Line, Role, Span, Style, labelled, line, paragraph
from pxedoctor.road.hop import Road
from pxedoctor.verdict.report import Diagnosed, OnModel, Report, TargetVerdict

# More guests than this are counted, not listed.
_NAMED = 6


def full_lines(diagnosed: Diagnosed, report: Report, style: Style) -> list[Line]:
    finding, broken = diagnosed.finding, diagnosed.finding.broken
    label = "" if broken.severity == "broken" else "risk: "
    lines = [
        *paragraph(label + broken.headline, style, 2, Role.STRONG),
        *identity_lines(finding, report, style, 2),
        EMPTY,
        *evidence_lines(broken.evidence, style),
        EMPTY,
    ]
    if broken.severity == "broken" or style.verbose:
        entry = next(entry for entry in report.targets if entry.target.id == finding.targets[0])
        lines += [*road_lines(_road(entry, broken, report), entry.target, broken, style), EMPTY]
    lines += [*repair_lines(diagnosed.plan, style), *how_to_lines(finding, diagnosed.plan, report)]
    if style.verbose:
        lines += _more_lines(diagnosed, style)
    return lines


def _road(entry: TargetVerdict, broken: Broken, report: Report) -> Road:
    """That of the packet that the guest lacks, where the finding lies on it; else the DISCOVER's."""
    telling = report.telling(entry)
    stops = telling.decisive
    if stops is not None and stops.hop is broken.hop:
        return telling
    return report.roads_of(entry.target.id)[0]


def identity_lines(finding: Finding, report: Report, style: Style, indent: int) -> list[Line]:
    """`name (code), certainty`, and for whom, where more than one target was looked at."""
    who = "" if len(report.targets) == 1 else f", for {whom(finding)}"
    certainty = finding.broken.certainty
    return paragraph(f"{finding.name} ({finding.meta.code}), {certainty}{who}", style, indent, Role.DIM)


def whom(finding: Finding) -> str:
    names = finding.targets
    if len(names) <= _NAMED:
        return ", ".join(names)
    return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more"


def _more_lines(diagnosed: Diagnosed, style: Style) -> list[Line]:
    """Under --verbose: what came of trying the plan, and the other ways."""
    plan = diagnosed.plan
    if isinstance(plan, NoPlan):
        return []
    return [
        *on_model_lines(diagnosed, style),
        *way_lines(plan.other_ways, style),
        *shown_lines(plan.shown, style),
    ]


def on_model_lines(diagnosed: Diagnosed, style: Style) -> list[Line]:
    if diagnosed.on_model is OnModel.CLEARS:
        return paragraph("tried on the model of this host: it clears the fault", style, 2)
    assumed = "; ".join(diagnosed.assumed)
    return labelled("cannot be tried on the model; it rests on this coming true", assumed, style, 2)


def short_lines(diagnosed: Diagnosed, report: Report, style: Style) -> list[Line]:
    finding, plan = diagnosed.finding, diagnosed.plan
    label = "also broken" if finding.broken.severity == "broken" else "risk"
    lines = [
        *labelled(label, finding.broken.headline, style, 2),
        *identity_lines(finding, report, style, 4),
    ]
    if isinstance(plan, NoPlan):
        return [*lines, *labelled("no repair by pxedoctor", plan.because, style, 4)]
    show = Span(command_line(fix_command(finding, report)), Role.COMMAND)
    return [*lines, (*line(f"repair: {plan.safety.word.upper()}, shown by: ", indent=4), show)]
