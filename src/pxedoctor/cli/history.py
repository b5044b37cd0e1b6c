"""pxedoctor history: what pxedoctor did to this host."""

import click
import msgspec

from pxedoctor.cli.output import fail
from pxedoctor.journal.store import Journal, JournalError
from pxedoctor.report.treatment import render_steps


@click.command("history")
@click.option("--json", "as_json", is_flag=True, help="One JSON array of the treatments on standard output.")
def command(as_json: bool) -> None:
    """List what pxedoctor did to this host, oldest first, with the state of each step."""
    try:
        entries = Journal().entries()
    except JournalError as error:
        fail(error.message, error.would_help, as_json)
    if as_json:
        click.echo(msgspec.json.encode(entries).decode())
        return
    if not entries:
        click.echo("pxedoctor has changed nothing on this host.")
    for entry in entries:
        click.echo(f"{entry.id}  {entry.outcome or 'not finished'}  {entry.headline}")
        for line in render_steps(entry):
            click.echo(line)
