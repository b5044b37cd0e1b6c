"""Tells the service manager how the keeper does (sd_notify(3), sd_watchdog_enabled(3)); silent where none asked."""

import os
import socket
from collections.abc import Callable

_MICROSECONDS = 1_000_000
# Of the time after which the service manager restarts a silent service; it recommends half.
_PART = 3


class ServiceManager:
    """`complain` is told once why nobody listens. Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID when made."""

    def __init__(self, complain: Callable[[str], None]) -> None:
        self._complain = complain
        self._address = os.environ.get("NOTIFY_SOCKET", "")
        self._every = _every(os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID", ""))
        self._pinged = 0.0
        self._status = ""

    @property
    def every(self) -> float | None:
        """Seconds between two signs of life; None where nobody wants them."""
        return self._every

    def ready(self, status: str) -> None:
        self._status = status
        self._say(f"READY=1\nSTATUS={status}")

    def alive(self, at: float, status: str) -> None:
        """A sign of life, if one is due at `at` of the steady clock, and the status where it is another."""
        if status != self._status:
            self._status = status
            self._say(f"STATUS={status}")
        if self._every is not None and at - self._pinged >= self._every:
            self._pinged = at
            self._say("WATCHDOG=1")

    def stopping(self) -> None:
        self._say("STOPPING=1\nSTATUS=ending")

    def _say(self, words: str) -> None:
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
            try:
                line.sendto(words.encode(), address)
            except OSError as error:
                self._address = ""
                self._complain(f"the service manager does not listen: {error.strerror}")


def _every(microseconds: str, pid: str) -> float | None:
    """None also where the watchdog is another process's."""
    if not microseconds.isdecimal() or pid not in {"", str(os.getpid())}:
        return None
    return int(microseconds) / _MICROSECONDS / _PART or None
