"""A keeper that runs for a site, and what it tells."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pxedoctor.lab.site import Site, SiteError

# A test that waits for what does not come fails, and does not hang.
_LONGEST_SECONDS = 180.0


class Watched:
    """`next` waits for the keeper's next event; `until` for the first that is about this cause."""

    def __init__(self, keeper: "subprocess.Popen[str]") -> None:
        self._keeper = keeper
        self.pid = keeper.pid
        self.told: list[dict[str, Any]] = []

    def next(self) -> dict[str, Any]:
        patience = threading.Timer(_LONGEST_SECONDS, self._keeper.kill)
        patience.start()
        line = self._keeper.stdout.readline() if self._keeper.stdout else ""
        patience.cancel()
        if not line:
            raise SiteError(f"the keeper has ended, or told nothing for {_LONGEST_SECONDS:.0f} s, after {self.told}")
        event: dict[str, Any] = json.loads(line)
        self.told.append(event)
        return event

    def lines(self) -> Iterator[str]:
        """What it prints from now on, until it ends; for those who do not use `next`."""
        yield from self._keeper.stdout or ()

    def until(self, event: str, cause: str) -> dict[str, Any]:
        """Raises SiteError where the keeper ends first."""
        while True:
            told = self.next()
            if told["event"] == event and told["finding"] is not None and told["finding"]["name"] == cause:
                return told

    def until_broken(self) -> str:
        """The cause of the next thing that is told to be broken."""
        while True:
            told = self.next()
            if told["event"] == "appeared" and told["finding"]["severity"] == "broken":
                return str(told["finding"]["name"])

    def until_gone(self, cause: str) -> None:
        """Until it is told that this is well again, after however long."""
        while True:
            told = self.next()
            if told["event"] in {"cleared", "dipped"} and told["finding"]["name"] == cause:
                return


@contextmanager
def watched(site: Site, *words: str) -> Iterator[Watched]:
    """Listens when the block begins; ended with it."""
    argv = [sys.executable, "-m", "pxedoctor.lab.keeper", str(site.pid), *words]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as keeper:
        try:
            _await_listening(keeper)
            yield Watched(keeper)
        finally:
            keeper.terminate()


def _await_listening(keeper: "subprocess.Popen[str]") -> None:
    said = ""
    while keeper.stderr is not None and (line := keeper.stderr.readline()):
        said += line
        if line == "listening\n":
            return
    raise SiteError(f"the keeper did not come to listen: {said}")
