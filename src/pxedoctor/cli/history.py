"""pxedoctor history: what pxedoctor did to this host."""

import click
import msgspec

from pxedoctor.cli.output import fail, say, style_of_stdout
from pxedoctor.journal.store import Journal, JournalError
from pxedoctor.report.harmless import shown_json
from pxedoctor.report.treatment import render_history


@click.command("history")
@click.option("--json", "as_json", is_flag=True, help="One JSON array of the treatments on standard output.")
def command(as_json: bool) -> None:
    """List what pxedoctor did to this host, oldest first, with the state of each step."""
    try:
        entries = Journal().entries()
    except JournalError as error:
        fail(error.message, error.would_help, as_json)
    if as_json:
        click.echo(shown_json(msgspec.json.encode(entries).decode()))
        return
    say(render_history(entries, style_of_stdout()))
