"""pxedoctor schema: the JSON Schema of everything that --json prints."""

import click

from pxedoctor.report import json_schema


@click.command("schema")
def command() -> None:
    """Print the JSON Schema of what --json prints."""
    click.echo(json_schema.schema())
