"""What all verbs share: where text goes, how an error ends the program, what time it is, and progress."""

import datetime
import sys
import time
from collections.abc import Callable
from typing import NoReturn

import click

_QUIET_SECONDS = 1.0


def now() -> str:
    """RFC 3339, UTC, to the second."""
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def fail(message: str, would_help: str, as_json: bool) -> NoReturn:
    """Ends the program with exit status 2: what is wrong, and what would help."""
    if as_json:
        from pxedoctor.report import json

        click.echo(json.encode(json.error(message, would_help)))
    else:
        click.echo(f"pxedoctor: {message}", err=True)
        if would_help:
            click.echo(f"  {would_help}", err=True)
    sys.exit(2)


def progress_on_terminal() -> Callable[[str], None]:
    """Tells on standard error what is being looked at, once a second has passed, and only on a terminal."""
    started = time.monotonic()

    def tell(what: str) -> None:
        if sys.stderr.isatty() and time.monotonic() - started > _QUIET_SECONDS:
            click.echo(f"\r\033[Klooking at {what} ...\r", nl=False, err=True)

    return tell
