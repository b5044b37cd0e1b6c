"""What all verbs share: where text goes, how an error ends the program, what time it is, and progress."""

import os
import sys
import time
from collections.abc import Callable
from typing import NoReturn

from pxedoctor.report.harmless import shown
from pxedoctor.report.style import Style

_WIDTHS = (40, 120)
_OTHERWISE = 80
_QUIET_SECONDS = 1.0


def now() -> str:
    """RFC 3339, UTC, to the second."""
    import datetime

    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def fail(message: str, would_help: str, as_json: bool) -> NoReturn:
    """Ends the program with exit status 2: what is wrong, and what would help."""
    _echo_error(end_of_progress())
    if as_json:
        from pxedoctor.report import json

        echo(json.encode(json.error(message, would_help)))
    else:
        _echo_error(f"pxedoctor: {shown(message)}\n")
        if would_help:
            _echo_error(f"  {shown(would_help)}\n")
    sys.exit(2)


def note(text: str) -> None:
    """A line on standard error about what is printed on the other: what was done to get it."""
    _echo_error(f"{end_of_progress()}pxedoctor: {shown(text)}\n")


def help_of_verb() -> str:
    """What a person types to see the options of the verb that runs."""
    import click

    return f"{click.get_current_context().command_path} --help"


def style_of_stdout(verbose: bool = False) -> Style:
    """The terminal's width, COLUMNS, or 80; colour on a terminal only, and not with NO_COLOR or TERM=dumb."""
    least, most = _WIDTHS
    width = min(max(_columns(), least), most)
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Style(width=width, colour=sys.stdout.isatty() and wanted, verbose=verbose)


def say(text: str) -> None:
    """Prints what a person reads; a character that the terminal's encoding lacks is shown as its backslash escape."""
    _echo_error(end_of_progress())
    encoding = sys.stdout.encoding or "ascii"
    echo(text.encode(encoding, "backslashreplace").decode(encoding))


def echo(text: str) -> None:
    """A line on standard output, at once. As click.echo, for those who have no need of click otherwise."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _echo_error(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


def _columns() -> int:
    """As shutil.get_terminal_size, whose module costs 2 ms: COLUMNS, the terminal's own, or 80."""
    said = os.environ.get("COLUMNS", "")
    if said.isdecimal() and int(said):
        return int(said)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno() if sys.__stdout__ else -1).columns or _OTHERWISE
    except (OSError, ValueError):
        return _OTHERWISE


def has_box_characters() -> bool:
    """Whether what is printed may hold other than ASCII characters."""
    try:
        "├✕►".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def progress_on_terminal() -> Callable[[str], None]:
    """Tells on standard error what is being looked at, once a second has passed, and only on a terminal."""
    started = time.monotonic()

    def tell(what: str) -> None:
        if (cleared := end_of_progress()) and time.monotonic() - started > _QUIET_SECONDS:
            _echo_error(f"{cleared}looking at {what.replace('_', ' ')} ...\r")

    return tell


def end_of_progress() -> str:
    """To be written on standard error before anything else: it takes the line away; "" where none is ever drawn."""
    return "\r\033[K" if sys.stderr.isatty() and os.environ.get("TERM") != "dumb" else ""
