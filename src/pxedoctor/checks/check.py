"""What every file under checks/ offers: META, check, plan, and a docstring in six headings."""

from typing import Protocol

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta
from pxedoctor.findings.outcome import Outcome
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan


class Check(Protocol):
    """A module is a check. `plan` is called only with a finding that this check made."""

    __doc__: str | None
    META: Meta

    def check(self, facts: Facts, target: Target) -> Outcome: ...

    def plan(self, finding: Finding, facts: Facts) -> Plan | NoPlan: ...
