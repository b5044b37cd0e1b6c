"""Looks at a host and diagnoses it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from pxedoctor.access.answer import Access, Answer
from pxedoctor.care.begin import begun
from pxedoctor.collect.asking import Asking
from pxedoctor.collect.gather import Gathered, Progress, gathered
from pxedoctor.diagnose.selection import Selection
from pxedoctor.model.target import Facts, Target
from pxedoctor.model.traced import Traced
from pxedoctor.verdict.report import Report

if TYPE_CHECKING:
    from pxedoctor.care.probing import Probing, Seen

Clock = Callable[[], str]


def silent(_: str) -> None:
    """A Progress that tells nobody."""


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """A host and what of it was asked about, before anything is said of it."""

    gathered: Gathered
    targets: tuple[Target, ...]


class Examined(msgspec.Struct, frozen=True, kw_only=True):
    """A report, the facts it rests on, and the texts those were made of."""

    report: Report
    facts: Facts
    answers: dict[str, Answer]


def examine(
    access: Access | Asking,
    selection: Selection,
    collected_at: str,
    progress: Progress = silent,
    probing: "Probing | None" = None,
    trace: bool = False,
) -> Examined:
    """With `probing`, packets are asked, too, and with `trace` they are watched. `access`: also what `begun` has begun.

    Raises SelectionError where the host lacks what was asked about.
    """
    asking = access if isinstance(access, Asking) else begun(access)
    return examined_by(asking.access, look(asking, selection, progress), collected_at, progress, probing, trace)


def examined_by(
    access: Access, looked: Looked, collected_at: str, progress: Progress, probing: "Probing | None", trace: bool
) -> Examined:
    """What was looked at is judged, with what packets do where they are to be asked."""
    if probing is None:
        return judge(looked, collected_at)
    from pxedoctor.care.probing import probe_targets

    progress("what a probe gets")
    if trace:
        from pxedoctor.care.traced_probe import probe_traced

        seen, traces = probe_traced(access, looked, probing, collected_at)
        return judge(looked, collected_at, seen, traces)
    return judge(looked, collected_at, probe_targets(looked.gathered.host, looked.targets, probing))


def look(access: Access | Asking, selection: Selection, progress: Progress = silent) -> Looked:
    """Raises SelectionError where the host does not have what was asked about."""
    asking = access if isinstance(access, Asking) else begun(access)
    # Imported while the host's programs run: checks and roads are half of what starting costs.
    from pxedoctor.diagnose.engine import needed_facts
    from pxedoctor.diagnose.selected import select

    found = gathered(asking, needed_facts(), progress)
    return Looked(gathered=found, targets=select(found.host, selection))


def judge(looked: Looked, collected_at: str, seen: "Seen | None" = None, traces: tuple[Traced, ...] = ()) -> Examined:
    from pxedoctor.diagnose.engine import diagnose

    gathered = looked.gathered
    facts = Facts(host=gathered.host, observations=seen.observations if seen else (), traces=traces)
    sources = (*gathered.sources, *(seen.sources if seen else ()))
    report = diagnose(facts, looked.targets, sources, collected_at)
    return Examined(report=report, facts=facts, answers=gathered.answers)
