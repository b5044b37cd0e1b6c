"""What a trace changes, written into the journal before it is done: a table of rules that goes with its process."""

import os

from pxedoctor.journal.store import Journal
from pxedoctor.model.target import Target
from pxedoctor.plans.record import JOURNAL_VERSION, Entry, Recorded
from pxedoctor.plans.request import Run
from pxedoctor.plans.step import Nothing
from pxedoctor.trace.rule_table import table_name

_WHY = "the table is its process's own (flags owner): it goes with it, however that ends"


def write_down(target: Target, at: str) -> None:
    """Raises JournalError where it cannot be written; then nothing may be changed. `at`: RFC 3339."""
    name = table_name(os.getpid())
    argv = ("nft", "add", "table", "inet", name, "{ flags owner; }")
    step = Recorded(
        describe=f"tables netdev, bridge and inet {name} mark packets of {target.mac or target.bridge} as to be traced",
        argv=argv,
        request=Run(argv),
        undo=Nothing(_WHY),
        state="nothing-to-undo",
        why=_WHY,
    )
    journal = Journal()
    entry = Entry(
        version=JOURNAL_VERSION,
        id=journal.new_id(at),
        started=at,
        finding="trace",
        headline=f"a trace of {target.id}",
        steps=(step,),
        outcome="traced",
    )
    journal.write(entry)
