"""Text listings of nft: tables, chains, sets, the lines of rules. What breaks off is an error that names the line."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nft_shown import shown
from pxedoctor.netfilter.nft_text import parse_nft_text
from pxedoctor.netfilter.syntax import End, Ends, Jump, ListingError, Table

LISTING = (Path(__file__).parent / "listings" / "structure.nft").read_text(encoding="utf-8")


def tables(text: str) -> tuple[Table, ...]:
    return parse_nft_text(text, "nft -a list ruleset")


def one_table(*body: str, family: str = "ip") -> Table:
    """The table t with these lines in it."""
    (table,) = tables("\n".join((f"table {family} t {{", *body, "}", "")))
    return table


def test_tables_chains_and_the_lines_of_their_rules() -> None:
    empty, guard = tables(LISTING)
    assert (empty.family, empty.name, empty.chains) == ("ip", "filter", {})
    assert (guard.family, guard.name, guard.dialect, guard.origin) == ("inet", "guard", "nft", "nft -a list ruleset")
    chain = guard.chains["input"]
    assert (chain.hook, chain.priority, chain.policy, chain.kind, chain.line) == ("input", -5, "drop", "filter", 36)
    assert chain.text == "type filter hook input priority filter - 5; policy drop;"
    lines = LISTING.splitlines()
    for rule in (*chain.rules, guard.chains["dhcp"].rules[0]):
        assert lines[rule.line - 1].strip() == f"{rule.text} # handle {rule.handle}"
    assert [shown(rule) for rule in chain.rules] == ["in -> @from", "source in @friends; ACCEPT"]
    assert guard.base_chains("input") == (chain,)


def test_a_chain_that_is_only_jumped_to_has_no_hook_and_no_policy() -> None:
    chain = tables(LISTING)[1].chains["dhcp"]
    assert (chain.hook, chain.policy, chain.text) == ("", "", "chain dhcp { # handle 4")


def test_a_rule_that_holds_a_chain_of_its_own_is_one_strange_rule() -> None:
    rules = tables(LISTING)[1].chains["dhcp"].rules
    assert [rule.handle for rule in rules] == [12, 13, 14]
    assert shown(rules[1]) == "protocol = 6 | 17; bits 16-31 = 53; !jump { ip saddr 127.0.0.0/8 drop }!"


def test_sets_and_maps() -> None:
    sets = tables(LISTING)[1].sets
    assert sets["friends"].elements == (
        ((0x0A000000, 0x0AFFFFFF),),
        ((0xC0000201, 0xC0000201),),
        ((0xC0000209, 0xC000020B),),
    )
    assert sets["from"].elements == ((("lo", False),), (("vnet", True),))
    assert sets["from"].verdicts == (End(Ends.ACCEPT), Jump("dhcp"))
    assert all(found.known for found in sets.values())


@pytest.mark.parametrize(
    ("family", "written", "priority"),
    [
        ("ip", "raw", -300),
        ("inet", "mangle - 5", -155),
        ("ip6", "dstnat", -100),
        ("ip", "filter", 0),
        ("inet", "filter + 10", 10),
        ("ip", "security", 50),
        ("ip", "srcnat", 100),
        ("ip", "-160", -160),
        ("ip", "0", 0),
        ("bridge", "dstnat", -300),
        ("bridge", "filter", -200),
        ("bridge", "out", 100),
        ("bridge", "srcnat", 300),
        ("netdev", "filter", 0),
    ],
)
def test_priorities_by_name_are_those_of_the_family(family: str, written: str, priority: int) -> None:
    base = f"\t\ttype filter hook prerouting priority {written}; policy accept;"
    table = one_table("\tchain c {", base, "\t}", family=family)
    assert table.chains["c"].priority == priority


@pytest.mark.parametrize(
    ("line", "devices"),
    [
        ('type filter hook ingress device "eth0" priority filter; policy accept;', ("eth0",)),
        (
            "type filter hook ingress devices = { eth0, eth1 } priority -500; policy accept; flags offload;",
            ("eth0", "eth1"),
        ),
        ('type filter hook egress devices = { "eth0", "eth1" } priority 5; policy accept;', ("eth0", "eth1")),
        ("type filter hook ingress device eth0 priority 0; policy accept;", ("eth0",)),
    ],
)
def test_devices_of_netdev_chains(line: str, devices: tuple[str, ...]) -> None:
    assert one_table("\tchain c {", f"\t\t{line}", "\t}", family="netdev").chains["c"].devices == devices


def test_a_dormant_table_hooks_nothing() -> None:
    base = "\t\ttype filter hook input priority 0; policy drop;"
    table = one_table("\tflags dormant,owner", "", "\tchain c {", base, "\t}")
    assert table.dormant
    assert table.base_chains("input") == ()


def test_the_owner_of_a_table_stands_behind_its_brace() -> None:
    (table,) = tables("table inet firewalld { # progname firewalld # handle 3\n\tflags owner,persist\n}\n")
    assert (table.name, table.dormant) == ("firewalld", False)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (
            "type ipv4_addr\n\t\tflags dynamic,timeout\n\t\tsize 100\t# count 3",
            "its contents change by themselves (flags dynamic,timeout)",
        ),
        (
            "type ipv4_addr\n\t\ttimeout 5m\n\t\telements = { 1.1.1.1 expires 4m59s }",
            "its contents change by themselves (timeout)",
        ),
        ("typeof osf name", "it has a type that is not modelled"),
        ("type ipv4_addr . nonsense", "it has a type that is not modelled"),
        (
            "type ipv4_addr\n\t\telements = { 1.1.1.1, host.example }",
            "an element is not understood: Expected 4 octets in 'host.example'",
        ),
        (
            "type ipv4_addr\n\t\telements = { 1.1.1.1 limit rate 5/second }",
            "an element is not understood: an element with a statement",
        ),
        ("type ipv4_addr\n\t\tlimit rate over 5/second", "what `limit rate over 5/second` says is not understood"),
        ("type ipv4_addr\n\t\tinvented thing", "what `invented thing` says is not understood"),
    ],
)
def test_sets_whose_contents_are_not_known_say_why(body: str, why: str) -> None:
    found = one_table("\tset s {", f"\t\t{body}", "\t}").sets["s"]
    assert (found.known, found.why) == (False, why)


@pytest.mark.parametrize("rule", ["add @s { ip saddr } # handle 3", "set update ip saddr timeout 5s @s"])
def test_a_set_that_rules_write_is_not_known(rule: str) -> None:
    contents = ("\tset s {", "\t\ttype ipv4_addr", "\t\telements = { 1.1.1.1 }", "\t}")
    found = one_table(*contents, "\tchain c {", f"\t\t{rule}", "\t}").sets["s"]
    assert (found.known, found.why) == (False, "rules write it")
    assert found.elements == (((0x01010101, 0x01010101),),)


def test_elements_with_counters_and_wildcards() -> None:
    kind = ("\tmap m {", "\t\ttype ipv4_addr . inet_service : verdict", "\t\tflags interval", "\t\tcounter")
    wild = "* counter packets 0 bytes 0 : drop"
    usual = '10.0.0.0/8 . 67-68 counter packets 1 bytes 2 comment "a, b" : accept'
    found = one_table(*kind, f"\t\telements = {{ {wild},", f"\t\t\t     {usual} }}", "\t}").sets["m"]
    assert found.known
    assert found.elements == (((0x0A000000, 0x0AFFFFFF), (67, 68)), ((0, 0xFFFFFFFF), (0, 0xFFFF)))
    assert found.verdicts == (End(Ends.ACCEPT), End(Ends.DROP))


def test_nft_list_chains_gives_chains_without_rules() -> None:
    base = "\t\ttype filter hook input priority filter; policy accept;"
    table = one_table("\tchain INPUT {", base, "\t}", "\tchain x {", "\t}")
    assert [(chain.name, chain.hook, chain.written) for chain in table.chains.values()] == [
        ("INPUT", "input", ()),
        ("x", "", ()),
    ]


def test_a_rule_of_which_nothing_is_printed_is_a_strange_rule() -> None:
    (strange,) = one_table("\tchain c {", "\t\t", "", "\t}").chains["c"].rules
    assert (strange.line, shown(strange)) == (3, "!(a statement that nft did not print)!")


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("garbage\n", 1, "not the beginning of a table: garbage"),
        ("table ip t\n", 1, "not the beginning of a table: table ip t"),
        ("table ip t {\n}\n}\n", 3, "not the beginning of a table: }"),
        ("table ip t {\n\tgarbage\n}\n", 2, "not a block of table t: garbage"),
        (
            "table ip t {\n\tchain c {\n\t\ttype filter hook input priority odd; policy drop;\n\t}\n}\n",
            2,
            "no priority: odd",
        ),
        ("table ip t {\n\tchain c {\n\t\ttype filter hook\n\t}\n}\n", 3, "not the type of a chain: type filter hook"),
        ("table ip t {\n\tchain c {\n\t}\n\tchain c {\n\t}\n}\n", 4, "chain c comes twice"),
        ("table ip t {\n\tset s {\n\t\telements = { 1,\n", 4, "the listing ends in the middle of table t"),
    ],
)
def test_what_is_no_listing_is_an_error_that_names_the_line(text: str, line: int, why: str) -> None:
    with pytest.raises(ListingError) as caught:
        tables(text)
    assert (caught.value.line, caught.value.why) == (line, why)


@given(st.integers(0, len(LISTING)))
def test_a_listing_cut_short_is_an_error_that_names_a_line(at: int) -> None:
    cut = LISTING[:at]
    if cut.rstrip().endswith("\n}") or not cut.strip() or cut.splitlines()[-1].startswith("#"):
        assert len(tables(cut)) <= 2
        return
    with pytest.raises(ListingError) as caught:
        tables(cut)
    assert 1 <= caught.value.line <= cut.count("\n") + 1


_SET = ["\tset s {", "\t\ttype ipv4_addr : verdict", "\t\telements = { 1.1.1.1 : accept }", "\t}", "}", '"']


def lines_of_rules(text: str) -> list[int]:
    """Of every rule, or of the error."""
    try:
        found = tables(text)
    except ListingError as error:
        return [error.line]
    return [rule.line for table in found for chain in table.chains.values() for rule in chain.rules]


@given(st.one_of(st.text(), st.lists(st.sampled_from([*LISTING.splitlines(), *_SET])).map("\n".join)))
def test_any_text_gives_tables_or_one_error(text: str) -> None:
    assert all(1 <= line <= text.count("\n") + 1 for line in lines_of_rules(text))
