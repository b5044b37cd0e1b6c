"""A repair for a person: how safe, and why; the numbered steps with the command of each; how to have it done."""

from pxedoctor.findings.finding import Finding
from pxedoctor.model.target import Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.show_only import ShowOnly
from pxedoctor.plans.step import Step
from pxedoctor.report.harmless import command_line, shown
from pxedoctor.report.style import Line, Role, Span, Style, columns, labelled, line, paragraph
from pxedoctor.verdict.report import Report

_NUMBER = 4
_TEXT = 7
_GAP = 2
_ROLES = {Safety.SAFE: Role.GOOD, Safety.RISKY: Role.DOUBTFUL, Safety.SHOW_ONLY: Role.DOUBTFUL}


def repair_lines(plan: Plan | NoPlan, style: Style) -> list[Line]:
    """The plan with its steps; or why there is none, and what a person can do instead."""
    if isinstance(plan, NoPlan):
        lines = labelled("no repair by pxedoctor", plan.because, style, 2)
        for way in plan.instead:
            lines += labelled("instead", way, style, 4)
        return [*lines, *shown_lines(plan.shown, style)]
    lines = [*safety_lines(plan, style), *_step_lines(plan, style)]
    if plan.pending:
        lines += labelled("afterwards", plan.pending, style, 2)
    return lines


def way_lines(ways: tuple[str, ...], style: Style) -> list[Line]:
    return [drawn for way in ways for drawn in labelled("another way", way, style, 2)]


def shown_lines(old_ways: tuple[ShowOnly, ...], style: Style) -> list[Line]:
    """What manuals say, and why it is not done."""
    lines: list[Line] = []
    for old in old_ways:
        lines += labelled(f"the old way, {old.safety.word.upper()}", old.may_lose, style, 2, Role.DIM)
        lines.append(line(shown(old.command), Role.COMMAND, _TEXT))
    return lines


def safety_lines(plan: Plan, style: Style) -> list[Line]:
    word = plan.safety.word.upper()
    head = (Span("  repair: "), Span(word, _ROLES[plan.safety]))
    if not plan.may_lose:
        return [head]
    reason = paragraph(plan.may_lose, style, 10 + len(word) + 2)
    return [(*head, Span(": "), reason[0][-1]), *reason[1:]]


def _step_lines(plan: Plan, style: Style) -> list[Line]:
    """Commands stand beside the steps where all of them fit, else under them; they are never wrapped."""
    words = [shown(step.describe()) for step in plan.steps]
    commands = [command_line(step.argv()) for step in plan.steps]
    left = max(map(columns, words))
    beside = _TEXT + left + _GAP + max(map(columns, commands)) <= style.width
    lines: list[Line] = []
    for number, (step, word, command) in enumerate(zip(plan.steps, words, commands, strict=True), 1):
        if beside:
            pad = " " * (left - columns(word) + _GAP)
            lines.append((Span(f"    {number}  {word}{pad}"), Span(command, Role.COMMAND)))
        else:
            lines += [*numbered(number, step, style), line(command, Role.COMMAND, _TEXT)]
    return lines


def numbered(number: int, step: Step, style: Style) -> list[Line]:
    first, *rest = paragraph(step.describe(), style, _TEXT)
    return [(Span(f"    {number:<3}"), first[-1]), *rest]


def fix_command(finding: Finding, report: Report) -> list[str]:
    """What to type to see this finding's repair. `--only` where another finding comes before it."""
    target = next(entry.target for entry in report.targets if entry.target.id == finding.targets[0])
    only = ["--only", finding.name] if _has_forerunner(finding, target, report) else []
    client = ["--client", target.client.name] if target.client and target.client_why == "--client" else []
    return ["pxedoctor", "fix", *_words(target), *only, *client]


def _words(target: Target) -> list[str]:
    match target.kind:
        case "nic":
            # A guest may be called `--apply`; its uuid is no option.
            name = target.guest or ""
            return [target.uuid if target.uuid and name.startswith("-") else name]
        case "network":
            return ["--network", target.network or ""]
        case _:
            return ["--bridge", target.bridge] if target.bridge else []


def _has_forerunner(finding: Finding, target: Target, report: Report) -> bool:
    """Whether the words that select this target would also show a finding before this one."""
    words = _words(target)
    selected = {entry.target.id for entry in report.targets if not words or _words(entry.target) == words}
    selected |= {
        entry.target.id for entry in report.targets if target.kind != "nic" and _same_place(entry.target, target)
    }
    before = report.findings[: [found.finding.id for found in report.findings].index(finding.id)]
    return any(selected & set(found.finding.targets) for found in before)


def _same_place(one: Target, other: Target) -> bool:
    return one.bridge == other.bridge


def apply_command(finding: Finding, plan: Plan, report: Report) -> list[str]:
    risky = plan.safety is Safety.RISKY or finding.broken.certainty == "likely"
    return [*fix_command(finding, report), "--apply", *(["--allow-risky"] if risky else [])]


def how_to_lines(finding: Finding, plan: Plan | NoPlan, report: Report) -> list[Line]:
    """`do it: COMMAND`, where pxedoctor would do it at all."""
    if isinstance(plan, NoPlan):
        return []
    if plan.safety is Safety.SHOW_ONLY:
        return [line("pxedoctor only shows this repair; it is yours to do", indent=2)]
    return [(Span("  do it: "), Span(command_line(apply_command(finding, plan, report)), Role.COMMAND))]
