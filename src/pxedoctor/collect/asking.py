"""Puts the questions of many collectors at once; what the answers mean, collect/gather.py says afterwards.

Apart from it, so that the host's programs run while all that understands them is imported.
"""

import threading

from pxedoctor.access.answer import Access
from pxedoctor.access.notebook import Notebook
from pxedoctor.collect.ask.connection import CONNECTED, Connection
from pxedoctor.collect.ask.registry import ASKS


class Asking:
    """A thread a collector, because asking is waiting for other programs.

    The threads are daemons: Ctrl-C ends the program without waiting for an answer.
    """

    def __init__(self, access: Access, there: Connection | None = None) -> None:
        """`there`: the libvirt that is asked, where it is not qemu:///system."""
        self.access = access
        self.there = there
        self.notebook = Notebook(access)
        if there is not None:
            self.notebook.answers[CONNECTED] = there.said()
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
