"""What a keeper knows of the time in which none was there: what stood before, and how much it missed."""

from collections.abc import Callable

from pxedoctor.journal import last_seen
from pxedoctor.journal.events import Events, EventsError
from pxedoctor.journal.last_seen import LastSeen
from pxedoctor.verdict.remembered import Remembered, stood
from pxedoctor.watch import clock

_WRITE_SECONDS = 30.0
_DAY_SECONDS = 86400.0


class Memory:
    """`generation`: of the rules now, None where it cannot be had. An error is complained of once, and stops nobody.

    `days`: events older than that are forgotten, when a keeper begins and once a day.
    """

    def __init__(
        self, events: Events, generation: Callable[[], int | None], complain: Callable[[str], None], days: int
    ) -> None:
        self._events = events
        self._days = days
        self._forgotten = float("-inf")
        self._generation = generation
        self._complain = complain
        self._boot = last_seen.boot_id()
        self._written = float("-inf")
        self.first_run = False
        self.remembered = self._remembered()

    def note(self, at: float) -> None:
        """A keeper is here now; written down now and then."""
        self._forget(at)
        if at - self._written < _WRITE_SECONDS:
            return
        self._written = at
        seen = LastSeen(time=clock.now(), boot=self._boot, generation=self._generation())
        try:
            last_seen.write(seen)
        except OSError as error:
            self._complain(f"{last_seen.FILE}: {error.strerror}; the next keeper will not know what it missed")
            self._written = float("inf")

    def _forget(self, at: float) -> None:
        """By the wall clock, for that is what events are stamped with; by the steady one, how often."""
        if at - self._forgotten < _DAY_SECONDS:
            return
        self._forgotten = at
        try:
            self._events.forget(clock.days_ago(self._days))
        except EventsError as error:
            self._complain(error.message)

    def end(self, at: float) -> None:
        """This keeper ends in good order: what it missed begins now."""
        self._written = min(self._written, at - _WRITE_SECONDS)
        self.note(at)

    def _remembered(self) -> Remembered | None:
        """None on a host on which no keeper was before."""
        try:
            self.first_run = self._events.begin()
            told = self._events.last()
        except EventsError as error:
            self._complain(error.message)
            self.first_run = True
            return None
        if self.first_run or not told:
            return None
        seen = last_seen.read()
        until = max(told[-1].time, seen.time if seen is not None else "")
        return Remembered(stood=stood(told), until=until, missed=missed(seen, self._boot, self._generation()))


def missed(seen: LastSeen | None, boot: str, generation: int | None) -> str:
    """In words; "" where nothing is known of it."""
    if seen is None or not boot or not seen.boot:
        return ""
    if seen.boot != boot:
        return "the host was started again"
    if seen.generation is None or generation is None:
        return ""
    count = generation - seen.generation
    if count < 0:
        # A host's counter only rises: these are the rules of another network namespace.
        return ""
    # The last of them may have been heard: a keeper that was killed had no time to write.
    return f"at most {count} changes of the firewall rules" if count else "the firewall rules were not changed"
