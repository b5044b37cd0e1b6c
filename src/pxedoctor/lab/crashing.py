"""A command of pxedoctor's that is ended with SIGKILL at a chosen moment: run in a site, by the drill.

    python -m pxedoctor.lab.crashing never 0 WORDS ...       to its end
    python -m pxedoctor.lab.crashing before N WORDS ...      at the N-th write of the journal, before it is made
    python -m pxedoctor.lab.crashing after N WORDS ...       the same, after it is on disk
    python -m pxedoctor.lab.crashing within S WORDS ...      S seconds after the first write, wherever it is then

The journal is written before and after each step, so that its writes are the boundaries of the steps. A run that came
to its end tells, as the last line of standard error, {"writes": how many, "seconds": from the first to the last}.
"""

import importlib
import json
import os
import signal
import sys
import time

from pxedoctor.journal.store import Journal
from pxedoctor.plans.record import Entry

_END = signal.SIGKILL
_FIRST_FILE, _MOST_FILES = 3, 4096


class _Moment:
    """When it ends, and what was written so far."""

    def __init__(self, kind: str, number: float) -> None:
        self._kind = kind
        self._number = number
        self._times: list[float] = []

    def reached(self, kind: str) -> None:
        if kind == self._kind and len(self._times) == self._number:
            os.kill(os.getpid(), _END)

    def written(self) -> None:
        self._times.append(time.monotonic())
        if self._kind == "within" and len(self._times) == 1:
            _end_later(self._number)

    def told(self) -> str:
        seconds = self._times[-1] - self._times[0] if self._times else 0.0
        return json.dumps({"writes": len(self._times), "seconds": seconds})


def _end_later(seconds: float) -> None:
    """By another process, which nothing here holds up. A pidfd, because the number may be another's by then."""
    this = os.pidfd_open(os.getpid())
    if os.fork() == 0:
        # Nothing of what the killed one holds, the journal's lock above all, may be held here.
        os.closerange(_FIRST_FILE, this)
        os.closerange(this + 1, _MOST_FILES)
        time.sleep(seconds)
        try:
            signal.pidfd_send_signal(this, _END)
        finally:
            os._exit(0)
    os.close(this)


def main() -> None:
    kind, number, *words = sys.argv[1:]
    moment = _Moment(kind, float(number))
    write = Journal.write

    def watched(journal: Journal, entry: Entry) -> None:
        moment.written()
        moment.reached("before")
        write(journal, entry)
        moment.reached("after")

    # In this process alone, which does nothing else.
    setattr(Journal, "write", watched)  # noqa: B010
    sys.argv = ["pxedoctor", *words]
    try:
        # By name, as the standby does: the lab is below the command line.
        importlib.import_module("pxedoctor.cli").main()
    finally:
        print(moment.told(), file=sys.stderr)


if __name__ == "__main__":
    main()
