"""The cases of tests/netfilter/cases: what a firewall person expects, line by line.

tests/netfilter/test_walk_kernel.py asks the kernel about the same lines.
"""

import pytest

from judge.cases import Case, cases
from judge.ways import Fate
from pxedoctor.netfilter.walk import Decision


def text_of(decision: Decision) -> str:
    return decision.rule.text if decision.rule is not None else f"policy of {decision.chain}"


def told_by(fate: Fate) -> set[str]:
    """The texts that decide; of an accept every base chain's that lets it pass."""
    if fate.decision is not None:
        return {text_of(fate.decision)}
    return {text_of(decision) for decision in fate.decisions} or {"nothing"}


@pytest.mark.parametrize("case", cases(), ids=str)
def test_each_line(case: Case) -> None:
    fate = case.foretold()
    assert (fate.verdict, case.rule in told_by(fate)) == (case.fate, True), (told_by(fate), fate.why)


def test_there_are_enough_of_each() -> None:
    fates = [case.fate for case in cases()]
    assert min(fates.count("accept"), fates.count("drop")) > 30
    assert fates.count("unknown") > 5
