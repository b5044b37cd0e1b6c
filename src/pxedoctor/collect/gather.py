"""Asks what is wanted, once, and makes a Host of it."""

from collections.abc import Callable

import msgspec

from pxedoctor.access.answer import Access, Answer
from pxedoctor.access.notebook import Notebook
from pxedoctor.collect.registry import COLLECTORS
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
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
    for collector in COLLECTORS:
        if collector.name not in wanted:
            continue
        progress(collector.name)
        try:
            collector.ask(notebook)
            facts[collector.name] = collector.parse(notebook.answers)
        except Exception as error:  # a broken collector must not take the others with it
            facts[collector.name] = Missing("failed", f"pxedoctor could not understand {collector.name}: {error!r}")
    sources = tuple(_source(name, fact) for name, fact in facts.items())
    return Gathered(host=Host(**facts), sources=sources, answers=notebook.answers)  # type: ignore[arg-type]


def _source(name: str, fact: object) -> Source:
    if isinstance(fact, Missing):
        return Source(name=name, status=fact.status, why=fact.why)
    return Source(name=name, status="empty" if fact == () else "ok")
