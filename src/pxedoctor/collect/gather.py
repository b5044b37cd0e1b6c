"""Asks what is wanted, once, and makes a Host of it."""

import threading
from collections.abc import Callable

import msgspec

from pxedoctor.access.answer import Access, Answer
from pxedoctor.access.notebook import Notebook
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
    return Asking(access).gathered(wanted, progress)


class Asking:
    """Puts questions, a thread a collector, because asking is waiting for other programs.

    The threads are daemons: Ctrl-C ends the program without waiting for an answer.
    """

    def __init__(self, access: Access) -> None:
        self.access = access
        self._notebook = Notebook(access)
        self._threads: dict[str, threading.Thread] = {}
        self._failures: dict[str, Exception] = {}

    def begin(self, wanted: frozenset[str]) -> None:
        """Starts the collectors that have not begun; returns at once."""
        for collector in COLLECTORS:
            if collector.name in wanted and collector.name not in self._threads:
                thread = threading.Thread(target=self._ask, args=(collector,), daemon=True)
                self._threads[collector.name] = thread
                thread.start()

    def gathered(self, wanted: frozenset[str], progress: Progress) -> Gathered:
        """Waits for the wanted collectors, and makes a Host of their answers."""
        self.begin(wanted)
        collectors = [collector for collector in COLLECTORS if collector.name in wanted]
        for collector in collectors:
            progress(collector.name)
            self._threads[collector.name].join()
        facts: dict[str, object] = {}
        unmodelled: list[Unmodelled] = []
        sources: list[Source] = []
        for collector in collectors:
            fact, strange = _understood(collector, self._notebook, self._failures.get(collector.name))
            facts[collector.name] = fact
            unmodelled += strange
            sources.append(_source(collector.name, fact, strange))
        host = Host(**facts, unmodelled=tuple(unmodelled))  # type: ignore[arg-type]
        return Gathered(host=host, sources=tuple(sources), answers=self._notebook.answers)

    def _ask(self, collector: Collector) -> None:
        try:
            collector.ask(self._notebook)
        except Exception as error:  # a broken collector must not take the others with it
            self._failures[collector.name] = error


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


def _source(name: str, fact: object, strange: tuple[Unmodelled, ...]) -> Source:
    if isinstance(fact, Missing):
        return Source(name=name, status=fact.status, why=fact.why)
    if strange:
        why = "; ".join(f"{entry.kind} {entry.name} was not understood: {entry.why}" for entry in strange)
        return Source(name=name, status="failed", why=why)
    if isinstance(fact, Libvirt) and fact.sleeping:
        return Source(name=name, status="asleep", why=f"{', '.join(fact.sleeping)}: not woken, its files were read")
    return Source(name=name, status="empty" if fact == () else "ok")
