"""The option --html FILE, the same for every verb that has a picture: one page, written whole or not at all."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from pxedoctor.cli.output import fail
from pxedoctor.diagnose.selection import short
from pxedoctor.report.harmless import shown

F = TypeVar("F", bound=Callable[..., Any])


def with_page(command: F) -> F:
    """Adds --html FILE to a command."""
    option = click.option(
        "--html", "page", metavar="FILE", help="Also write it as one page that can be sent: drawings, evidence, plan."
    )
    return option(command)


def write_page(path: str, page: str, as_json: bool) -> None:
    """Ends the program where the file cannot be written."""
    from pxedoctor.access.whole_file import write_whole

    try:
        write_whole(path, page.encode())
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        fail(f"{short(path)} cannot be written: {why}", "choose another --html FILE", as_json)
    click.echo(f"{shown(path)}: written, for any browser", err=True)
