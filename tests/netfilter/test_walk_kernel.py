"""The kernel is the judge: random rulesets loaded for real, packets really sent, their fate against the evaluator's.

How it works, and how to run it without end: tests/judge, scripts/soak. To repeat a failure: `scripts/soak SEED 1`.
"""

import itertools
from collections import Counter

import pytest

from judge.cases import cases, on_court
from judge.court import court
from judge.packets import message
from judge.ruleset import LOADS, clear
from judge.trial import trial

pytestmark = pytest.mark.lab

_RULESETS, _PACKETS = 50, 20
# What the evaluator may call unknown, or it would be worth nothing. The grammar holds on purpose what nobody can
# foretell: limits, sets that change, chance, chains of which nft's JSON names no device.
_MOST_UNKNOWN = 0.15


@pytest.mark.parametrize("first_seed", [20261125, 20271125, 20281125])
def test_the_evaluator_agrees_with_the_kernel(first_seed: int) -> None:
    counted: Counter[str] = Counter()
    with court() as opened:
        for seed in range(first_seed, first_seed + _RULESETS):
            counted += trial(opened, seed, _PACKETS)
    copies = counted["accept"] + counted["drop"] + counted["unknown"]
    assert counted["pairs"] == _RULESETS * _PACKETS
    assert counted["unknown"] < copies * _MOST_UNKNOWN, counted
    # A judge that always or never sees the packet, or traces nothing, would judge nothing.
    assert copies * 0.25 < counted["arrived"] < copies * 0.75, counted
    assert counted["traced"] > 30, counted


def test_the_kernel_says_so_of_every_case() -> None:
    """The lines of tests/netfilter/cases. Of what is unknown the kernel may say either."""
    with court() as opened:
        for rulesets, of_rulesets in itertools.groupby(cases(), key=lambda case: case.rulesets):
            clear(opened)
            several = tuple(of_rulesets)
            for program, text in several[0].texts():
                opened.run(LOADS[program], text=on_court(text, opened.layout))
            for case in several:
                opened.switch(case.switches)
                (places,) = opened.ask(send=[message(case.sent, next(opened.numbers))])["arrived"]
                found = "accept" if case.to in places else "drop"
                assert case.fate in {found, "unknown"}, f"{rulesets}: {case}"
