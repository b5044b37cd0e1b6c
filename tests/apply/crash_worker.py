"""Carries out one repair on a site and ends itself with SIGKILL at the n-th write of the journal, before it or after.

crash_worker.py N (before|after): 0 for a repair that is not cut off. Prints how many writes there were.
"""

import os
import signal
import sys

from pxedoctor.access.live import LiveHost
from pxedoctor.care.examine import examine
from pxedoctor.care.treat import Surgery, treat
from pxedoctor.diagnose.selection import Selection
from pxedoctor.journal.store import Journal
from pxedoctor.plans.record import Entry


class Crashing(Journal):
    def __init__(self, at: int, when: str) -> None:
        super().__init__()
        self.at, self.when, self.count = at, when, 0

    def write(self, entry: Entry) -> None:
        self.count += 1
        if self.count == self.at and self.when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        super().write(entry)
        if self.count == self.at and self.when == "after":
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    at, when = int(sys.argv[1]), sys.argv[2]
    journal = Crashing(at, when)
    selection = Selection()
    examined = examine(LiveHost(), selection, "2024-01-01T00:00:00Z")
    surgery = Surgery(access=LiveHost(), selection=selection, journal=journal, clock=lambda: "2024-01-01T00:00:00Z")
    wanted = [found for found in examined.report.findings if found.finding.meta.name == sys.argv[3]]
    with journal.locked():
        treated = treat(wanted[0], examined.facts, surgery, f"crash-{at}-{when}")
    sys.stdout.write(f"{treated.outcome} {journal.count}")


main()
