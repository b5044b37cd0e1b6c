"""Looks at a host and diagnoses it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from pxedoctor.access.answer import Access, Answer
from pxedoctor.collect.gather import Asking, Progress
from pxedoctor.diagnose.always import ALWAYS
from pxedoctor.diagnose.selection import Selection
from pxedoctor.model.target import Facts
from pxedoctor.verdict.report import Report

if TYPE_CHECKING:
    from pxedoctor.care.probing import Probing

Clock = Callable[[], str]


def silent(_: str) -> None:
    """A Progress that tells nobody."""


class Examined(msgspec.Struct, frozen=True, kw_only=True):
    """A report, the facts it rests on, and the texts those were made of."""

    report: Report
    facts: Facts
    answers: dict[str, Answer]


def examine(
    access: Access,
    selection: Selection,
    collected_at: str,
    progress: Progress = silent,
    probing: "Probing | None" = None,
) -> Examined:
    """With `probing`, packets are asked, too. Raises SelectionError where the host lacks what was asked about."""
    asking = Asking(access)
    asking.begin(ALWAYS)
    # Imported while the host's programs run: checks and roads are half of what starting costs.
    from pxedoctor.diagnose.engine import diagnose, needed_facts
    from pxedoctor.diagnose.selection import select

    gathered = asking.gathered(needed_facts(), progress)
    facts = Facts(host=gathered.host)
    targets = select(gathered.host, selection)
    sources = gathered.sources
    if probing is not None:
        from pxedoctor.care.probing import probe_targets

        progress("what a probe gets")
        seen = probe_targets(gathered.host, targets, probing)
        facts = Facts(host=gathered.host, observations=seen.observations)
        sources = (*sources, *seen.sources)
    report = diagnose(facts, targets, sources, collected_at)
    return Examined(report=report, facts=facts, answers=gathered.answers)
