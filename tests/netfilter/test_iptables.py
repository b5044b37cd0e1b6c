"""iptables-save text to tables: each chain at its hook, each rule with its line; what is no listing names the line."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pxedoctor.netfilter.condition import Unmodelled
from pxedoctor.netfilter.iptables import parse_iptables
from pxedoctor.netfilter.syntax import End, Ends, ListingError, Strange, Table
from rulesets import LIBVIRT, UFW
from ruletexts import OWNERS

DATA = Path(__file__).parent / "data/save"


def parsed(text: str, family: str = "ip", variant: str = "nft") -> dict[str, Table]:
    tables = parse_iptables(text, family, "iptables-save", variant)  # type: ignore[arg-type]
    return {table.name: table for table in tables}


def test_the_chains_of_libvirts_rules_stand_where_the_kernel_hooks_them() -> None:
    tables = parsed(LIBVIRT)
    assert list(tables) == ["mangle", "filter", "nat"]
    hooks = {
        (table.name, chain.name): (chain.hook, chain.priority, chain.kind)
        for table in tables.values()
        for chain in table.chains.values()
        if chain.hook
    }
    assert hooks == {
        ("mangle", "PREROUTING"): ("prerouting", -150, "filter"),
        ("mangle", "INPUT"): ("input", -150, "filter"),
        ("mangle", "FORWARD"): ("forward", -150, "filter"),
        ("mangle", "OUTPUT"): ("output", -150, "route"),
        ("mangle", "POSTROUTING"): ("postrouting", -150, "filter"),
        ("filter", "INPUT"): ("input", 0, "filter"),
        ("filter", "FORWARD"): ("forward", 0, "filter"),
        ("filter", "OUTPUT"): ("output", 0, "filter"),
        ("nat", "PREROUTING"): ("prerouting", -100, "nat"),
        ("nat", "INPUT"): ("input", 100, "nat"),
        ("nat", "OUTPUT"): ("output", -100, "nat"),
        ("nat", "POSTROUTING"): ("postrouting", 100, "nat"),
    }


def test_a_base_chain_has_its_policy_and_a_users_chain_none() -> None:
    chains = parsed(UFW)["filter"].chains
    assert (chains["INPUT"].policy, chains["OUTPUT"].policy) == ("drop", "accept")
    assert (chains["ufw-before-input"].policy, chains["ufw-before-input"].hook) == ("", "")
    assert chains["INPUT"].text == ":INPUT DROP [0:0]"


def test_the_nft_variant_hooks_its_security_table_later() -> None:
    listing = "*security\n:INPUT ACCEPT [0:0]\nCOMMIT\n"
    assert parsed(listing)["security"].chains["INPUT"].priority == 150
    assert parsed(listing, variant="legacy")["security"].chains["INPUT"].priority == 50


def test_every_rule_has_its_line_and_its_words() -> None:
    lines = LIBVIRT.splitlines()
    rules = [rule for table in parsed(LIBVIRT).values() for chain in table.chains.values() for rule in chain.rules]
    assert len(rules) == 26
    assert all(rule.text == lines[rule.line - 1] for rule in rules)


def test_a_table_says_where_it_is_from() -> None:
    table = parse_iptables("*raw\n:OUTPUT ACCEPT\nCOMMIT\n", "ip6", "ip6tables-legacy-save", "legacy")[0]
    assert (table.family, table.origin, table.variant) == ("ip6", "ip6tables-legacy-save", "legacy")
    assert table.dialect == "iptables"


def test_counters_before_a_rule_are_passed_over() -> None:
    text = "*filter\n:INPUT ACCEPT [1:2]\n[12:345] -A INPUT -i lo -j ACCEPT\nCOMMIT\n"
    (rule,) = parsed(text)["filter"].chains["INPUT"].rules
    assert (rule.line, rule.text) == (3, "-A INPUT -i lo -j ACCEPT")
    assert rule.parts[-1] == End(Ends.ACCEPT)


def test_an_unclosed_quote_is_a_rule_that_nobody_knows() -> None:
    text = '*filter\n:INPUT ACCEPT\n-A INPUT -m comment --comment "x -j DROP\nCOMMIT\n'
    (rule,) = parsed(text)["filter"].chains["INPUT"].rules
    assert rule.parts == (Unmodelled(rule.text), Strange(rule.text))


def test_a_set_that_rules_fill_is_not_what_it_was() -> None:
    text = (
        "*raw\n:PREROUTING ACCEPT\n-A PREROUTING -p udp -j SET --add-set seen src --exist\nCOMMIT\n"
        "*filter\n:INPUT ACCEPT\n-A INPUT -m set --match-set seen src -j DROP\nCOMMIT\n"
    )
    tables = parsed(text)
    assert not tables["filter"].sets["seen"].known
    assert not tables["raw"].sets["seen"].known
    assert not parsed(LIBVIRT)["filter"].sets


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("*filter\n:INPUT ACCEPT\n-A INPUT -j DROP\n", 4, "ends in the middle of table filter"),
        ("-A INPUT -j DROP\n", 1, "outside any table"),
        ("*filter\n-A foo -j DROP\nCOMMIT\n", 2, "not declared"),
        ("*filter\n:INPUT ACCEPT\n:INPUT DROP\nCOMMIT\n", 3, "declared twice"),
        ("*filter\n:INPUT\nCOMMIT\n", 2, "a name and a policy"),
        ("*filter\n:INPUT MAYBE\nCOMMIT\n", 2, "not a chain of table filter"),
        ("*filter\n:mine ACCEPT\nCOMMIT\n", 2, "not a chain of table filter"),
        ("*filter\n*nat\nCOMMIT\n", 2, "begins before filter has ended"),
        ("*filter\nCOMMIT\n*filter\nCOMMIT\n", 3, "in the listing twice"),
        ("*broute\nCOMMIT\n", 1, "no table of iptables: broute"),
        ("*filter\n:INPUT ACCEPT\n-I INPUT -j DROP\nCOMMIT\n", 3, "neither a chain nor a rule"),
        ("*filter\n:INPUT ACCEPT\n-A\nCOMMIT\n", 3, "neither a chain nor a rule"),
        ("table ip filter {\n}\n", 1, "outside any table"),
    ],
)
def test_what_is_no_listing(text: str, line: int, why: str) -> None:
    with pytest.raises(ListingError, match=why) as caught:
        parsed(text)
    assert caught.value.line == line


def _tried(text: str) -> dict[str, Table] | ListingError:
    try:
        return parsed(text)
    except ListingError as error:
        return error


def _rules(tables: dict[str, Table]) -> int:
    return sum(len(chain.rules) for table in tables.values() for chain in table.chains.values())


_PRINTED = (DATA / "iptables-nft-1.8.9.save").read_text(encoding="utf-8")
_REAL = [LIBVIRT, UFW, _PRINTED, *((OWNERS / name).read_text(encoding="utf-8") for name in ("docker.save", "ufw.save"))]
_ODD = ["COMMIT", "*raw", ":x -", "[1:2] -A x -j y", "[", "-A", '-A x "', "-A x ! -i", "-A x -p tcp !", ""]
_LINES = st.sampled_from([line for text in _REAL for line in text.splitlines()] + _ODD)


@given(st.one_of(st.text(), st.lists(_LINES).map("\n".join)))
@example("*\x00")
def test_any_text_gives_tables_or_the_one_error(text: str) -> None:
    tables = _tried(text)
    if isinstance(tables, ListingError):
        assert 1 <= tables.line <= text.count("\n") + 1
        return
    assert _rules(tables) == sum(1 for line in text.split("\n") if line.strip().startswith(("-A", "[")))


@given(st.data())
def test_a_real_listing_with_an_error_in_it(data: st.DataObject) -> None:
    """A cut, a doubled piece, a strange letter: anywhere."""
    text = data.draw(st.sampled_from(_REAL))
    at, length = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, 40))
    put = data.draw(st.one_of(st.text(max_size=8), st.just(text[at : at + length] * 2)))
    tables = _tried(text[:at] + put + text[at + length :])
    assert isinstance(tables, ListingError) or _rules(tables) >= 0


@given(st.lists(st.sampled_from([*_PRINTED.split(), "!", '"', "\\", "-A", "9:1", "é", "-", "--", "-m", "-j", "-p"])))
def test_any_words_make_one_rule(words: list[str]) -> None:
    tables = _tried(f"*filter\n:INPUT ACCEPT\n-A INPUT {' '.join(words)}\nCOMMIT\n")
    assert not isinstance(tables, ListingError)
    assert _rules(tables) == 1


def test_a_file_that_ufw_restores_reads_the_same_way() -> None:
    """Written by people: names of ICMP types, -p without its -m, and a chain that another file declares."""
    text = (OWNERS / "before.rules").read_text(encoding="utf-8")
    rules = [rule for chain in parsed(text)["filter"].chains.values() for rule in chain.rules]
    asked = next(rule for rule in rules if "--sport 67 --dport 68" in rule.text)
    assert len(asked.parts) == 4
    unclear = {part.text for rule in rules for part in rule.parts if isinstance(part, Unmodelled | Strange)}
    assert unclear == {"-m limit --limit 3/min --limit-burst 10", "-j ufw-logging-deny"}
