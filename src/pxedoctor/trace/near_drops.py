"""Whether a drop can be told whose it is: it follows an event of the same buffer, or one of the same processor.

Of the drops of a busy host most are of other devices and other namespaces: nothing was seen of them before, and nothing
can be said of them afterwards. The times are those by which packets are joined (road/joined.py), and a little more.
"""

from pxedoctor.model.traced import HeardEvent

_BUFFER_SECONDS, _CPU_SECONDS = 0.1, 0.002
# Two of them are in use, each for so many buffers.
_MOST_BUFFERS = 4096


class NearDrops:
    """Times of any one clock, in seconds."""

    def __init__(self) -> None:
        self._buffers: dict[str, float] = {}
        self._before: dict[str, float] = {}
        self._processors: dict[int, float] = {}

    def saw(self, event: HeardEvent) -> None:
        """What a device took or sent."""
        self._buffers[event.buffer] = event.at
        self._processors[event.cpu] = event.at
        if len(self._buffers) >= _MOST_BUFFERS:
            self._before, self._buffers = self._buffers, {}

    def can_tell(self, buffer: str, cpu: int, at: float) -> bool:
        last = self._buffers.get(buffer, self._before.get(buffer))
        if last is not None and at - last < _BUFFER_SECONDS:
            return True
        return at - self._processors.get(cpu, at - 1) < _CPU_SECONDS
