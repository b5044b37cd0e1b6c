"""pxedoctor history: what pxedoctor did to this host."""

from collections.abc import Sequence

import click

from pxedoctor.cli.output import echo, fail, say, style_of_stdout
from pxedoctor.journal.store import Journal, JournalError
from pxedoctor.plans.record import Entry
from pxedoctor.report import json
from pxedoctor.report.treatment import history_document, render_history


@click.command("history")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(as_json: bool) -> None:
    """List what pxedoctor did to this host, oldest first, with the state of each step."""
    try:
        entries = Journal().entries()
    except JournalError as error:
        fail(error.message, error.would_help, as_json)
    if as_json:
        echo(json.encode(history_document(entries)))
        return
    say(render_history(entries, style_of_stdout(), _waits(entries)))


def _waits(entries: Sequence[Entry]) -> dict[str, tuple[str, ...]]:
    """What pending treatments wait for now; the host is asked only where there is one."""
    if not any(entry.outcome == "pending" for entry in entries):
        return {}
    from pxedoctor.access.live import LiveHost
    from pxedoctor.care.examine import silent
    from pxedoctor.collect.gather import gather
    from pxedoctor.plans.waiting import waits_for

    host = gather(LiveHost(), frozenset({"domains"}), silent).host
    return {entry.id: waits_for(host, entry) for entry in entries}
