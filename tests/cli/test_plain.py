"""What is typed oftenest goes without click, and whatever else is typed goes to it."""

import subprocess
import sys

import pytest

from pxedoctor.cli.plain import plain


@pytest.mark.parametrize(
    "typed",
    [
        ("list",),
        ("list", "--json"),
        ("explain", "PXE-E53"),
        ("explain", "no", "address", "range", "--json"),
        ("diagnose",),
        ("diagnose", "web01", "--json", "db01", "--verbose"),
        ("diagnose", "--json", "--json"),
    ],
)
def test_words_and_flags_that_stand_alone(typed: tuple[str, ...]) -> None:
    assert plain(typed) is not None


@pytest.mark.parametrize(
    "typed",
    [
        (),
        ("--help",),
        ("--json", "list"),
        ("fix",),
        ("list", "--help"),
        ("list", "all"),
        ("list", "--jsno"),
        ("list", "--verbose"),
        ("explain",),
        ("explain", "--json"),
        ("explain", "--", "-x"),
        ("explain", "-"),
        ("diagnose", "--network", "default"),
        ("diagnose", "--from=host.snapshot"),
        ("diagnose", "--js"),
        ("diagnose", "--", "--json"),
    ],
)
def test_the_rest_is_for_click(typed: tuple[str, ...]) -> None:
    assert plain(typed) is None


@pytest.mark.parametrize(
    "words",
    [("list",), ("list", "--json"), ("explain", "NF001"), ("explain", "nope"), ("diagnose", "no-such-guest")],
    ids=" ".join,
)
def test_both_ways_say_the_same(words: tuple[str, ...]) -> None:
    """Of the same words: as typed, and by click's own command."""
    typed = f"import sys; sys.argv = ['pxedoctor', *{words!r}]; from pxedoctor.cli"
    ways = (f"{typed} import main; main()", f"{typed}.group import run; run()")
    one, other = (subprocess.run([sys.executable, "-c", way], check=False, capture_output=True) for way in ways)
    assert (one.returncode, one.stdout, one.stderr) == (other.returncode, other.stdout, other.stderr)


_ASKED_IN_VAIN = """
import os, signal
from pxedoctor.cli.diagnosing import ends_at_once_by_ctrl_c
signal.signal(signal.SIGINT, signal.default_int_handler)
ends_at_once_by_ctrl_c()
try:
    os.kill(os.getpid(), signal.SIGINT)
    while True:
        pass
except KeyboardInterrupt:
    print("an exception, in the midst of whatever it was")
"""


def test_ctrl_c_ends_what_changes_nothing_without_an_exception() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _ASKED_IN_VAIN], check=False, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")


def test_whoever_ignores_ctrl_c_still_does() -> None:
    """As nohup(1) and a shell's background do."""
    ignoring = _ASKED_IN_VAIN.replace("signal.default_int_handler", "signal.SIG_IGN").replace("while True", "if False")
    done = subprocess.run([sys.executable, "-c", ignoring], check=False, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
