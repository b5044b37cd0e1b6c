"""The names of kernel functions by address, from /proc/kallsyms: before Linux 5.12 tracefs prints a drop's place so.

Until then `%p` in tracefs was the address itself (5.12 has an option for it, hash-ptr); root reads kallsyms, where
kernel.kptr_restrict is not 2.
"""

import re
from bisect import bisect_right
from pathlib import Path

_SYMBOLS = "/proc/kallsyms"
_ADDRESS = re.compile("[0-9a-f]{16}")
# Functions: local and global, weak ones too (nm(1)).
_KINDS = frozenset("tTwW")
# No function is longer; what is further from the last name is in none.
_LONGEST = 1 << 16


class KernelSymbols:
    """Addresses and names, in their order."""

    def __init__(self, text: str) -> None:
        found = sorted(_of_lines(text))
        self._addresses = [address for address, _ in found]
        self._names = [name for _, name in found]

    def __bool__(self) -> bool:
        return bool(self._addresses)

    def named(self, location: str) -> str:
        """`ip_rcv_finish_core+0x1d` for its address; anything else as it is."""
        if not _ADDRESS.fullmatch(location):
            return location
        address = int(location, 16)
        at = bisect_right(self._addresses, address) - 1
        past = address - self._addresses[at] if at >= 0 else _LONGEST
        return f"{self._names[at]}+{past:#x}" if past < _LONGEST else location


def of_this_kernel() -> KernelSymbols:
    """None at all where they are not shown: all addresses are 0 then."""
    try:
        return KernelSymbols(Path(_SYMBOLS).read_text(encoding="ascii", errors="replace"))
    except OSError:
        return KernelSymbols("")


def _of_lines(text: str) -> list[tuple[int, str]]:
    words = (line.split() for line in text.splitlines())
    found = [(int(word[0], 16), word[2]) for word in words if len(word) > 2 and word[1] in _KINDS and _is(word[0])]
    return [entry for entry in found if entry[0]]


def _is(text: str) -> bool:
    return _ADDRESS.fullmatch(text) is not None
