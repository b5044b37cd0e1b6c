"""A table's rules judged shape by shape must be judged as each alone."""

import json
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from pxedoctor.access.netlink_attribute import ATTRIBUTE, attribute
from pxedoctor.access.nft_expression import foreign
from pxedoctor.access.nft_judge import HEAD, Judge

RECORDED = [
    json.loads(line) for line in (Path(__file__).parent / "data" / "expressions.jsonl").read_text().splitlines()
]


def message(expressions: bytes) -> bytes:
    """A rule's message, as far as it says anything: its chain, its handle and its expressions."""
    contents = {2: b"INPUT\0\0\0", 3: bytes(7) + b"\x09", 4: expressions}
    packed = (ATTRIBUTE.pack(4 + len(content), kind) + content for kind, content in contents.items())
    return bytes(HEAD) + b"".join(packed)


@pytest.mark.parametrize("family", ["ip", "ip6", "bridge", "arp"])
def test_what_was_judged_before_changes_nothing(family: str) -> None:
    rules = [message(bytes.fromhex(entry["expressions"])) for entry in RECORDED if entry["family"] == family]
    judge = Judge(family)
    for rule in (*rules, *reversed(rules)):
        assert judge.foreign(rule) == foreign(family, attribute(rule, 4, HEAD))


@pytest.mark.parametrize("entry", RECORDED, ids=lambda entry: f"{entry['family']} {entry['rule']}")
def test_a_byte_that_decides_is_never_passed_over(entry: dict[str, str]) -> None:
    """Every byte of a rule changed, one after the other: also then the shape that is known must not hide what it is."""
    family, rule = entry["family"], message(bytes.fromhex(entry["expressions"]))
    judge = Judge(family)
    judge.foreign(rule)
    for at in range(len(rule)):
        changed = rule[:at] + bytes([rule[at] ^ 1]) + rule[at + 1 :]
        alone = _said(lambda other: foreign(family, attribute(other, 4, HEAD)), changed)
        assert _said(judge.foreign, changed) in {alone, "broken off"}


def _said(judged: Callable[[bytes], str], rule: bytes) -> str:
    try:
        return judged(rule)
    except struct.error:
        return "broken off"
