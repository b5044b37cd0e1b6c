"""Many listings of nft by children that have libnftables loaded: 2 ms for each instead of 9 for a process.

A child is worth its start from a handful of listings on, a second one beside it from a few dozen; before, and where
there is no such library, the caller runs nft itself.
"""

import contextlib
import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

# So many listings are cheaper by nft itself.
FIRST = 4
# From so many on two children share them.
_SHARED = 24
_PIECE = 1024 * 1024

# Exit status, output, error output.
Said = tuple[int, str, str]


class NftLister:
    """`ask` gives None where the caller has to run nft itself. Any thread may ask."""

    def __init__(self, seconds: float, environment: dict[str, str], first: int = FIRST) -> None:
        self._first = first
        self._children = (_Child(seconds, environment), _Child(seconds, environment))
        self._counting = threading.Lock()
        self._asked = 0

    def ask(self, argv: Sequence[str]) -> Said | None:
        """`argv` is `nft -a list ...`. TimeoutError where the listing takes longer than allowed."""
        with self._counting:
            self._asked += 1
            asked = self._asked
        if asked <= self._first or tuple(argv[:3]) != ("nft", "-a", "list"):
            return None
        child = self._children[asked % 2 if asked > _SHARED else 0]
        return child.ask(" ".join(argv[2:]))


class _Child:
    """One listing at a time; started by the first."""

    def __init__(self, seconds: float, environment: dict[str, str]) -> None:
        self._seconds = seconds
        self._environment = environment
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._is_useless = False

    def ask(self, command: str) -> Said | None:
        with self._lock:
            if self._is_useless:
                return None
            try:
                return self._said(command)
            except (OSError, ValueError) as error:
                self._end()
                if isinstance(error, TimeoutError):
                    raise
                self._is_useless = True
                return None

    def _said(self, command: str) -> Said:
        if "\n" in command:
            raise ValueError("a command is one line")
        child = self._child or self._start()
        deadline = time.monotonic() + self._seconds
        if child.stdin is None:
            raise OSError("the child has no input")
        child.stdin.write(command.encode() + b"\n")
        child.stdin.flush()
        return _read(child, deadline)

    def _start(self) -> "subprocess.Popen[bytes]":
        script = os.path.join(os.path.dirname(__file__), "nft_child.py")
        # -I and -S: neither the environment nor site-packages have a part in it, and it starts in half the time.
        argv = [sys.executable, "-I", "-S", script]
        child = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=self._environment
        )
        self._child = child
        status, _, error = _read(child, time.monotonic() + self._seconds)
        if status != 0:
            raise OSError(error)
        return child

    def _end(self) -> None:
        if self._child is not None:
            self._child.kill()
            with contextlib.suppress(OSError):
                self._child.communicate()
        self._child = None


def _read(child: "subprocess.Popen[bytes]", deadline: float) -> Said:
    """One line of the child's output."""
    if child.stdout is None:
        raise OSError("the child has no output")
    handle = child.stdout.fileno()
    pieces: list[bytes] = []
    while not pieces or not pieces[-1].endswith(b"\n"):
        ready, _, _ = select.select([handle], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise TimeoutError("nft takes too long")
        piece = os.read(handle, _PIECE)
        if not piece:
            raise OSError("the child has ended")
        pieces.append(piece)
    status, text, error = json.loads(b"".join(pieces))
    return int(status), str(text), str(error)
