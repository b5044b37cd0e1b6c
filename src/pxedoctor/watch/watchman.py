"""Looks after the keeper itself, once each turn of its loop: signs of life, its status, and that it was here."""

import time
from collections.abc import Callable

from pxedoctor.watch.keeper import Keeper
from pxedoctor.watch.memory import Memory
from pxedoctor.watch.service_manager import ServiceManager

# The keeper's loop turns every two seconds at least.
_SHORTEST_SIGN = 2.0


class Watchman:
    """The service manager gets a sign of life only while the loop turns and the judge answers."""

    def __init__(self, keeper: Keeper, memory: Memory, complain: Callable[[str], None]) -> None:
        self._keeper = keeper
        self._memory = memory
        self._is_ready = False
        self._manager = ServiceManager(complain)
        if self._manager.every is not None and self._manager.every < _SHORTEST_SIGN:
            complain("WatchdogSec is below 6 s: the service manager may take a keeper at rest for a dead one")

    def ready(self) -> None:
        self._is_ready = True
        self._manager.ready(self._status())

    def turned(self) -> bool:
        """Always False: it never asks the loop to end."""
        at = time.monotonic()
        if self._is_ready:
            # Before its first look it knows nothing that another keeper had not known.
            self._memory.note(at)
        if not self._keeper.hangs():
            self._manager.alive(at, self._status())
        return False

    def ended(self) -> None:
        self._manager.stopping()
        if self._is_ready:
            self._memory.end(time.monotonic())

    def _status(self) -> str:
        standing = self._keeper.standing
        broken = sum(entry.severity == "broken" for entry in standing)
        if not standing:
            return "listening; nothing is broken"
        return f"listening; broken: {broken}, risks: {len(standing) - broken}"
