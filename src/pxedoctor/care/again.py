"""Looks at a host again and again: only what changed is read anew, the rest is as it was seen last."""

import msgspec

from pxedoctor.access.answer import Access
from pxedoctor.care.examine import Examined, silent
from pxedoctor.checks import CHECKS
from pxedoctor.collect.gather import gather
from pxedoctor.diagnose.engine import diagnose, needed_facts
from pxedoctor.diagnose.selection import Selection, select
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.source import Source
from pxedoctor.model.target import Facts


class Looking:
    """One host over time. Not for several threads at once."""

    def __init__(self, access: Access, selection: Selection) -> None:
        self._access = access
        self._selection = selection
        self._host = Host()
        self._sources: dict[str, Source] = {}

    def look(self, collected_at: str, wanted: frozenset[str] | None = None, planned: bool = True) -> Examined:
        """`wanted`: the facts to be read again, None for all. Raises SelectionError as `examine` does.

        Not `planned`: no repairs are made up, which is a third of the work.
        """
        asked = needed_facts() if wanted is None or not self._sources else (wanted & needed_facts()) | self._failed()
        gathered = gather(self._access, asked, silent)
        fresh = {name: getattr(gathered.host, name) for name in asked}
        strange = tuple(entry for entry in self._host.unmodelled if entry.kind not in _kinds(asked))
        self._host = msgspec.structs.replace(self._host, **fresh, unmodelled=(*strange, *gathered.host.unmodelled))
        self._sources |= {source.name: source for source in gathered.sources}
        facts = Facts(host=self._host)
        targets = select(self._host, self._selection)
        report = diagnose(facts, targets, tuple(self._sources.values()), collected_at, planned=planned)
        return Examined(report=report, facts=facts, answers=gathered.answers)

    def _failed(self) -> frozenset[str]:
        """What could not be read the last time, on a busy host perhaps, is asked for again."""
        facts = ((name, getattr(self._host, name)) for name in self._sources)
        return frozenset(name for name, fact in facts if isinstance(fact, Missing) and fact.status == "failed")


def facts_of(finding: str) -> frozenset[str]:
    """What the check behind a Finding.id looks at; all facts where no check has that code."""
    code = finding.partition(":")[0]
    metas = (check.META for check in CHECKS if check.META.code == code)
    return next((frozenset((*meta.needs, *meta.consults)) for meta in metas), needed_facts())


def _kinds(asked: frozenset[str]) -> frozenset[str]:
    """The kinds of Unmodelled that these collectors tell of."""
    return frozenset(fact.removesuffix("s") for fact in asked)
