"""Plans and treatments for a person and as JSON."""

import shlex
from collections.abc import Sequence

from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.record import Entry, Recorded
from pxedoctor.plans.step import Nothing
from pxedoctor.report.document import (
    SCHEMA_VERSION,
    StepState,
    TreatedPlanDocument,
    TreatedStepDocument,
    TreatmentDocument,
    TreatmentWord,
)
from pxedoctor.report.json import safety_word, tool
from pxedoctor.verdict.report import Diagnosed
from pxedoctor.verdict.treatment import Refusal, Treated

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


def planned_document(wanted: Sequence[Diagnosed], refused: Sequence[Refusal], facts: Facts) -> TreatmentDocument:
    """What `fix` without --apply prints, or with it where nothing could be done."""
    plans = [_planned(d, d.plan) for d in wanted if not isinstance(d.plan, NoPlan)]
    outcome: TreatmentWord = "planned" if plans else "refused" if refused else "nothing-to-do"
    return _document(None, outcome, "", plans, refused)


def treated_document(treated: Treated, refused: Sequence[Refusal]) -> TreatmentDocument:
    return _document(treated.entry.id, treated.outcome, "", [_entry(treated.entry)], refused)


def undone_document(entry: Entry, why: str) -> TreatmentDocument:
    failed = any(step.state == "undo-failed" for step in entry.steps)
    return _document(entry.id, "failed" if failed else "undone", why, [_entry(entry)], ())


def _document(
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


def _planned(diagnosed: Diagnosed, plan: Plan) -> TreatedPlanDocument:
    return TreatedPlanDocument(
        finding=diagnosed.finding.id,
        safety=safety_word(plan.safety),
        may_lose=plan.may_lose,
        pending=plan.pending,
        steps=[
            TreatedStepDocument(
                describe=step.describe(),
                argv=list(step.argv()),
                command=shlex.join(step.argv()),
                diff="",
                state="planned",
                why="",
            )
            for step in plan.steps
        ],
    )


def _entry(entry: Entry) -> TreatedPlanDocument:
    return TreatedPlanDocument(
        finding=entry.finding,
        safety=safety_word(entry.safety),
        may_lose="",
        pending=entry.pending,
        steps=[
            TreatedStepDocument(
                describe=step.describe,
                argv=list(step.argv),
                command=shlex.join(step.argv),
                diff="",
                state=_STATES[step.state],
                why=step.why,
            )
            for step in entry.steps
        ],
    )


def render_planned(wanted: Sequence[Diagnosed], facts: Facts) -> str:
    """The plans for a person; one calm line where there is nothing to repair."""
    lines: list[str] = []
    for diagnosed in wanted:
        finding, plan = diagnosed.finding, diagnosed.plan
        lines += [finding.broken.headline, f"  {finding.name} ({finding.meta.code})"]
        if isinstance(plan, NoPlan):
            lines += [f"  no repair: {plan.because}", *(f"    instead: {way}" for way in plan.instead), ""]
            continue
        risk = f": {plan.may_lose}" if plan.may_lose else ""
        lines.append(f"  repair: {plan.safety.word.upper()}{risk}")
        for number, step in enumerate(plan.steps, 1):
            undo = step.undo(facts.host)
            back = f"nothing ({undo.reason})" if isinstance(undo, Nothing) else undo.describe
            lines += [f"    {number}  {step.describe()}", f"       $ {shlex.join(step.argv())}", f"       undo: {back}"]
        if plan.pending:
            lines.append(f"  afterwards: {plan.pending}")
        lines.append("")
    return "\n".join(lines).rstrip() or "Nothing to repair."


def render_treated(treated: Treated) -> str:
    words = {
        "verified": "Repaired: a fresh look no longer finds it.",
        "pending": f"Done; the cure waits: {treated.entry.pending}",
        "undone": "It did not help or could not be done; everything that can be taken back was.",
        "failed": "It failed, and not everything could be taken back. What is left, and how to take it back by hand:",
    }
    undo = f"take it back: pxedoctor undo {treated.entry.id}"
    return "\n".join([words[treated.outcome], *render_steps(treated.entry), undo])


def render_steps(entry: Entry) -> list[str]:
    return [line for step in entry.steps for line in _step_lines(step)]


def _step_lines(step: Recorded) -> list[str]:
    lines = [f"  {step.state:<16} {step.describe}"]
    if step.why:
        lines.append(f"  {'':<16} {step.why}")
    if step.state == "undo-failed" and not isinstance(step.undo, Nothing):
        lines.append(f"  {'':<16} by hand: {shlex.join(step.undo.argv)}")
    return lines
