"""What the rules that packets met say, asked of nft beside the listening: a listing may take longer than a packet.

First everything at once, and then a chain again where a rule was met that was not in it: it is newer, or everything was
too long to be listed in time. What nft does not tell in time stays without words.
"""

import queue
import subprocess
import threading
import time
from collections.abc import Iterable

import msgspec

from pxedoctor.model.traced import HeardRule
from pxedoctor.trace.chain_listing import ChainName, ListedChain, listed

_ALL_SECONDS, _CHAIN_SECONDS = 20.0, 5.0
_MOST_ASKED = 400
_POLL_SECONDS = 0.02


class RuleWords:
    """`own`: the tracer's table, whose chains are called as their hooks."""

    def __init__(self, own: str) -> None:
        self._own = own
        self._listed: dict[ChainName, ListedChain] = {}
        self._wanted: queue.SimpleQueue[ChainName | None] = queue.SimpleQueue()
        self._asked: dict[tuple[ChainName, int | None], None] = {}
        # Answered one by one; everything is the first of them.
        self._open, self._answered = 1, 0
        self._closed = False
        threading.Thread(target=self._list_all, daemon=True).start()

    def worded(self, heard: Iterable[HeardRule]) -> tuple[HeardRule, ...]:
        """With hook and text, as far as they are known by now."""
        return tuple(self._worded(met) for met in heard)

    def want(self, heard: Iterable[HeardRule]) -> None:
        """Asks for what nobody knows yet."""
        for met in heard:
            key = (met.family, met.table, met.chain)
            known = self._listed.get(key)
            # A second time for a rule that a chain got since; not for each packet that meets it.
            asked = (key, met.handle)
            unknown = met.table != self._own and (known is None or not known.says(met))
            if unknown and asked not in self._asked and len(self._asked) < _MOST_ASKED:
                self._asked[asked] = None
                self._open += 1
                self._wanted.put(key)

    def settle(self, seconds: float) -> None:
        """Waits until all that was asked for is known, so long at most."""
        until = time.monotonic() + seconds
        while self._answered < self._open and time.monotonic() < until:
            time.sleep(_POLL_SECONDS)

    def close(self) -> None:
        self._closed = True
        self._wanted.put(None)

    def _worded(self, met: HeardRule) -> HeardRule:
        if met.table == self._own:
            return msgspec.structs.replace(met, hook=met.chain)
        known = self._listed.get((met.family, met.table, met.chain))
        return met if known is None else msgspec.structs.replace(met, hook=known.hook, text=known.text(met))

    def _list_all(self) -> None:
        self._listed |= listed(nft("-a", "list", "ruleset", seconds=_ALL_SECONDS))
        self._answered += 1
        while (key := self._wanted.get()) is not None and not self._closed:
            family, table, _ = key
            said = nft("-a", "list", "chain", *key, seconds=_CHAIN_SECONDS)
            self._listed |= listed(f"table {family} {table} {{\n{said}")
            self._answered += 1


def nft(*words: str, seconds: float) -> str:
    """What nft prints; "" where it does not, or not in time."""
    try:
        done = subprocess.run(
            ["nft", *words], stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", errors="backslashreplace") if done.returncode == 0 else ""
