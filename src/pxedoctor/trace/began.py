"""The moment at which a trace began, on the clocks that its witnesses read."""

import time

import msgspec


class Began(msgspec.Struct, frozen=True):
    """`mono` and `wall` in seconds: CLOCK_MONOTONIC and CLOCK_REALTIME of the same moment."""

    mono: float
    wall: float

    def now(self) -> float:
        return round(time.monotonic() - self.mono, 6)

    def of_wall(self, seconds: int, nanoseconds: int) -> float:
        """A packet socket's time (SO_TIMESTAMPNS)."""
        return round(seconds - self.wall + nanoseconds / 1e9, 6)

    def of_mono(self, seconds: float) -> float:
        """tracefs' time, with trace_clock `mono`."""
        return round(seconds - self.mono, 6)


def began() -> Began:
    return Began(time.monotonic(), time.time())
