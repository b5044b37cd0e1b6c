"""Memory that work has left behind is given back once it is quiet: what only Python's search for garbage finds, its
free lists, and the pages that malloc(3) keeps for later. A process that stays for months is as large as it is at rest.

Giving back takes milliseconds, on a host with 500 networks a tenth of a second, and so never comes before an answer.
"""

import ctypes
import gc
from collections.abc import Callable

# Objects of which nothing is known yet, besides those that an earlier search has left: some hundred KiB.
_MANY = 10_000
# Changes of the host, and seconds without one.
_A_STORM, _CALM_SECONDS = 500, 2.0


def much_is_left() -> bool:
    """Whether looking for garbage is worth it: little was made since that was done last where this is False."""
    young, *older = gc.get_count()
    return young > _MANY or any(older)


def give_back() -> None:
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


class Calm:
    """Gives back what a storm of changes has left, once it is over. `at`: seconds of the steady clock."""

    def __init__(self, give: Callable[[], None] = give_back) -> None:
        self._give = give
        self._stirs = 0
        self._last = 0.0

    def stirred(self, at: float) -> None:
        self._stirs += 1
        self._last = at

    def look(self, at: float) -> None:
        if self._stirs >= _A_STORM and at - self._last >= _CALM_SECONDS:
            self._stirs = 0
            self._give()
