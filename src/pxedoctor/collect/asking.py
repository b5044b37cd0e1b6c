"""Puts the questions of many collectors at once; what the answers mean, collect/gather.py says afterwards.

Apart from it, so that the host's programs run while all that understands them is imported.
"""

import threading

from pxedoctor.access.answer import Access
from pxedoctor.access.notebook import Notebook
from pxedoctor.collect.ask.registry import ASKS


class Asking:
    """A thread a collector, because asking is waiting for other programs.

    The threads are daemons: Ctrl-C ends the program without waiting for an answer.
    """

    def __init__(self, access: Access) -> None:
        self.access = access
        self.notebook = Notebook(access)
        self._threads: dict[str, threading.Thread] = {}
        self._failures: dict[str, Exception] = {}

    def begin(self, wanted: frozenset[str]) -> None:
        """Starts the collectors that have not begun; returns at once."""
        for name in ASKS:
            if name in wanted and name not in self._threads:
                thread = threading.Thread(target=self._ask, args=(name,), daemon=True)
                self._threads[name] = thread
                thread.start()

    def ended(self, name: str) -> Exception | None:
        """Waits for a collector that has begun, and gives what it failed with."""
        self._threads[name].join()
        return self._failures.get(name)

    def _ask(self, name: str) -> None:
        try:
            ASKS[name](self.notebook)
        except Exception as error:  # a broken collector must not take the others with it
            self._failures[name] = error
