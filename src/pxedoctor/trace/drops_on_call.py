"""Drops as the kernel tells them around the guest's own packets alone, where others' drops are many.

A drop names neither device nor guest (include/trace/events/skb.h): no filter tells whose it is, and on a busy host
there are thousands a second. But of a drop that nothing was seen of before, nothing can be said (`near_drops`). So the
kernel itself switches the drops on with the first event that the filter of the devices lets through, and they are
switched off when nothing more came for some time.

1. It is done by triggers of the instance (Documentation/trace/events.rst, 6.2, `enable_event`): they act in the moment
   of the event, before the packet can be dropped, and whoever reads is not woken for it.
2. An event with such a trigger on it stays hooked; switched off it costs the kernel a look at a flag.
3. A packet that is given up later than that, or comes in the microseconds between reading and switching off, is told by
   its retransmission.
"""

import contextlib
from collections.abc import Sequence
from pathlib import Path

from pxedoctor.trace.tracefs_file import write

# A packet that waits in no queue is through the host in less than one.
_ON_SECONDS = 0.03


class DropsOnCall:
    """`events`: whose coming switches on. Until `arm`, and where the kernel has no triggers, all are told."""

    def __init__(self, folder: Path, drops: str, events: Sequence[str]) -> None:
        self._switch = folder / "events" / drops / "enable"
        self._order = f"enable_event:{drops.replace('/', ':')}"
        self._triggers = tuple(folder / "events" / event / "trigger" for event in events)
        self._armed: list[Path] = []
        self._until = 0.0
        self._on = True

    def arm(self, condition: str, now: float) -> None:
        """By events that `condition` holds for, from now on. Until it is done, and some time longer, all are told.

        Raises OSError where there are no triggers; then all are told.
        """
        self._turn(True)
        self.called(now)
        try:
            self.disarm()
            for trigger in self._triggers:
                write(trigger, f"{self._order} if {condition}")
                self._armed.append(trigger)
        except OSError:
            self.disarm()
            raise

    def called(self, now: float) -> None:
        """A device took or sent something that the condition holds for: the kernel has switched on."""
        self._on = True
        self._until = now + _ON_SECONDS

    def rest(self, now: float) -> None:
        """Switches off where nothing came for so long. Cheap enough for every turn."""
        if self._armed and self._on and now > self._until:
            self._turn(False)

    def disarm(self) -> None:
        """Takes the triggers away; what they have switched on stays on."""
        while self._armed:
            with contextlib.suppress(OSError):
                write(self._armed.pop(), f"!{self._order}")

    def _turn(self, on: bool) -> None:
        write(self._switch, str(int(on)))
        self._on = on
