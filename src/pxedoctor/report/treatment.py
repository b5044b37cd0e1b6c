"""Plans and treatments for a person and as JSON."""

import shlex
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from pxedoctor.findings.finding import Finding
from pxedoctor.model.host import Host
from pxedoctor.plans.diff import diff_of, lines_of_diff
from pxedoctor.plans.record import Entry, Recorded
from pxedoctor.plans.request import readers_of
from pxedoctor.plans.step import Inverse, Nothing, Undo
from pxedoctor.plans.three_way import ThreeWay
from pxedoctor.report.document import SCHEMA_VERSION
from pxedoctor.report.harmless import command_line
from pxedoctor.report.json import probe_summary, safety_word, tool
from pxedoctor.report.observed import seen_lines
from pxedoctor.report.style import EMPTY, Line, Role, Span, Style, draw, labelled, line, paragraph
from pxedoctor.report.three_way import three_way_document, three_way_lines
from pxedoctor.report.treatment_document import (
    HistoryDocument,
    StepState,
    TreatedPlanDocument,
    TreatedStepDocument,
    TreatmentDocument,
    TreatmentWord,
    WayBackDocument,
)
from pxedoctor.verdict.treatment import Refusal, Treated

NOTHING_WAITS: Mapping[str, Sequence[str]] = MappingProxyType({})
NOTHING_MET: Mapping[int, ThreeWay] = MappingProxyType({})
# A step that was begun and never ended is, to a reader, still to be undone: its state says so.
_STATES: dict[str, StepState] = {
    "planned": "planned",
    "doing": "failed",
    "done": "done",
    "failed": "failed",
    "undone": "undone",
    "undo-failed": "undo-failed",
    "nothing-to-undo": "done",
    "refused": "refused",
}


def treated_document(treated: Treated, refused: Sequence[Refusal], before: Host | None = None) -> TreatmentDocument:
    """`before`: the host as the plan saw it; None where the plan changed no definition."""
    document = document_of(treated.entry.id, treated.outcome, "", [entry_document(treated.entry, before)], refused)
    document.probes = [probe_summary(seen) for seen in treated.seen]
    document.keep_by = _keep_by(treated.entry) or None
    return document


def _keep_by(entry: Entry) -> str:
    """When it is taken back by itself; "" where it is not, or nothing of it stands."""
    return entry.keep_by if entry.outcome in {"verified", "pending"} and not entry.kept else ""


def undone_document(entry: Entry, why: str, met: Mapping[int, ThreeWay] = NOTHING_MET) -> TreatmentDocument:
    """`met`: by the step's place, what its way back met."""
    failed = any(step.state == "undo-failed" for step in entry.steps)
    plan = entry_document(entry)
    for place, three in met.items():
        plan.steps[place].three_way = three_way_document(three)
    return document_of(entry.id, "failed" if failed else "undone", why, [plan], ())


def history_document(entries: Sequence[Entry]) -> HistoryDocument:
    return HistoryDocument(schema_version=SCHEMA_VERSION, entries=list(entries))


def document_of(
    entry_id: str | None, outcome: TreatmentWord, why: str, plans: list[TreatedPlanDocument], refused: Sequence[Refusal]
) -> TreatmentDocument:
    return TreatmentDocument(
        schema_version=SCHEMA_VERSION,
        tool=tool(),
        id=entry_id,
        outcome=outcome,
        why=why,
        plans=plans,
        unplanned=[f"{refusal.finding}: {refusal.because}" for refusal in refused],
    )


def entry_document(entry: Entry, before: Host | None = None) -> TreatedPlanDocument:
    return TreatedPlanDocument(
        finding=entry.finding,
        headline=entry.headline,
        safety=safety_word(entry.safety),
        may_lose="",
        pending=entry.pending,
        verified_by=verified_by(entry.finding, entry.pending, probed=False),
        steps=[step_document(step, before) for step in entry.steps],
    )


