"""The functions of the kernel that runs, by their addresses: an older kernel tells of a drop with an address alone.

include/trace/events/skb.h: `location=%p` (seen on Linux 6.1) became `%pS` (seen on 6.18). /proc/kallsyms has the names
(kernel.kptr_restrict 2 hides the addresses, also from root); it is read when the first such address comes.
"""

import bisect
import re
from collections.abc import Iterable

from msgspec.structs import replace

from pxedoctor.model.traced import HeardEvent

_PLACE = "/proc/kallsyms"
_ADDRESS = re.compile(r"(?:0x)?([\da-f]{8,16})", re.ASCII)
_FUNCTIONS = frozenset("tTwW")


class KernelSymbols:
    """Read once, and only where it is needed."""

    def __init__(self) -> None:
        self._table: Table | None = None

    def named(self, event: HeardEvent) -> HeardEvent:
        """With its function's name in the place of an address; as it is where nobody knows one."""
        found = _ADDRESS.fullmatch(event.location)
        if found is None:
            return event
        if self._table is None:
            self._table = _read()
        name = self._table.function_at(int(found[1], 16))
        return replace(event, location=name) if name else event


class Table:
    """`lines`: of /proc/kallsyms, in any order: `ffffffff81a2b3c0 t br_handle_frame_finish	[bridge]`."""

    def __init__(self, lines: Iterable[str]) -> None:
        parts = (line.split() for line in lines)
        found = sorted((int(p[0], 16), p[2]) for p in parts if len(p) >= 3 and p[1] in _FUNCTIONS)
        # Where addresses are hidden, all are 0.
        self._addresses = [address for address, _ in found if address]
        self._names = [name for address, name in found if address]

    def function_at(self, address: int) -> str:
        """The function in which it lies; "" where none begins before it."""
        # A return address is behind its call, which may be a function's last word.
        place = bisect.bisect_right(self._addresses, address - 1) - 1
        return self._names[place] if place >= 0 else ""


def _read() -> Table:
    try:
        with open(_PLACE, encoding="ascii", errors="replace") as lines:
            return Table(lines)
    except OSError:
        return Table(())
