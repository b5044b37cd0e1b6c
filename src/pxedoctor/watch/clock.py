"""The wall clock beside the steady one: what is told is stamped with the one, what is measured with the other."""

import datetime
import time

# Less is what a time service does all day.
_JUMP_SECONDS = 2.0


def now() -> str:
    """RFC 3339, UTC, to the millisecond."""
    return stamp(datetime.datetime.now(datetime.UTC))


def stamp(moment: datetime.datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def days_ago(days: int) -> str:
    """As `now`."""
    return stamp(datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=days))


def seconds_since(told: str) -> float:
    """Of the wall clock; 0 where the text is no time, or one that is yet to come."""
    try:
        then = datetime.datetime.fromisoformat(told)
        return max(0.0, (datetime.datetime.now(datetime.UTC) - then).total_seconds())
    except (ValueError, TypeError):
        return 0.0


class Clock:
    """How far the wall clock is from one that only goes on, and that counts a host's sleep too (CLOCK_BOOTTIME)."""

    def __init__(self) -> None:
        self._apart = _apart()

    def jumped(self) -> float:
        """Seconds that somebody has set the wall clock forward since the last time, negative for back; mostly 0."""
        before, now_apart = self._apart, _apart()
        if abs(now_apart - before) < _JUMP_SECONDS:
            return 0.0
        self._apart = now_apart
        return now_apart - before


def _apart() -> float:
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
