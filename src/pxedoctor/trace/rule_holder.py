"""`nft -i`, which holds the tables of a trace: it ends with its standard input, and its tables with it, however we end.

1. One line is one transaction of the kernel's: all of it, or nothing.
2. It says nothing of what it could do. So it is asked for a table that nobody has: it repeats that question with its
   error, behind what it has to say of what it was told before.
"""

import contextlib
import os
import select
import subprocess
import time
from collections.abc import Sequence

from pxedoctor.trace.denied import would_help
from pxedoctor.trace.wish import AbsentError

_PIECE = 64 * 1024
_MARK = "pxedoctor_turn_"
# The kernel lets it not even read (nftables src/mnl.c, netlink_init_error): then it answers no question.
_NOT_HEARD = "netlink: Error"
_DENIED = ("Operation not permitted", "Permission denied")


class RuleHolder:
    """Raises AbsentError where nft cannot be run. `refused`: nft's first word of what it could not do of the last."""

    def __init__(self) -> None:
        try:
            self._process = subprocess.Popen(
                ["nft", "-i"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            forbidden = isinstance(error, PermissionError)
            helps = would_help() if forbidden else "install nftables (0.9.9 or later)"
            raise AbsentError(f"nft cannot be run: {error.strerror}", helps, forbidden) from error
        assert self._process.stdin is not None
        assert self._process.stderr is not None
        self._told, self._errors = self._process.stdin, self._process.stderr
        os.set_blocking(self._errors.fileno(), False)
        self._turn = 0
        self._said = ""
        self.refused = ""
        self._done = True

    def tell(self, commands: Sequence[str]) -> None:
        """All of them at once."""
        self._turn += 1
        self.refused, self._done = "", False
        with contextlib.suppress(OSError):
            self._told.write(f"{'; '.join(commands)}\nlist table inet {self._mark()}\n".encode())
            self._told.flush()

    def done(self) -> bool:
        """Whether it has done what it was told last, as far as is known by now; it may have refused it."""
        if not self._done:
            self._said += _read(self._errors.fileno())
            said, mark, after = self._said.rpartition(self._mark())
            if mark:
                # Behind what it was told before; the last error is that of the question itself.
                last = said.rpartition(_MARK)[2]
                wrong = [line for line in last.splitlines() if line.startswith("Error")][:-1]
                self.refused, self._said, self._done = next(iter(wrong), ""), after, True
        return self._done

    def await_done(self, seconds: float) -> bool:
        """False where nft could not do it, ended, or took longer."""
        until = time.monotonic() + seconds
        while not self.done():
            left = until - time.monotonic()
            if left <= 0 or self._process.poll() is not None or unheard(self._said):
                wrong = (line for line in self._said.splitlines() if line.startswith(("Error", _NOT_HEARD)))
                self.refused = next(wrong, "")
                return False
            select.select([self._errors], [], [], left)
        return not self.refused

    def is_denied(self) -> bool:
        """Whether the kernel refused it for want of rights."""
        return self.refused.endswith(_DENIED)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._told.close()
        self._process.kill()
        self._process.wait()
        self._errors.close()

    def _mark(self) -> str:
        return f"{_MARK}{self._turn}_"


def unheard(said: str) -> bool:
    """Whether nft has said, to the end of the line, that the kernel does not let it read (it writes it in pieces)."""
    whole, _, _ = said.rpartition("\n")
    return any(line.startswith(_NOT_HEARD) for line in whole.splitlines())


def _read(handle: int) -> str:
    try:
        return os.read(handle, _PIECE).decode("utf-8", errors="backslashreplace")
    except BlockingIOError:
        return ""
