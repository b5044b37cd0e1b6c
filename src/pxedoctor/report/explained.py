"""One finding of a diagnosis, explained: the rule word for word, whose it is, where the packets end, and what to do."""

from pxedoctor.model.target import Facts
from pxedoctor.report.catalogue import Cause
from pxedoctor.report.causes import section_documents
from pxedoctor.report.deciding import deciding_rules, roads_that_end
from pxedoctor.report.document import SCHEMA_VERSION, FindingExplanationDocument
from pxedoctor.report.evidence import evidence_lines
from pxedoctor.report.explanation import section_lines
from pxedoctor.report.finding import identity_lines
from pxedoctor.report.json import finding_document, road_documents, rule_document
from pxedoctor.report.plan import how_to_lines, repair_lines
from pxedoctor.report.road import every_road
from pxedoctor.report.style import EMPTY, Line, Role, Style, draw, labelled, line, paragraph
from pxedoctor.road.hop import RuleRef
from pxedoctor.verdict.report import Diagnosed, Report

_SECTIONS = ("Why the guest fails", "Fix safety", "References")


def render_explained(diagnosed: Diagnosed, check: Cause, report: Report, style: Style) -> str:
    """The whole text, without a final newline."""
    finding, broken = diagnosed.finding, diagnosed.finding.broken
    lines = [
        line(finding.id, Role.STRONG),
        EMPTY,
        *paragraph(broken.headline, style, 2, Role.STRONG),
        *identity_lines(finding, report, style, 2),
    ]
    rules = deciding_rules(finding, report)
    for rule in rules:
        lines += [EMPTY, *_rule_lines(rule, style)]
    if not rules:
        lines += [EMPTY, *paragraph("No packet filter rule decides here.", style, 2)]
    lines += [EMPTY, line("what it rests on", Role.DIM, 2), *evidence_lines(broken.evidence, style)]
    roads = roads_that_end(finding, report)
    if roads:
        target = next(entry.target for entry in report.targets if entry.target.id == finding.targets[0])
        lines += [EMPTY, *every_road(roads, target, style, "where its packets end")]
    lines += [EMPTY, *repair_lines(diagnosed.plan, style), *how_to_lines(finding, diagnosed.plan, report)]
    for heading in _SECTIONS:
        lines += [EMPTY, *section_lines(check, heading, style)]
    return draw(lines, style)


def _rule_lines(rule: RuleRef, style: Style) -> list[Line]:
    """The rule is never wrapped: a person pastes it into a search."""
    what = "the policy" if rule.by_policy else "the rule"
    where = f"{rule.family} table {rule.table}, chain {rule.chain}"
    if rule.handle is not None:
        where += f", handle {rule.handle}"
    if rule.line:
        where += f", line {rule.line}"
    if rule.origin:
        where += f" of `{rule.origin}`" if rule.line else f", listed by `{rule.origin}`"
    lines = [line(f"{what} that decides", Role.DIM, 2), line(rule.text, Role.COMMAND, 4), *paragraph(where, style, 4)]
    return [*lines, *labelled("written by", _owner(rule), style, 4)]


def _owner(rule: RuleRef) -> str:
    named = rule.owner or "nobody can tell"
    return f"{named} ({rule.owner_why})" if rule.owner_why else named


def explained_document(diagnosed: Diagnosed, check: Cause, report: Report, facts: Facts) -> FindingExplanationDocument:
    finding = diagnosed.finding
    return FindingExplanationDocument(
        schema_version=SCHEMA_VERSION,
        finding=finding_document(diagnosed, facts),
        rules=[rule_document(rule) for rule in deciding_rules(finding, report)],
        roads=road_documents(roads_that_end(finding, report)),
        sections=section_documents(check),
    )
