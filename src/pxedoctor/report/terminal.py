"""A Report for a person: the verdict first, in one line; then cause, evidence, road, plan, and what is not known."""

from pxedoctor.verdict.report import Report


def render(report: Report) -> str:
    lines = []
    for entry in report.targets:
        lines.append(f"{entry.target.id}  {entry.verdict.value.upper()}")
    for diagnosed in report.findings:
        lines.append(f"  {diagnosed.finding.broken.headline}")
    return "\n".join(lines)
