"""Many listings of nft by children that have libnftables loaded: 2 ms for each instead of 9 for a process.

A child is worth its start from a handful of listings on, a second one beside it from a few dozen; before, and where
there is no such library, the caller runs nft itself. A child has its next commands before it has answered one: who asks
is busy with other things, and it would wait for him between any two.
"""

import contextlib
import fcntl
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from functools import partial

from pxedoctor.access.side_by_side import side_by_side

# So many listings are cheaper by nft itself.
FIRST = 4
# From so many on two children share them.
_SHARED = 24
# Commands that a child is given beforehand: all of them fit into its input (64 KiB), with the longest names there are.
_AHEAD = 64
_PIECE = 1024 * 1024
_LISTING = ("nft", "-a", "list")

# Exit status, output, error output.
Said = tuple[int, str, str]
# TimeoutError: the listing takes longer than allowed. None: the caller has to run nft itself.
Outcome = Said | TimeoutError | None


class NftLister:
    """Any thread may ask."""

    def __init__(self, seconds: float, environment: dict[str, str], first: int = FIRST) -> None:
        self._first = first
        self._children = (_Child(seconds, environment), _Child(seconds, environment))
        self._counting = threading.Lock()
        self._asked = 0

    def ask(self, argv: Sequence[str]) -> Outcome:
        """`argv` is `nft -a list ...`."""
        return self.ask_all((argv,))[0]

    def ask_all(self, argvs: Sequence[Sequence[str]]) -> list[Outcome]:
        """One outcome for each, in their order; None for what is no listing of nft."""
        commands = {at: " ".join(argv[2:]) for at, argv in enumerate(argvs) if tuple(argv[:3]) == _LISTING}
        with self._counting:
            self._asked += len(commands)
            is_worth_it = self._asked > self._first
        outcomes: list[Outcome] = [None] * len(argvs)
        if commands and is_worth_it:
            places = list(commands)
            shares = (places[::2], places[1::2]) if len(places) > _SHARED else (places,)
            asks = [
                partial(child.ask_all, [commands[at] for at in share])
                for child, share in zip(self._children, shares, strict=False)
            ]
            for share, told in zip(shares, side_by_side(asks), strict=True):
                for at, outcome in zip(share, told, strict=True):
                    outcomes[at] = outcome
        return outcomes


class _Child:
    """Answers in the order of the commands; started by the first."""

    def __init__(self, seconds: float, environment: dict[str, str]) -> None:
        self._seconds = seconds
        self._environment = environment
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._unread = b""
        self._is_useless = False

    def ask_all(self, commands: Sequence[str]) -> list[Outcome]:
        told: list[Outcome] = []
        with self._lock:
            while len(told) < len(commands) and not self._is_useless:
                try:
                    self._ask_rest(commands, told)
                except TimeoutError as error:
                    self._end()
                    told.append(error)
                except (OSError, ValueError):
                    self._end()
                    self._is_useless = True
        return told + [None] * (len(commands) - len(told))

    def _ask_rest(self, commands: Sequence[str], told: list[Outcome]) -> None:
        """Asks what is not told yet, and adds it as it comes."""
        if any("\n" in command for command in commands):
            raise ValueError("a command is one line")
        child = self._child or self._start()
        if child.stdin is None:
            raise OSError("the child has no input")
        sent = len(told)
        while len(told) < len(commands):
            wanted = min(len(commands), len(told) + _AHEAD)
            if sent < wanted:
                child.stdin.write("".join(f"{command}\n" for command in commands[sent:wanted]).encode())
                child.stdin.flush()
                sent = wanted
            told.append(self._answer(child))

    def _start(self) -> "subprocess.Popen[bytes]":
        script = os.path.join(os.path.dirname(__file__), "nft_child.py")
        # -I and -S: neither the environment nor site-packages have a part in it, and it starts in half the time.
        argv = [sys.executable, "-I", "-S", script]
        child = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=self._environment
        )
        self._child = child
        if child.stdout is not None:
            # A user who has many pipes may not have a large one: then the child waits for its reader.
            with contextlib.suppress(OSError):
                fcntl.fcntl(child.stdout, fcntl.F_SETPIPE_SZ, _PIECE)
        status, _, error = self._answer(child)
        if status != 0:
            raise OSError(error)
        return child

    def _end(self) -> None:
        self._unread = b""
        if self._child is not None:
            self._child.kill()
            with contextlib.suppress(OSError):
                self._child.communicate()
        self._child = None

    def _answer(self, child: "subprocess.Popen[bytes]") -> Said:
        """What access/nft_child.py writes: three numbers, and what the latter two are the lengths of."""
        deadline = time.monotonic() + self._seconds
        while b"\n" not in self._unread:
            self._unread += _piece(child, deadline)
        head, _, body = self._unread.partition(b"\n")
        status, text, error = (int(word) for word in head.split())
        pieces = [body]
        missing = text + error - len(body)
        while missing > 0:
            pieces.append(_piece(child, deadline))
            missing -= len(pieces[-1])
        body = b"".join(pieces)
        self._unread = body[text + error :]
        return status, _decoded(body[:text]), _decoded(body[text : text + error])


def _piece(child: "subprocess.Popen[bytes]", deadline: float) -> bytes:
    """What of the child's output is there; never nothing."""
    if child.stdout is None:
        raise OSError("the child has no output")
    handle = child.stdout.fileno()
    ready, _, _ = select.select([handle], [], [], max(0.0, deadline - time.monotonic()))
    if not ready:
        raise TimeoutError("nft takes too long")
    piece = os.read(handle, _PIECE)
    if not piece:
        raise OSError("the child has ended")
    return piece


def _decoded(content: bytes) -> str:
    return content.decode("utf-8", errors="backslashreplace")