def step_document(step: Recorded, before: Host | None = None) -> TreatedStepDocument:
    undo = step.undo
    return TreatedStepDocument(
        describe=step.describe,
        argv=list(step.argv),
        command=shlex.join(step.argv),
        diff=diff_of(step.request, before),
        then=[shlex.join(argv) for argv in readers_of(step.request)],
        state=_STATES[step.state],
        why=step.why,
        way_back=None if isinstance(undo, Nothing) else _way_back(undo),
        no_way_back_because=undo.reason if isinstance(undo, Nothing) else "",
    )


def _way_back(undo: Inverse) -> WayBackDocument:
    return WayBackDocument(describe=undo.describe, argv=list(undo.argv), command=shlex.join(undo.argv))


_DIFF_ROLES = {"+": Role.GOOD, "-": Role.BAD}


def diff_lines(diff: str) -> list[Line]:
    """A unified diff, character for character where it can be shown, and never wrapped: it can be pasted."""
    return [line(text, _DIFF_ROLES.get(text[:1], Role.DIM), 7) for text in lines_of_diff(diff)]


def undo_lines(undo: Undo, style: Style) -> list[Line]:
    if isinstance(undo, Nothing):
        return labelled("cannot be taken back", undo.reason, style, 7)
    return [*labelled("to take it back", undo.describe, style, 7), line(command_line(undo.argv), Role.COMMAND, 9)]


def reader_lines(commands: Sequence[Sequence[str]], style: Style) -> list[Line]:
    """Who reads a changed file at once: its own checker first."""
    return labelled("then", "; ".join(map(command_line, commands)), style, 7) if commands else []


def verified_by(finding: str, pending: str, probed: bool) -> str:
    """How it is told that a repair has helped. `probed`: a probe has shown the fault, and is asked again."""
    if pending:
        return f"`pxedoctor diagnose`, which must not find {finding} any more, once what comes afterwards is done"
    packets = ", and a probe's packet must be answered" if probed else ""
    return (
        f"a fresh look at the host, which must not find {finding} any more{packets}; else all that can be taken back is"
    )


_WORDS = {
    "verified": ("REPAIRED", Role.GOOD, "a second look at the host no longer finds it."),
    "pending": ("DONE, NOT YET IN FORCE", Role.DOUBTFUL, ""),
    "undone": (
        "NOT REPAIRED",
        Role.BAD,
        "it could not be done or did not help, and what can be taken back was taken back.",
    ),
    "failed": (
        "NOT REPAIRED",
        Role.BAD,
        "it failed, and not everything could be taken back. What is left, with the command to take it back by hand:",
    ),
}


def render_treated(treated: Treated, style: Style) -> str:
    entry = treated.entry
    word, role, sentence = _WORDS[treated.outcome]
    first, *rest = paragraph(sentence or entry.pending, style, len(word) + 2)
    lines = [(Span(word, role), Span(": "), first[-1]), *rest]
    lines += [*_was_lines(entry, style), *step_lines(entry, style, by_hand=treated.outcome == "failed")]
    lines += seen_lines(treated.seen, style, several=len(treated.seen) > 1, when=" afterwards")
    return draw([*lines, *_way_back_lines(entry, style)], style)


def _way_back_lines(entry: Entry, style: Style) -> list[Line]:
    """Only what still stands can be taken back, and only where it has an inverse."""
    if until := _until_lines(entry, style, 0):
        return until
    stands = [step.undo for step in entry.steps if step.stands]
    if any(not isinstance(undo, Nothing) for undo in stands):
        return [(Span("to take it back, any time: "), Span(f"pxedoctor undo {entry.id}", Role.COMMAND))]
    reasons = dict.fromkeys(undo.reason for undo in stands if isinstance(undo, Nothing))
    return labelled("it cannot be taken back", "; ".join(reasons), style, 0) if reasons else []


def _until_lines(entry: Entry, style: Style, indent: int) -> list[Line]:
    if not _keep_by(entry):
        return []
    words = f"at {entry.keep_by}, unless you type: pxedoctor keep {entry.id}"
    return labelled("it is taken back by itself", words, style, indent, Role.DOUBTFUL)


