"""pxedoctor keep: a treatment that would be taken back by itself stays."""

import sys

import click

from pxedoctor.cli.output import fail, say
from pxedoctor.journal.store import Journal, JournalError
from pxedoctor.plans.record import Entry


@click.command("keep")
@click.argument("entry_id", metavar="[ID]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Errors as JSON.")
def command(entry_id: str | None, as_json: bool) -> None:
    """Let the treatment ID (or the last one) stay that `fix --revert-after` would take back."""
    journal = Journal()
    try:
        with journal.locked():
            entry = journal.read(entry_id) if entry_id is not None else _waiting(journal)
            kept = journal.keep(entry)
    except JournalError as error:
        fail(error.message, error.would_help, as_json)
    if kept:
        say(f"{entry.id} stays. To take it back all the same: pxedoctor undo {entry.id}")
        sys.exit(0)
    fail(f"{entry.id} is taken back already", "pxedoctor history", as_json)


def _waiting(journal: Journal) -> Entry:
    for entry in reversed(journal.entries()):
        if entry.keep_by and not entry.kept:
            return entry
    raise JournalError("no treatment waits to be kept", "pxedoctor history")
