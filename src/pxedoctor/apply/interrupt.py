"""Ctrl-C, a lost connection and a request to end, put off while a host is being changed.

A step that is cut off in its middle leaves a state nobody knows. So the wish to stop is noted, the step is let end, and
whoever asks `wanted()` between two steps takes back what was done.
"""

import contextlib
import signal
from collections.abc import Callable, Iterator
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def ignore() -> None:
    """From now on to the end of the program: for what lasts a moment and must not be half done."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


@contextlib.contextmanager
def put_off() -> Iterator[Callable[[], bool]]:
    """Within the block none of the signals ends the program; `wanted()` tells whether one came."""
    came: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        came.append(number)

    before = {number: signal.signal(number, note) for number in _SIGNALS}
    try:
        yield lambda: bool(came)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
