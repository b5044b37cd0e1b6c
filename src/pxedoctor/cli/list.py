"""pxedoctor list: all causes that pxedoctor knows."""

import click

from pxedoctor.cli.listing import told


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(as_json: bool) -> None:
    """List all causes: code, name, where on the road, whether there is a repair, and one sentence."""
    told(as_json)
