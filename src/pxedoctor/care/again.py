"""Looks at a host again and again: only what changed is read anew, and only whom it touches is judged anew."""

import time

import msgspec

from pxedoctor.access.answer import Access
from pxedoctor.care.examine import silent
from pxedoctor.checks import CHECKS
from pxedoctor.collect.ask.firewalld import STATE
from pxedoctor.collect.gather import Gathered, gather
from pxedoctor.diagnose.engine import needed_facts, with_plan
from pxedoctor.diagnose.selected import select
from pxedoctor.diagnose.selection import Selection
from pxedoctor.diagnose.standing import Stand, stand
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.target import Facts
from pxedoctor.verdict.report import Diagnosed

_A_WHILE_SECONDS = 1.0


class Looking:
    """One host over time. Not for several threads at once."""

    def __init__(self, access: Access, selection: Selection) -> None:
        self._access = access
        self._selection = selection
        self._host = Host()
        self._asked: frozenset[str] = frozenset()
        self._read: frozenset[str] = frozenset()
        self._looked = 0.0
        self._stand: Stand | None = None

    @property
    def facts(self) -> Facts:
        """As they were read last."""
        return Facts(host=self._host)

    @property
    def began(self) -> float:
        """When the last look began to read, on the steady clock: what was done before it has seen."""
        return self._looked

    def just_read(self) -> frozenset[str]:
        """The facts that the last look has read; empty where that was a while ago."""
        return self._read if time.monotonic() - self._looked < _A_WHILE_SECONDS else frozenset()

    def look(self, wanted: frozenset[str] | None = None) -> Stand:
        """`wanted`: the facts to be read again, None for all. Raises SelectionError as `examine` does."""
        asked = needed_facts() if wanted is None or not self._asked else (wanted & needed_facts()) | self._failed()
        if {"netfilter", "firewalld"} <= asked:
            self._await_firewalld()
        self._read, self._looked = asked, time.monotonic()
        if asked:
            self._take_in(asked, gather(self._access, asked, silent))
        self._stand = stand(self._host, select(self._host, self._selection), self._stand)
        return self._stand

    def _await_firewalld(self) -> None:
        """It answers when it has done what it was asked for: rules that were read meanwhile would be half of a reload,
        and have to be read again."""
        firewalld = self._host.firewalld
        if not isinstance(firewalld, Missing) and firewalld.running:
            self._access.run(STATE)

    def planned(self, finding: str) -> Diagnosed | None:
        """The repair of a Finding.id, by the facts that were read last; None where it does not stand."""
        found = next((one for one in self._stand.findings() if one.id == finding), None) if self._stand else None
        return with_plan(found, self.facts, select(self._host, self._selection), CHECKS) if found else None

    def _take_in(self, asked: frozenset[str], gathered: Gathered) -> None:
        fresh = {name: getattr(gathered.host, name) for name in asked}
        strange = tuple(entry for entry in self._host.unmodelled if entry.kind not in _kinds(asked))
        self._host = msgspec.structs.replace(self._host, **fresh, unmodelled=(*strange, *gathered.host.unmodelled))
        self._asked |= asked

    def _failed(self) -> frozenset[str]:
        """What could not be read the last time, on a busy host perhaps, is asked for again."""
        facts = ((name, getattr(self._host, name)) for name in self._asked)
        return frozenset(name for name, fact in facts if isinstance(fact, Missing) and fact.status == "failed")


def facts_of(finding: str) -> frozenset[str]:
    """What the check behind a Finding.id looks at; all facts where no check has that code."""
    code = finding.partition(":")[0]
    metas = (check.META for check in CHECKS if check.META.code == code)
    return next((frozenset((*meta.needs, *meta.consults)) for meta in metas), needed_facts())


def _kinds(asked: frozenset[str]) -> frozenset[str]:
    """The kinds of Unmodelled that these collectors tell of."""
    return frozenset(fact.removesuffix("s") for fact in asked)
