"""pxedoctor list: all causes that pxedoctor knows."""

import click

from pxedoctor.checks import CHECKS
from pxedoctor.cli.output import say, style_of_stdout
from pxedoctor.report import json
from pxedoctor.report.causes import causes_document, render_causes


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(as_json: bool) -> None:
    """List all causes: code, name, where on the road, whether there is a repair, and one sentence."""
    if as_json:
        click.echo(json.encode(causes_document(CHECKS)))
    else:
        say(render_causes(CHECKS, style_of_stdout()))
