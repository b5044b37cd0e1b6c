"""Waits for the programs of a step in whose middle pxedoctor was killed: they outlive it, and go on.

Taking a step back while its own program still runs would be undone by that program a moment later.
"""

import os
import time
from pathlib import Path

from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.grant import Command, deed_of
from pxedoctor.plans.request import Request

# As long as a step's program may run at all (apply.run).
_SECONDS = 60
_POLL_SECONDS = 0.05
# An interpreter and its options: `/usr/bin/python3 -sP /usr/bin/firewall-cmd ...`.
_MOST_BEFORE = 4


def await_end(request: Request, seconds: float = _SECONDS) -> None:
    """Returns when none of its programs runs any more; NotGrantedError with the pid of one that does not end."""
    deadline = time.monotonic() + seconds
    commands = deed_of(request).programs
    while pids := _running(commands):
        if time.monotonic() > deadline:
            raise NotGrantedError(f"its own program, pid {pids[0]}, still runs after {seconds:g} s")
        time.sleep(_POLL_SECONDS)


def _running(commands: tuple[Command, ...]) -> list[int]:
    """Leaders of a session of their own, as `run` starts them: nobody's terminal, and no other program's child."""
    pids = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            line = Path(f"/proc/{name}/cmdline").read_bytes().decode("utf-8", "surrogateescape")
            words = tuple(line.split("\0"))
            if any(is_of(words, argv) for argv in commands) and os.getsid(int(name)) == int(name):
                pids.append(int(name))
        except OSError:
            continue
    return sorted(pids)


def is_of(words: Command, argv: Command) -> bool:
    """Whether a process' command line begins with this command; a script's (ufw, firewall-cmd) with its interpreter."""
    for start in range(min(_MOST_BEFORE, len(words)) + 1):
        program, *rest = words[start : start + len(argv)] or ("",)
        if (program == argv[0] or os.path.basename(program) == argv[0]) and tuple(rest) == argv[1:]:
            return True
    return False
