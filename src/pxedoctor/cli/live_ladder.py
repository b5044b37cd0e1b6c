"""A trace's ladder on a terminal, drawn anew as it grows: ECMA-48's cursor movements, and nothing of its history lost.

What does not fit on the terminal is left out at its beginning; the whole of it is printed at the end.
"""

import shutil
import sys

import click

from pxedoctor.cli.output import has_box_characters, say, style_of_stdout
from pxedoctor.model.target import Target
from pxedoctor.report.drawing.ladder_text import ASCII, BOX, ladder_lines
from pxedoctor.report.drawing.trace_ladder import trace_ladder
from pxedoctor.report.style import draw
from pxedoctor.report.trace import render_opening
from pxedoctor.verdict.trace import Trace

# Up so many lines, to the first column, and nothing below (ECMA-48: CUU, CR, ED).
_BACK = "\x1b[{lines}A\r\x1b[J"
_LEAST_COLUMNS, _LEAST_LINES = 60, 8
# Of the terminal's lines: the one that the cursor stands on, and one that tells what is left out.
_SPARE = 3


def can_be_drawn() -> bool:
    """On a terminal that is large enough, and that moves its cursor."""
    size = shutil.get_terminal_size((0, 0))
    moves = sys.stdout.isatty() and style_of_stdout().colour
    return moves and size.columns >= _LEAST_COLUMNS and size.lines >= _LEAST_LINES


def drawn_ladder(trace: Trace) -> str:
    style = style_of_stdout()
    return draw(ladder_lines(trace_ladder(trace), style, BOX if has_box_characters() else ASCII), style)


class LiveLadder:
    """`end` leaves the whole ladder."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lines = 0

    def begin(self, target: Target) -> None:
        say(render_opening(target, self._seconds, style_of_stdout()))
        say("")

    def tell(self, trace: Trace) -> None:
        lines = drawn_ladder(trace).splitlines() if trace.packets else []
        most = shutil.get_terminal_size((80, 24)).lines - _SPARE
        if len(lines) > most:
            lines = [lines[0], "  ...", *lines[len(lines) - most + 2 :]]
        self._erase()
        if lines:
            say("\n".join(lines))
        self._lines = len(lines)

    def end(self, trace: Trace) -> None:
        self._erase()
        self._lines = 0
        if trace.packets:
            say(drawn_ladder(trace))
            say("")

    def _erase(self) -> None:
        if self._lines:
            click.echo(_BACK.format(lines=self._lines), nl=False, color=True)
