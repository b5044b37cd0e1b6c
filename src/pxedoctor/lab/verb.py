"""`pxedoctor watch` itself, run inside a site as a person or a service manager would."""

import fcntl
import json
import os
import select
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pxedoctor.lab.site import Site, SiteError

_PID_FILE = "/run/watch.pid"
_SECONDS = 60
_PAGE = 4096
_MANY = 1 << 16


class WatchVerb:
    """`told` are the events so far. What it says on standard error is in the site's /var/log/watch.err."""

    def __init__(self, site: Site, words: tuple[str, ...], environment: tuple[str, ...]) -> None:
        self._site = site
        command = ("env", *environment, sys.executable, "-m", "pxedoctor", "watch", "--json", *words)
        script = f'echo $$ >{_PID_FILE}; exec "$@" 2>>/var/log/watch.err'
        self._process = site.start("sh", "-c", script, "watch", *command)
        self._unread = b""
        self.told: list[dict[str, Any]] = []

    def narrow(self) -> None:
        """What it prints and nobody has read yet has room for a page, the least there is (fcntl(2))."""
        if self._process.stdout is not None:
            fcntl.fcntl(self._process.stdout, fcntl.F_SETPIPE_SZ, _PAGE)

    def until(self, event: str, cause: str = "") -> dict[str, Any]:
        """The next event of this kind, about this cause if one is given. Raises SiteError where none comes."""
        deadline = time.monotonic() + _SECONDS
        while told := self._next(deadline):
            finding = told["finding"]
            if told["event"] == event and (not cause or (finding is not None and finding["name"] == cause)):
                return told
        said = self._site.ask("cat", "/var/log/watch.err").stdout
        raise SiteError(f"no {event} of {cause or 'anything'}; it told {self.told} and said {said!r}")

    def kill(self) -> None:
        """As the kernel would: it can do nothing more."""
        self._site.run("sh", "-c", f"kill -9 $(cat {_PID_FILE})")
        self._process.wait(_SECONDS)

    def interrupt(self) -> None:
        """As Ctrl-C does."""
        self._site.run("sh", "-c", f"kill -INT $(cat {_PID_FILE})")

    def end(self) -> int:
        """As a service manager would; its exit status, as nsenter(1) hands it on."""
        if self._process.poll() is None:
            self._site.ask("sh", "-c", f"kill $(cat {_PID_FILE})")
        return self._process.wait(_SECONDS)

    def _next(self, deadline: float) -> dict[str, Any] | None:
        """Keeps what follows the first line: no buffer of Python's holds lines that select(2) does not know of."""
        out = self._process.stdout
        while b"\n" not in self._unread:
            left = max(deadline - time.monotonic(), 0)
            if out is None or not select.select([out], [], [], left)[0]:
                return None
            if not (piece := os.read(out.fileno(), _MANY)):
                return None
            self._unread += piece
        line, _, self._unread = self._unread.partition(b"\n")
        told: dict[str, Any] = json.loads(line)
        self.told.append(told)
        return told


@contextmanager
def watch_verb(site: Site, *words: str, environment: tuple[str, ...] = ()) -> Iterator[WatchVerb]:
    """Ended with the block at the latest."""
    verb = WatchVerb(site, words, environment)
    try:
        yield verb
    finally:
        verb.end()