def render_undone(entry: Entry, why: str, style: Style, met: Mapping[int, ThreeWay] = NOTHING_MET) -> str:
    """`why`: nothing of it could be taken back, in words; "" where something was. `met`: as in undone_document."""
    word, role = _undone_word(entry, why)
    first, *rest = paragraph(why or entry.finding, style, len(word) + 2)
    steps = step_lines(entry, style, by_hand=True)
    refused = [met[place] for place, step in enumerate(entry.steps) if step.state == "undo-failed" and place in met]
    head = [(Span(word, role), Span(": "), first[-1]), *rest, *_was_lines(entry, style)]
    return draw([*head, *steps, *three_way_lines(refused, style)], style)


def _undone_word(entry: Entry, why: str) -> tuple[str, Role]:
    states = {step.state for step in entry.steps}
    if why or "undone" not in states | {"undo-failed"}:
        return "NOTHING TAKEN BACK", Role.DOUBTFUL
    if "undo-failed" in states or "nothing-to-undo" in states:
        return "NOT ALL TAKEN BACK", Role.BAD
    return "TAKEN BACK", Role.GOOD


def render_history(entries: Sequence[Entry], style: Style, waits: Mapping[str, Sequence[str]] = NOTHING_WAITS) -> str:
    """`waits`: by id, what a pending treatment waits for now."""
    if not entries:
        return "pxedoctor has changed nothing on this host."
    lines: list[Line] = []
    for entry in entries:
        lines += [
            *([EMPTY] if lines else []),
            (Span(f"{entry.id}  ", Role.STRONG), Span(entry.outcome or "not finished")),
            *_was_lines(entry, style),
            *(drawn for words in waits.get(entry.id, ()) for drawn in labelled("now", words, style, 2)),
            *step_lines(entry, style, by_hand=True),
            *_until_lines(entry, style, 2),
        ]
    return draw(lines, style)


def _was_lines(entry: Entry, style: Style) -> list[Line]:
    return labelled("it was", f"{entry.headline} ({entry.finding})", style, 2, Role.DIM)


_STATE_WIDTH = len("nothing to undo") + 2


def step_lines(entry: Entry, style: Style, by_hand: bool) -> list[Line]:
    """The true state of each step; `by_hand`: with the command that takes back what still stands."""
    return [drawn for step in entry.steps for drawn in _recorded_lines(step, style, by_hand)]


def _recorded_lines(step: Recorded, style: Style, by_hand: bool) -> list[Line]:
    indent = 4 + _STATE_WIDTH
    first, *rest = paragraph(step.describe, style, indent)
    state = step.state.replace("-", " ")
    lines = [(Span(f"    {state:<{_STATE_WIDTH}}"), first[-1]), *rest]
    if step.why:
        lines += paragraph(step.why, style, indent, Role.DIM)
    if by_hand and step.stands:
        lines += _by_hand_lines(step.undo, style, indent)
    return lines


def _by_hand_lines(undo: Undo, style: Style, indent: int) -> list[Line]:
    if isinstance(undo, Nothing):
        return labelled("cannot be taken back", undo.reason, style, indent, Role.DIM)
    return [
        *labelled("back by hand", undo.describe, style, indent),
        line(command_line(undo.argv), Role.COMMAND, indent + 2),
    ]


def render_left(others: Sequence[Finding], style: Style) -> str:
    """One cause is repaired at a time: what else was found, some of which may be gone with it; "" for nothing."""
    names = ", ".join(dict.fromkeys(f"{finding.name} ({finding.meta.code})" for finding in others))
    words = f"{names}. Some of it may be gone now: pxedoctor fix"
    return draw(labelled("found besides", words, style, 0), style) if names else ""


def render_refused(refused: Sequence[Refusal], style: Style) -> str:
    """() is not drawn: why there was nothing to repair is told by report.planned."""
    lines = [
        drawn
        for refusal in refused
        for drawn in labelled(f"not repaired: {refusal.finding}", refusal.because, style, 0)
    ]
    return draw(lines, style)
