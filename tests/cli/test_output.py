"""Colour and width as a terminal and a pipe get them: the real command behind a pseudo-terminal."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios

import pytest

from pxedoctor.cli.output import say, style_of_stdout

COMMAND = (sys.executable, "-m", "pxedoctor", "explain", "bridge-forward-delay")


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "NO_COLOR"}}
    return kept | {"TERM": "xterm"} | more


def on_terminal(columns: int, **more: str) -> str:
    """What the command writes to a terminal of that width."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    child = subprocess.Popen(COMMAND, stdout=slave, stderr=slave, stdin=subprocess.DEVNULL, env=environment(**more))
    os.close(slave)
    written = b""
    try:
        while piece := os.read(master, 4096):
            written += piece
    except OSError:
        pass  # EIO: the child has closed the other end (pty(7))
    os.close(master)
    assert child.wait() == 0
    return written.decode().replace("\r\n", "\n").removeprefix("\r\x1b[K")


def piped(**more: str) -> str:
    return subprocess.run(COMMAND, check=True, capture_output=True, text=True, env=environment(**more)).stdout


def widest(text: str) -> int:
    return max(map(len, text.splitlines()))


def test_a_terminal_gets_colour_and_its_width() -> None:
    assert "\x1b[1m" in on_terminal(120)
    assert 80 < widest(on_terminal(120, NO_COLOR="1")) <= 120
    assert widest(on_terminal(70, NO_COLOR="1")) <= 70


@pytest.mark.parametrize("more", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=["NO_COLOR", "dumb"])
def test_no_colour_where_it_is_not_wanted(more: dict[str, str]) -> None:
    assert "\x1b[1m" in on_terminal(80)
    assert "\x1b" not in on_terminal(80, **more)


def test_a_pipe_gets_80_columns_and_no_colour() -> None:
    text = piped()
    assert "\x1b" not in text
    assert widest(text) <= 80
    assert widest(piped(COLUMNS="120")) > 80


def test_a_terminal_that_lacks_a_character_gets_its_escape() -> None:
    script = "from pxedoctor.cli.output import say; say('web01 \\u00b7 br0')"
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, env=environment(PYTHONIOENCODING="ascii")
    )
    assert done.stdout == b"web01 \\xb7 br0\n"


def test_style_and_say_are_pure_of_the_terminal_where_there_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert not style_of_stdout().colour
    say("br0")
    assert capsys.readouterr().out == "br0\n"
