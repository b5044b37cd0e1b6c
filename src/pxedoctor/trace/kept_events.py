"""Of the kernel's many events those that can be a guest's: the ones around its frames, and the newest."""

from bisect import bisect_left
from collections.abc import Sequence

from pxedoctor.model.traced import HeardEvent

# A copy of a packet passes the host in less (road/draft.py), and one witness is told later than another.
_AROUND_SECONDS = 0.5
_NEWEST_SECONDS = 2.0
_MANY, _MOST = 2000, 20000


class KeptEvents:
    """`lost`: how many there was no room for."""

    def __init__(self) -> None:
        self.events: list[HeardEvent] = []
        self.lost = 0
        self._many = _MANY

    def add(self, heard: Sequence[HeardEvent], moments: Sequence[float] | None, now: float) -> None:
        """`moments`: when frames of the guest were seen; None: nobody looks at frames, and any event can be its."""
        self.events += heard
        if moments is not None and len(self.events) > self._many:
            self.events = near(self.events, moments, now)
            self._many = len(self.events) + _MANY
        self.lost += max(0, len(self.events) - _MOST)
        del self.events[_MOST:]


def near(events: Sequence[HeardEvent], moments: Sequence[float], now: float) -> list[HeardEvent]:
    """All times in seconds after the trace began."""
    ordered = sorted(moments)
    return [event for event in events if now - event.at < _NEWEST_SECONDS or _is_near(event.at, ordered)]


def _is_near(at: float, moments: Sequence[float]) -> bool:
    found = bisect_left(moments, at - _AROUND_SECONDS)
    return found < len(moments) and moments[found] - at <= _AROUND_SECONDS
