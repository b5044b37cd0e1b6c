"""When everything is looked at although nothing was heard: no source tells of a file that is unreadable now, of a
program that somebody attached, or of what went by unheard.

Every ten minutes, and so seldom on a large host that looking takes no more than a thousandth of the time.
"""

EVERY = 600.0
# Of a look that takes no longer; of one that takes twice as long the next is twice as far away.
_QUICK_SECONDS = EVERY / 1000


class Rounds:
    """`at`: seconds of the steady clock."""

    def __init__(self, every: float = EVERY) -> None:
        self._every = every
        self._due = float("inf")

    def looked(self, at: float, took: float) -> None:
        """At everything, which `took` so many seconds: the next round is counted from here."""
        self._due = at + self._every * max(1.0, took / _QUICK_SECONDS)

    def begins(self, at: float) -> bool:
        """Whether a round is due; the next one is not before it has ended, or was forgotten in a storm."""
        if at < self._due:
            return False
        self._due = at + self._every
        return True
