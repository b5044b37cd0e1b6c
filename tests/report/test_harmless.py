"""What comes from the host is shown, and obeyed by nobody."""

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxedoctor.report.harmless import command_line, shown


@pytest.mark.parametrize(
    ("text", "harmless"),
    [
        ("br0", "br0"),
        ("<script>", "<script>"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\nb\tc\x00", "a\\nb\\tc\\x00"),
        ("\x9b31m", "\\x9b31m"),
        ("\u202eevil", "\\u202eevil"),
        ("café 客户", "café 客户"),
        ("\ud800", "\\ud800"),
    ],
)
def test_shown(text: str, harmless: str) -> None:
    assert shown(text) == harmless


@given(st.text())
def test_shown_is_printable_and_settled(text: str) -> None:
    assert shown(text).isprintable()
    assert shown(shown(text)) == shown(text)


@pytest.mark.parametrize(
    "word", ["br0", "a b", "it's", "$(reboot)", "`x`", "a\nb", "\x1b[2J'\\x", "\x9b\u202e\U000e0001", "-n", "", "é\n"]
)
def test_a_pasted_command_is_the_command(word: str) -> None:
    """bash itself reads the line back: one word, the same bytes."""
    line = command_line(("printf", "%s", word))
    assert line.isprintable()
    done = subprocess.run(["bash", "-c", line], check=True, capture_output=True, env={"LC_ALL": "C.UTF-8"})
    assert done.stdout.decode("utf-8") == word
