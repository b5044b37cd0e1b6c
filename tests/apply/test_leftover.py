"""What a step's program does after pxedoctor was killed: `undo` waits for it."""

import subprocess
import time
from pathlib import Path

import pytest

from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.leftover import await_end, is_of
from pxedoctor.plans.request import Run


def sleeping(seconds: str, start_new_session: bool = True) -> "subprocess.Popen[bytes]":
    program = subprocess.Popen(["sleep", seconds], start_new_session=start_new_session)
    # Its words are there a moment after the parent goes on (fs/binfmt_elf.c: after close-on-exec).
    while not Path(f"/proc/{program.pid}/cmdline").read_bytes():
        time.sleep(0.001)
    return program


def test_it_is_waited_for() -> None:
    program = sleeping("0.6183")
    started = time.monotonic()
    await_end(Run(("sleep", "0.6183")))
    assert time.monotonic() - started > 0.4
    assert program.wait() == 0


def test_not_for_ever_and_it_is_told_by_its_pid() -> None:
    program = sleeping("31.4159")
    try:
        with pytest.raises(NotGrantedError, match=f"pid {program.pid}, still runs"):
            await_end(Run(("sleep", "31.4159")), seconds=0.1)
    finally:
        program.kill()
        program.wait()


def test_the_same_command_of_somebody_else_is_not_waited_for() -> None:
    program = sleeping("31.4160", start_new_session=False)
    try:
        await_end(Run(("sleep", "31.4160")), seconds=0.1)
    finally:
        program.kill()
        program.wait()


@pytest.mark.parametrize(
    ("line", "is_its"),
    [
        ("ufw allow in on br0", True),
        ("/usr/bin/python3 /usr/sbin/ufw allow in on br0 to any", True),
        ("/usr/bin/python3 -sP /usr/sbin/ufw allow in on br0", True),
        ("/usr/bin/python3 /usr/sbin/ufw delete allow in on br0", False),
        ("vi ufw", False),
        ("", False),
    ],
)
def test_a_script_is_told_behind_its_interpreter(line: str, is_its: bool) -> None:
    """Found by the crash drill: `ufw`, which is Python's, wrote its rules after `undo` had taken them away."""
    assert is_of(tuple(line.split(" ")), ("ufw", "allow", "in", "on", "br0")) is is_its
