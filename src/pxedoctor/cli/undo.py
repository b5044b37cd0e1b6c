"""pxedoctor undo: take a treatment back, any time later."""

import sys

import click
import msgspec

from pxedoctor.apply.executor import take_back
from pxedoctor.apply.interrupt import ignore
from pxedoctor.apply.three_way import met
from pxedoctor.cli.output import fail, say, style_of_stdout
from pxedoctor.journal.store import Journal, JournalError
from pxedoctor.plans.record import Entry
from pxedoctor.plans.step import Inverse
from pxedoctor.report import json
from pxedoctor.report.treatment import render_undone, undone_document


@click.command("undo")
@click.argument("entry_id", metavar="[ID]", required=False)
@click.option("--unless-kept", is_flag=True, hidden=True, help="What waits after `fix --revert-after` runs.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(entry_id: str | None, unless_kept: bool, as_json: bool) -> None:
    """Take the treatment ID back (or the last one). Steps that have no inverse say so and change nothing."""
    journal = Journal()
    try:
        # Half an undo is worse than one that ends some seconds after Ctrl-C.
        ignore()
        with journal.locked(wait=unless_kept):
            entry = journal.read(entry_id) if entry_id is not None else _last(journal)
            if unless_kept and entry.kept:
                sys.exit(0)
            if not unless_kept:
                _require_on_top(entry, journal)
            three = {place: met(step.undo) for place, step in enumerate(entry.steps) if step.stands}
            after = take_back(entry, journal)
            journal.write(msgspec.structs.replace(after, outcome=_outcome(after)))
    except JournalError as error:
        fail(error.message, error.would_help, as_json)
    nothing = all(step.state in {"nothing-to-undo", "planned", "undone"} for step in entry.steps)
    why = "nothing of it can be taken back, or it was already" if nothing else ""
    if as_json:
        click.echo(json.encode(undone_document(after, why, three)))
    else:
        say(render_undone(after, why, style_of_stdout(), three))
    sys.exit(1 if any(step.state == "undo-failed" for step in after.steps) else 0)


def _require_on_top(entry: Entry, journal: Journal) -> None:
    """JournalError where the same was repaired again since: its values are the newer one's now, and would be undone
    with it unseen. What waits for nobody's word (--unless-kept) is taken back all the same: it lets a person in again.
    """
    if not _stands(entry):
        return
    same = [other for other in journal.entries() if other.finding == entry.finding and _stands(other)]
    if same[-1].id != entry.id:
        newer = same[-1].id
        raise JournalError(
            f"{newer} has repaired the same since, and stands", f"take that back first: pxedoctor undo {newer}"
        )


def _stands(entry: Entry) -> bool:
    """Whether something of it can still be taken back."""
    return any(step.stands and isinstance(step.undo, Inverse) for step in entry.steps)


def _outcome(entry: Entry) -> str:
    """What the journal says from now on: only what was really taken back is undone."""
    states = {step.state for step in entry.steps}
    if "undo-failed" in states:
        return "failed"
    return "undone" if "undone" in states else entry.outcome


def _last(journal: Journal) -> Entry:
    """The newest treatment of which something can still be taken back."""
    for entry in reversed(journal.entries()):
        if any(step.stands for step in entry.steps):
            return entry
    raise JournalError("there is nothing to undo: the journal is empty or all of it was undone", "pxedoctor history")
