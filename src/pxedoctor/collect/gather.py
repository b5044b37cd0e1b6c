"""Asks what is wanted, once, and makes a Host of it."""

from collections.abc import Callable

import msgspec

from pxedoctor.access.answer import Access, Answer
from pxedoctor.access.notebook import Notebook
from pxedoctor.collect.asking import Asking
from pxedoctor.collect.registry import COLLECTORS, Collector
from pxedoctor.model.fact import Missing, Unmodelled
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Libvirt
from pxedoctor.model.source import Source

Progress = Callable[[str], None]


class Gathered(msgspec.Struct, frozen=True, kw_only=True):
    """A host, what was looked at, and every text it was made of."""

    host: Host
    sources: tuple[Source, ...]
    answers: dict[str, Answer]


def gather(access: Access, wanted: frozenset[str], progress: Progress) -> Gathered:
    """Runs the wanted collectors; one that raises becomes a Missing of its own and stops nobody else."""
    return gathered(Asking(access), wanted, progress)


def gathered(asking: Asking, wanted: frozenset[str], progress: Progress) -> Gathered:
    """Waits for the wanted collectors, and makes a Host of their answers."""
    asking.begin(wanted)
    collectors = [collector for collector in COLLECTORS if collector.name in wanted]
    failures: dict[str, Exception | None] = {}
    for collector in collectors:
        progress(collector.name)
        failures[collector.name] = asking.ended(collector.name)
    facts: dict[str, object] = {}
    unmodelled: list[Unmodelled] = []
    sources: list[Source] = []
    for collector in collectors:
        fact, strange = _understood(collector, asking.notebook, failures[collector.name])
        facts[collector.name] = fact
        unmodelled += strange
        sources.append(_source(collector.name, fact, strange, asking.there is None))
    host = Host(**facts, unmodelled=tuple(unmodelled))  # type: ignore[arg-type]
    return Gathered(host=host, sources=tuple(sources), answers=asking.notebook.answers)


def _understood(
    collector: Collector, notebook: Notebook, failure: Exception | None
) -> tuple[object, tuple[Unmodelled, ...]]:
    try:
        if failure is not None:
            raise failure
        return _sorted_out(collector.parse(notebook.answers))
    except Exception as error:  # nor must one whose text nobody foresaw
        why = f"pxedoctor could not understand {collector.name}: {error!r}"
        return Missing("failed", why, "report this with `pxedoctor snapshot -o FILE`"), ()


def _sorted_out(parsed: object) -> tuple[object, tuple[Unmodelled, ...]]:
    """What was understood, and what was not."""
    if not isinstance(parsed, tuple):
        return parsed, ()
    strange = tuple(entry for entry in parsed if isinstance(entry, Unmodelled))
    return tuple(entry for entry in parsed if not isinstance(entry, Unmodelled)), strange


def _source(name: str, fact: object, strange: tuple[Unmodelled, ...], by_wake: bool) -> Source:
    """`by_wake`: it is the system's libvirt that --wake would wake."""
    if isinstance(fact, Missing):
        return Source(name=name, status=fact.status, why=fact.why)
    if strange:
        why = "; ".join(f"{entry.kind} {entry.name} was not understood: {entry.why}" for entry in strange)
        return Source(name=name, status="failed", why=why)
    if isinstance(fact, Libvirt) and fact.sleeping:
        return Source(
            name=name,
            status="asleep",
            why=f"{', '.join(fact.sleeping)}: not woken{' (--wake would)' if by_wake else ''}, its files were read",
        )
    return Source(name=name, status="empty" if fact == () else "ok")
