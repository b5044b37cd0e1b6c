"""pxedoctor events: what the keeper saw."""

import click

from pxedoctor.cli.number import Whole
from pxedoctor.cli.output import fail, say, style_of_stdout
from pxedoctor.journal.events import Events, EventsError
from pxedoctor.report.happened import event_document, render_events, render_recurring
from pxedoctor.verdict.recurring import recurring


@click.command("events")
@click.option("--last", "count", metavar="N", type=Whole(1, 10_000), default=50, show_default=True, help="How many.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line on standard output.")
def command(count: int, as_json: bool) -> None:
    """List what the keeper told on this host, oldest first: what changed, by whom, and what came of it."""
    try:
        known = Events().last()
    except EventsError as error:
        fail(error.message, error.would_help, as_json)
    events = known[-count:]
    if as_json:
        from pxedoctor.report.json import encode

        for event in events:
            click.echo(encode(event_document(event)))
        return
    say(render_events(events, style_of_stdout()))
    if hint := render_recurring(recurring(known), style_of_stdout()):
        say(hint)
