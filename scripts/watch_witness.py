"""Sees each change of the rules by itself, beside the keeper: when it was, and what /proc says of its maker then."""

import ctypes
import os
import selectors
import threading
import time

import msgspec

from pxedoctor.watch.file_events import LegacyLock
from pxedoctor.watch.nft_events import RuleEvents

_WAIT_SECONDS = 0.2


class Seen(msgspec.Struct, frozen=True):
    """`at`: seconds of the steady clock. `parent`: the command line of the writer's parent, "" for too late."""

    at: float
    pid: int
    parent: str


class Witness:
    """Of the site whose first process is `pid`, until `close`."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._ended = threading.Event()
        self._ready = threading.Event()
        self.seen: list[Seen] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        self._ready.wait()

    def close(self) -> None:
        self._ended.set()
        self._thread.join()

    def _listen(self) -> None:
        """This thread alone enters the site's network: its sockets are of there."""
        handle = os.open(f"/proc/{self._pid}/ns/net", os.O_RDONLY)
        if ctypes.CDLL(None, use_errno=True).setns(handle, 0) != 0:
            raise OSError(ctypes.get_errno(), "setns")
        if os.sched_getscheduler(0) == os.SCHED_RR:
            # Of this thread alone: a witness that waits for the judge to end its turn sees everything too late.
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(os.sched_getparam(0).sched_priority + 2))
        rules, legacy = RuleEvents(), LegacyLock(f"/proc/{self._pid}/root/run/xtables.lock")
        with selectors.DefaultSelector() as waiting:
            waiting.register(rules, selectors.EVENT_READ)
            waiting.register(legacy, selectors.EVENT_READ)
            self._ready.set()
            while not self._ended.is_set():
                if waiting.select(_WAIT_SECONDS):
                    at = time.monotonic()
                    pids = [*(made.pid for made in rules.drain()), *(closed.pid for closed in legacy.drain())]
                    self.seen += [Seen(at, pid, parent_of(pid)) for pid in pids if pid is not None]
        rules.close()


def parent_of(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            parent = int(file.read().rpartition(")")[2].split()[1])
        with open(f"/proc/{parent}/cmdline", encoding="utf-8", errors="replace") as file:
            return file.read().replace("\0", " ")
    except (OSError, IndexError, ValueError):
        return ""
