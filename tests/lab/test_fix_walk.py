"""`fix` as a person types it at a terminal: what is asked, what the answers do, and what is left on screen and host.

A bridge of the administrator's, 15 s, and a switch that follows it: the repair is RISKY. Every story ends with the host
as it was.
"""

import json
import re
import sys
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.host_bridge import bridge_name, host_bridge_site, set_bridge_delay
from pxedoctor.lab.normalise import differences
from pxedoctor.lab.parts import GUEST
from pxedoctor.lab.runner import take
from pxedoctor.lab.site import Site

pytestmark = pytest.mark.lab

PLAIN = ("env", "-u", "COLUMNS", "-u", "NO_COLOR", "TERM=xterm")
DOCTOR = (sys.executable, "-m", "pxedoctor")
APPLY = ("fix", GUEST, "--apply")
RISKY = (*APPLY, "--allow-risky", "--no-revert")
ASKED = "Do it? [y/N]:"
ACTING = "/tmp/acting"
WRAPPER = "/usr/local/sbin/ip"
COLOUR = r"\x1b\[[0-9;]*m"
# A terminal of its own, at which somebody types when a text is its last, or when a file is there; what it showed.
_TERMINAL = """\
import json, os, pty, select, sys, time
when, answer, *words = sys.argv[1:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(words[0], words)
shown = b""
while True:
    if select.select([terminal], [], [], 0.05)[0]:
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # EIO: the child has closed the other end (pty(7))
            break
        if not piece:
            break
        shown += piece
    if answer and (os.path.exists(when) or shown.rstrip().endswith(when.encode())):
        # No finger is faster. Python loses a Ctrl-C in the microseconds between its prompt and the read that it begins.
        time.sleep(0.2)
        os.write(terminal, answer.encode())
        answer = ""
print(json.dumps([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown.decode()]))
"""


class Seen(NamedTuple):
    """The exit status, and all that stood on the terminal."""

    status: int
    text: str

    @property
    def words(self) -> str:
        """Without its line ends, which depend on the width."""
        return " ".join(self.text.split())


@pytest.fixture(scope="module")
def host() -> Iterator[tuple[Site, dict[str, str]]]:
    with open_site() as opened:
        host_bridge_site(opened)
        set_bridge_delay(opened, 15)
        opened.write("/tmp/terminal.py", _TERMINAL)
        yield opened, take(opened)


@pytest.fixture
def site(host: tuple[Site, dict[str, str]]) -> Iterator[Site]:
    opened, before = host
    yield opened
    differ = differences(before, take(opened))
    assert not differ, "\n".join(differ)


def typed(site: Site, when: str, answer: str, *words: str, colour: bool = True) -> Seen:
    """`answer` is typed at a terminal when it shows `when`, or when the file `when` is there."""
    environment = PLAIN if colour else (*PLAIN, "NO_COLOR=1")
    terminal = (sys.executable, "/tmp/terminal.py", when, answer)
    return Seen(*json.loads(site.run(*terminal, *environment, *DOCTOR, *words)))


def test_what_is_risky_is_not_done_unasked_and_it_says_why(site: Site) -> None:
    seen = typed(site, ASKED, "y\n", *APPLY)
    assert seen.status == 1
    assert ASKED not in seen.text
    assert "RISKY" in seen.words
    assert "every switch of that tree" in seen.words
    assert f"pxedoctor fix {GUEST} --apply --allow-risky" in seen.words


@pytest.mark.parametrize(("answer", "colour"), [("n\n", True), ("\n", False)], ids=["no", "Enter and NO_COLOR"])
def test_no_is_no(site: Site, answer: str, colour: bool) -> None:
    """The whole repair stands there before the question: what, what may be lost, the command and its way back."""
    done = site.doctor("history").document
    seen = typed(site, ASKED, answer, *RISKY, colour=colour)
    assert bool(re.search(COLOUR, seen.text)) is colour
    assert (seen.status, seen.text.rstrip().endswith("Nothing was done.")) == (1, True), seen
    before_asking = seen.words.partition(ASKED)[0]
    command = f"ip link set dev {bridge_name(site)} type bridge forward_delay"
    assert f"{command} 200" in before_asking
    assert f"{command} 1500" in before_asking
    assert "every switch of that tree" in before_asking
    assert site.doctor("history").document == done


def test_ctrl_c_at_the_question_is_no(site: Site) -> None:
    seen = typed(site, ASKED, "\x03", *RISKY)
    assert seen.status == 130
    assert "Traceback" not in seen.text


def test_ctrl_c_in_the_middle_of_a_step_takes_it_back(site: Site) -> None:
    """The terminal sends it to pxedoctor alone: the step's program ends its work, and then it is undone."""
    site.write(WRAPPER, f'#!/bin/sh\ncase "$*" in *"delay 200") touch {ACTING}; sleep 1;; esac\nexec /sbin/ip "$@"\n')
    site.run("chmod", "755", WRAPPER)
    seen = typed(site, ACTING, "\x03", *RISKY, "--yes")
    site.run("rm", WRAPPER, ACTING)
    assert seen.status == 130
    assert "NOT REPAIRED" in seen.text
    assert "taken back" in seen.words
    assert site.doctor("undo").exit_code != 0


def test_yes_is_done_and_undo_takes_it_back(site: Site) -> None:
    seen = typed(site, ASKED, "y\n", *RISKY)
    assert seen.status == 0
    assert "REPAIRED" in seen.text
    undone = typed(site, ASKED, "", "undo")
    assert undone.status == 0


def test_without_a_terminal_nobody_is_asked_and_no_escape_is_written(site: Site) -> None:
    shown = site.ask(*PLAIN, *DOCTOR, "fix", GUEST)
    assert (shown.returncode, shown.stderr) == (1, "")
    assert "Nothing has been done yet." in shown.stdout
    asked = site.ask(*PLAIN, *DOCTOR, *RISKY)
    assert (asked.returncode, asked.stdout) == (2, "")
    assert "there is no terminal at which to ask" in asked.stderr
    assert "give --yes" in asked.stderr
    assert "\x1b" not in shown.stdout + asked.stderr
