"""Asks what is wanted, once, and makes a Host of it."""

from collections.abc import Callable

import msgspec

from pxedoctor.access.answer import Access, Answer
from pxedoctor.access.notebook import Notebook
from pxedoctor.collect.registry import COLLECTORS
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
    notebook = Notebook(access)
    facts: dict[str, object] = {}
    unmodelled: list[Unmodelled] = []
    sources: list[Source] = []
    for collector in COLLECTORS:
        if collector.name not in wanted:
            continue
        progress(collector.name)
        try:
            collector.ask(notebook)
            fact, strange = _sorted_out(collector.parse(notebook.answers))
        except Exception as error:  # a broken collector must not take the others with it
            why = f"pxedoctor could not understand {collector.name}: {error!r}"
            fact, strange = Missing("failed", why, "report this with `pxedoctor snapshot -o FILE`"), ()
        facts[collector.name] = fact
        unmodelled += strange
        sources.append(_source(collector.name, fact, strange))
    host = Host(**facts, unmodelled=tuple(unmodelled))  # type: ignore[arg-type]
    return Gathered(host=host, sources=tuple(sources), answers=notebook.answers)


def _sorted_out(parsed: object) -> tuple[object, tuple[Unmodelled, ...]]:
    """What was understood, and what was not."""
    if not isinstance(parsed, tuple):
        return parsed, ()
    strange = tuple(entry for entry in parsed if isinstance(entry, Unmodelled))
    return tuple(entry for entry in parsed if not isinstance(entry, Unmodelled)), strange


def _source(name: str, fact: object, strange: tuple[Unmodelled, ...]) -> Source:
    if isinstance(fact, Missing):
        return Source(name=name, status=fact.status, why=fact.why)
    if strange:
        why = "; ".join(f"{entry.kind} {entry.name} was not understood: {entry.why}" for entry in strange)
        return Source(name=name, status="failed", why=why)
    if isinstance(fact, Libvirt) and fact.sleeping:
        return Source(name=name, status="asleep", why=f"{', '.join(fact.sleeping)}: not woken, its files were read")
    return Source(name=name, status="empty" if fact == () else "ok")
