"""A dialogue driven in an event loop: it is told what is heard and that its time has come; its wishes are granted."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

from pxedoctor.dialogue.event import Event, Wake
from pxedoctor.dialogue.wish import Done, WakeAt, Wish
from pxedoctor.probe.port import Port

Now = TypeVar("Now")
Step = Callable[[Now, Event, float], tuple[Now, tuple[Wish, ...]]]


class Talk(Generic[Now]):
    """`now` is what the dialogue knows; `done` is its last word. `grant` gets every wish that is not about time."""

    def __init__(self, port: Port, step: Step[Now], now: Now, grant: Callable[[Wish], None]) -> None:
        self._port = port
        self._step = step
        self._grant = grant
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._loop = asyncio.get_running_loop()
        self.now = now
        self.done: asyncio.Future[Done] = self._loop.create_future()

    def feed(self, event: Event) -> None:
        self.now, wishes = self._step(self.now, event, self._port.now)
        for wish in wishes:
            match wish:
                case WakeAt(at):
                    self._wake_at(at)
                case Done():
                    self._grant(wish)
                    if not self.done.done():
                        self.done.set_result(wish)
                case _:
                    self._grant(wish)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if not self.done.done():
            self.done.cancel()

    def _wake_at(self, at: float) -> None:
        """A timer that only moves on, as one does with each block of a file, is left to fire and then set anew."""
        self._due = self._port.clock(at)
        if self._timer is not None and self._timer.when() <= self._due:
            return
        self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._due, self._fired)

    def _fired(self) -> None:
        self._timer = None
        if self._loop.time() < self._due:
            self._set_timer()
            return
        try:
            self.feed(Wake())
        except Exception as error:
            self._port.fail(error)
