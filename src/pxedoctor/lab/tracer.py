"""A trace of a guest, run inside a site: prints `ready`, watches until its standard input ends, and prints what it saw.

What it prints is the witnesses' own words, not joined: whoever reads it can take one of them away.
"""

import datetime
import os
import signal
import sys
import threading

import msgspec

from pxedoctor.access.live import LiveHost
from pxedoctor.care.tracing import Tracing, watch_host
from pxedoctor.diagnose.selection import Selection
from pxedoctor.model.target import Target
from pxedoctor.model.traced import Traced
from pxedoctor.road.unseen import Serving

_MOST_SECONDS = 300.0


class Saw(msgspec.Struct, frozen=True):
    traced: Traced
    side: Serving


def main() -> None:
    tracing = Tracing(seconds=_MOST_SECONDS, begin=_ready)
    at = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    watched = watch_host(LiveHost(), Selection(guests=(sys.argv[1],), alone=True), tracing, at)
    sys.stdout.buffer.write(msgspec.json.encode(Saw(watched.traced, watched.side)) + b"\n")


def _ready(_: Target) -> None:
    threading.Thread(target=_interrupt_at_the_end_of_input, daemon=True).start()
    print("ready", flush=True)


def _interrupt_at_the_end_of_input() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGINT)


if __name__ == "__main__":
    main()
