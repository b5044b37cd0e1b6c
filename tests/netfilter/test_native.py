"""Native tables: which base chains could drop anything at all, and JSON that is none."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxedoctor.model.netfilter import RulesText
from pxedoctor.netfilter.native import could_drop, parse_native
from pxedoctor.netfilter.tree import RulesError
from rulesets import base_chain, native, native_rule, own_chain

ACCEPT: dict[str, object] = {"accept": None}
JUMP: dict[str, object] = {"jump": {"target": "a"}}
MATCH: dict[str, object] = {"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "virbr0"}}


@pytest.mark.parametrize(
    ("objects", "dangerous"),
    [
        pytest.param((base_chain("in"),), False, id="Debian's empty /etc/nftables.conf"),
        pytest.param((base_chain("in", policy="drop"),), True, id="policy drop"),
        pytest.param((base_chain("in"), native_rule("in", MATCH, {"counter": {}}, ACCEPT)), False, id="only accepts"),
        pytest.param((base_chain("in"), native_rule("in", MATCH, {"drop": None})), True, id="a drop"),
        pytest.param((base_chain("in"), native_rule("in", {"queue": {"num": 1}})), True, id="queue"),
        pytest.param((base_chain("in"), native_rule("in", {"vmap": {"key": {}, "data": "@m"}})), True, id="map"),
        pytest.param((base_chain("in"), own_chain("a"), native_rule("in", JUMP)), False, id="leads nowhere"),
        pytest.param(
            (base_chain("in"), own_chain("a"), native_rule("in", JUMP), native_rule("a", {"reject": None})), True,
            id="leads to a reject",
        ),
        pytest.param((base_chain("in"), own_chain("a"), native_rule("a", {"drop": None})), False, id="not led to"),
        pytest.param((base_chain("in"), native_rule("in", JUMP)), True, id="leads to a chain that was not listed"),
        pytest.param(
            (base_chain("in"), own_chain("a"), native_rule("in", JUMP), native_rule("a", JUMP)), False, id="a circle"
        ),
    ],
)  # fmt: skip
def test_could_drop(objects: tuple[dict[str, object], ...], dangerous: bool) -> None:
    (table,) = parse_native(native("inet", "t", *objects))
    (chain,) = table.base_chains("input")
    assert could_drop(table, chain) is dangerous


@pytest.mark.parametrize(
    ("text", "line"),
    [("", 1), ('{"nftables":\n [', 2), ("[]", 1), ('{"nftables": {}}', 1), ("[" * 100000, 1)],
    ids=["nothing", "cut short", "a list", "no array", "deep"],
)
def test_what_is_no_listing(text: str, line: int) -> None:
    with pytest.raises(RulesError) as caught:
        parse_native(RulesText(family="ip", dialect="nft-json", variant="native", origin="nft", text=text))
    assert caught.value.line == line


_VALUES = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["jump", "target", "drop", "expr", "x"]), inner),
)


@given(st.lists(st.dictionaries(st.sampled_from(["table", "chain", "rule", "map"]), _VALUES)), _VALUES)
def test_any_json_gives_tables_each_with_an_answer(objects: list[dict[str, object]], statement: object) -> None:
    listing = native("ip", "t", base_chain("in"), native_rule("in", {"anything": statement}))
    entries = listing.text[:-2] + "".join(f", {json.dumps(entry)}" for entry in objects) + "]}"
    for table in parse_native(RulesText(family="ip", dialect="nft-json", variant="native", origin="", text=entries)):
        for chain in table.base_chains("input"):
            assert could_drop(table, chain) in {True, False}
