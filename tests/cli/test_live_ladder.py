"""The ladder of a trace as it grows on a real terminal (a pty), and plain lines where there is none."""

import fcntl
import os
import re
import struct
import subprocess
import sys
import termios

import pytest

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# A trace that has one packet, then another; what is drawn in between is drawn over.
PROGRAM = """
from msgspec.structs import replace
from pxedoctor.cli.live_ladder import LiveLadder, can_be_drawn
from trace_values import DISCOVER, TRACE
print(can_be_drawn())
if can_be_drawn():
    ladder = LiveLadder(5)
    later = [replace(DISCOVER, number=number, at=0.1 * number) for number in range(1, 30)]
    ladder.tell(replace(TRACE, packets=tuple(later[:1])))
    ladder.tell(replace(TRACE, packets=tuple(later[:2])))
    ladder.tell(replace(TRACE, packets=tuple(later)))
    ladder.end(replace(TRACE, packets=tuple(later[:3])))
"""


def on_terminal(rows: int, columns: int, term: str = "xterm") -> list[str]:
    """What a screen of this size shows, line by line, with all that has scrolled off above it."""
    ours, its = os.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    environment = {**os.environ, "TERM": term, "PYTHONPATH": f"{os.environ.get('PYTHONPATH', '')}:{TESTS}"}
    environment.pop("NO_COLOR", None)
    environment.pop("COLUMNS", None)
    environment.pop("LINES", None)
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdin=its, stdout=its, stderr=its, env=environment, cwd=TESTS
    )
    os.close(its)
    said = b""
    while piece := _read(ours):
        said += piece
    assert program.wait() == 0, said
    return shown(said.decode())


def _read(handle: int) -> bytes:
    try:
        return os.read(handle, 65536)
    except OSError:
        return b""


def shown(said: str) -> list[str]:
    """Carries out what the ladder uses: up, return, erase below; colours are taken off."""
    lines = [""]
    for piece in re.split(r"(\x1b\[\d+A\r\x1b\[J|\r\x1b\[K|\r?\n)", re.sub(r"\x1b\[[\d;]*m", "", said)):
        if up := re.match(r"\x1b\[(\d+)A", piece):
            assert len(lines) > int(up[1]), "it erases what is not its own"
            del lines[len(lines) - int(up[1]) :]
            lines[-1] = ""
        elif piece.endswith("\n"):
            lines.append("")
        elif not piece.startswith("\r"):
            lines[-1] += piece
    return lines


def test_it_is_drawn_over_itself_and_left_whole() -> None:
    lines = on_terminal(40, 100)
    assert lines[0] == "True"
    told = [line for line in lines if "DISCOVER" in line]
    assert [f"DISCOVER {number}" in line for number, line in enumerate(told, 1)] == [True, True, True], lines
    assert "\x1b" not in "".join(lines)


def test_on_a_small_terminal_its_beginning_is_left_out_while_it_grows() -> None:
    lines = on_terminal(12, 100)
    assert len([line for line in lines if "DISCOVER" in line]) == 3, lines


@pytest.mark.parametrize(("rows", "columns", "term"), [(5, 100, "xterm"), (40, 50, "xterm"), (40, 100, "dumb")])
def test_where_it_does_not_fit_there_are_lines(rows: int, columns: int, term: str) -> None:
    assert on_terminal(rows, columns, term)[0] == "False"
