"""Does a plan step by step, writes down each before doing it, and takes everything back when one fails.

1. Every step's undo is computed and on disk before the first step is done; where what it expects is another by then,
   nothing is done.
2. A step that fails stops the plan, and so does a wish to stop; the done ones are undone in reverse order.
3. The returned entry tells the true state of each step; nothing else is ever said of it.
4. Where the journal itself can no longer be written (a full disk), what was done is taken back all the same.
"""

from collections.abc import Callable
from pathlib import Path

import msgspec

from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.grant import grant
from pxedoctor.apply.leftover import await_end
from pxedoctor.apply.precondition import moved
from pxedoctor.journal.store import Journal, JournalError
from pxedoctor.model.host import Host
from pxedoctor.plans.plan import Plan
from pxedoctor.plans.record import JOURNAL_VERSION, Entry, Recorded, State
from pxedoctor.plans.step import Inverse, Nothing


def recorded(entry_id: str, started: str, finding: str, headline: str, plan: Plan, host: Host) -> Entry:
    """The entry of a plan, with every undo computed from the host as it is now."""
    steps = tuple(
        Recorded(describe=step.describe(), argv=step.argv(), request=step.request(), undo=step.undo(host))
        for step in plan.steps
    )
    return Entry(
        version=JOURNAL_VERSION,
        id=entry_id,
        started=started,
        finding=finding,
        headline=headline,
        steps=steps,
        safety=plan.safety,
        pending=plan.pending,
    )


def never() -> bool:
    """Nobody wants to stop."""
    return False


def perform(entry: Entry, journal: Journal, wants_to_stop: Callable[[], bool] = never) -> Entry:
    """Does all steps; on the first failure, or when asked to stop between two of them, takes the done ones back.

    Raises JournalError where the journal cannot be written: nothing of the plan stands then, or the error says what.
    """
    journal.write(entry)
    whys = [moved(step.undo) for step in entry.steps]
    if any(whys):
        return _not_begun(entry, whys, journal)
    for index in range(len(entry.steps)):
        try:
            entry = _marked(entry, index, "doing", journal)
        except JournalError as error:
            raise _without_a_journal(entry, error) from error
        try:
            said = grant(entry.steps[index].request)
        except NotGrantedError as error:
            entry = _marked(entry, index, "failed", journal, str(error))
            return take_back(entry, journal)
        except Exception as error:  # whatever it was, what is done must not be left behind
            entry = _marked(entry, index, "failed", journal, f"pxedoctor itself failed: {error!r}")
            return take_back(entry, journal)
        try:
            entry = _marked(entry, index, "done", journal, said)
        except JournalError as error:
            raise _without_a_journal(entry, error) from error
        if wants_to_stop():
            return take_back(entry, journal)
    return entry


def _not_begun(entry: Entry, whys: list[str], journal: Journal) -> Entry:
    for index, why in enumerate(whys):
        if why:
            entry = _marked(entry, index, "failed", journal, why)
    return entry


def _without_a_journal(entry: Entry, error: JournalError) -> JournalError:
    """Takes back, unwritten, what was done and begun; the error with what came of that."""
    left = []
    for step in reversed(entry.steps):
        if step.state in {"done", "doing"}:
            state, why = _undo(step)
            left += [] if state == "undone" else [f"{step.describe}: {why}"]
    words = f"; this stands: {'; '.join(left)}" if left else "; what was done was taken back"
    return JournalError(error.message + words, error.would_help)


def take_back(entry: Entry, journal: Journal) -> Entry:
    """Undoes what was done (and what was begun), last first."""
    for index in reversed(range(len(entry.steps))):
        step = entry.steps[index]
        if not step.stands:
            continue
        state, why = _undo(step)
        entry = _marked(entry, index, state, journal, why)
    return entry


def _undo(step: Recorded) -> tuple[State, str]:
    if step.state == "doing":
        try:
            await_end(step.request)
        except NotGrantedError as error:
            return "undo-failed", str(error)
    match step.undo:
        case Nothing(reason):
            return "nothing-to-undo", reason
        case Inverse():
            ports = _ports(step.undo.only_if_no_ports)
            if ports:
                why = f"{', '.join(ports)} is plugged into {step.undo.only_if_no_ports} now and would be cut off"
                return "undo-failed", why
            try:
                grant(step.undo.request)
            except NotGrantedError as error:
                return "undo-failed", str(error)
            return "undone", step.undo.leaves


def _ports(bridge: str) -> list[str]:
    folder = Path(f"/sys/class/net/{bridge}/brif")
    return sorted(path.name for path in folder.iterdir()) if bridge and folder.is_dir() else []


def _marked(entry: Entry, index: int, state: State, journal: Journal, why: str = "") -> Entry:
    changed = msgspec.structs.replace(entry.steps[index], state=state, why=why)
    steps = (*entry.steps[:index], changed, *entry.steps[index + 1 :])
    entry = msgspec.structs.replace(entry, steps=steps)
    journal.write(entry)
    return entry
