"""A table's rules judged shape by shape must be judged as each alone."""

import json
import struct
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from pxedoctor.access.nft_expression import foreign
from pxedoctor.access.nft_judge import Judge

RECORDED = [
    json.loads(line) for line in (Path(__file__).parent / "data" / "expressions.jsonl").read_text().splitlines()
]


@pytest.mark.parametrize("family", ["ip", "ip6", "bridge", "arp"])
def test_what_was_judged_before_changes_nothing(family: str) -> None:
    rules = [bytes.fromhex(entry["expressions"]) for entry in RECORDED if entry["family"] == family]
    judge = Judge(family)
    for rule in (*rules, *reversed(rules)):
        assert judge.foreign(rule) == foreign(family, rule)


@pytest.mark.parametrize("entry", RECORDED, ids=lambda entry: f"{entry['family']} {entry['rule']}")
def test_a_byte_that_decides_is_never_passed_over(entry: dict[str, str]) -> None:
    """Every byte of a rule changed, one after the other: also then the shape that is known must not hide what it is."""
    family, rule = entry["family"], bytes.fromhex(entry["expressions"])
    judge = Judge(family)
    judge.foreign(rule)
    for at in range(len(rule)):
        changed = rule[:at] + bytes([rule[at] ^ 1]) + rule[at + 1 :]
        assert _said(judge.foreign, changed) == _said(partial(foreign, family), changed)


def _said(judged: Callable[[bytes], str], rule: bytes) -> str:
    try:
        return judged(rule)
    except struct.error:
        return "broken off"
