"""All causes in one table: for `pxedoctor list`, for docs/causes.md, and as JSON."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pxedoctor.report.catalogue import Cause
from pxedoctor.report.explanation import explanation
from pxedoctor.report.style import Line, Role, Span, Style, columns, draw, paragraph

if TYPE_CHECKING:
    from pxedoctor.report.document import CauseDocument, CausesDocument, ExplanationDocument, SectionDocument


def render_causes(checks: Sequence[Cause], style: Style) -> str:
    """One cause a line where the terminal is wide enough; else its sentence goes under it."""
    rows = [(c.META.code, c.META.name, c.META.stage, f"repair {c.META.fix}", explanation(c).title) for c in checks]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    heads = ["  ".join(cell.ljust(width) for cell, width in zip(row[:4], widths, strict=True)) for row in rows]
    beside = max(columns(head) + 2 + columns(row[4]) for head, row in zip(heads, rows, strict=True)) <= style.width
    lines: list[Line] = []
    for head, row in zip(heads, rows, strict=True):
        if beside:
            lines.append((Span(head, Role.STRONG), Span(f"  {row[4]}")))
        else:
            lines += [(Span(head, Role.STRONG),), *paragraph(row[4], style, widths[0] + 2)]
    return draw(lines, style)


def causes_document(checks: Sequence[Cause]) -> "CausesDocument":
    # What most people read is a text: it does without the types of all that --json prints.
    from pxedoctor.report.document import SCHEMA_VERSION, CausesDocument

    return CausesDocument(schema_version=SCHEMA_VERSION, causes=[_cause(check) for check in checks])


def explanation_document(check: Cause) -> "ExplanationDocument":
    from pxedoctor.report.document import SCHEMA_VERSION, ExplanationDocument

    return ExplanationDocument(schema_version=SCHEMA_VERSION, cause=_cause(check), sections=section_documents(check))


def section_documents(check: Cause) -> "list[SectionDocument]":
    from pxedoctor.report.document import SectionDocument

    return [
        SectionDocument(heading=section.heading, text="\n".join(block.text for block in section.blocks))
        for section in explanation(check).sections
    ]


def _cause(check: Cause) -> "CauseDocument":
    from pxedoctor.findings.meta import Stage
    from pxedoctor.report.document import CauseDocument

    meta = check.META
    return CauseDocument(
        code=meta.code,
        name=meta.name,
        stage=Stage(meta.stage),
        title=explanation(check).title,
        fix=meta.fix,
        aliases=list(meta.aliases),
    )


def markdown_table(checks: Sequence[Cause]) -> str:
    """docs/causes.md."""
    rows = ["| code | name | stage | what is wrong | repair |", "|---|---|---|---|---|"]
    for check in sorted(checks, key=lambda check: check.META.code):
        meta = check.META
        page = f"[{meta.name}](causes/{meta.name}.md)"
        rows.append(f"| {meta.code} | {page} | {meta.stage} | {explanation(check).title} | {meta.fix} |")
    return "\n".join(rows)
