"""iptables-save text: every rule becomes a tree with its line; what is no listing is an error that names the line."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pxedoctor.netfilter.match import (
    Address,
    AddressType,
    Device,
    LinkType,
    Match,
    Ports,
    Protocol,
    States,
    Unmodelled,
    number_of,
)
from pxedoctor.netfilter.save import parse_save, rule_of
from pxedoctor.netfilter.tree import RulesError, Table, Target
from rulesets import LIBVIRT, UFW, filter_table, saved

_ALL = 0xFFFFFFFF


def test_libvirts_own_rules() -> None:
    tables = parse_save(saved(LIBVIRT))
    assert [table.name for table in tables] == ["mangle", "filter", "nat"]
    chains = tables[1].chains
    assert chains["INPUT"].policy == "ACCEPT"
    assert chains["LIBVIRT_INP"].policy is None
    opening = chains["LIBVIRT_INP"].rules[2]
    assert opening.text == LIBVIRT.splitlines()[opening.line - 1]
    assert opening.matches == (Device("in", "virbr0"), Protocol("udp"), Ports("destination", ((67, 67),)))
    assert opening.target == Target("ACCEPT")


def test_libvirts_own_rules_are_modelled_to_the_last_word() -> None:
    rules = [rule for table in parse_save(saved(LIBVIRT)) for chain in table.chains.values() for rule in chain.rules]
    assert len(rules) == 26
    assert not [rule.text for rule in rules if any(isinstance(match, Unmodelled) for match in rule.matches)]


@pytest.mark.parametrize(
    ("words", "match"),
    [
        ("-i virbr0", Device("in", "virbr0")),
        ("! -i eth+", Device("in", "eth+", negated=True)),
        ("-o virbr0", Device("out", "virbr0")),
        ("-s 10.0.0.0/8", Address("source", number_of("10.0.0.0"), 0xFF000000)),
        ("! -d 10.0.0.1/32", Address("destination", number_of("10.0.0.1"), _ALL, negated=True)),
        ("-s 0.0.0.0/0", Address("source", 0, 0)),
        ("-s 10.0.0.0/255.0.255.0", Address("source", number_of("10.0.0.0"), number_of("255.0.255.0"))),
        ("! -p tcp", Protocol("tcp", negated=True)),
        ("-m udp --sport :1023", Ports("source", ((0, 1023),))),
        ("-m udp ! --dport 67:68", Ports("destination", ((67, 68),), negated=True)),
        ("-m udp --dport 1024:", Ports("destination", ((1024, 65535),))),
        ("-m multiport ! --dports 53,67:68", Ports("destination", ((53, 53), (67, 68)), negated=True)),
        ("-m multiport --ports 67", Ports("either", ((67, 67),))),
        ("-m conntrack ! --ctstate NEW,INVALID", States(frozenset({"NEW", "INVALID"}), negated=True)),
        ("-m state --state NEW", States(frozenset({"NEW"}))),
        ("-m addrtype --dst-type LOCAL,UNICAST", AddressType("destination", frozenset({"LOCAL", "UNICAST"}))),
        ("-m pkttype ! --pkt-type unicast", LinkType("unicast", negated=True)),
        ("-f", Unmodelled("-f")),
        ("! -f", Unmodelled("! -f")),
        ("-m mark ! --mark 0x5/0xff", Unmodelled("-m mark ! --mark 0x5/0xff")),
        ("-m physdev --physdev-in vnet0", Unmodelled("-m physdev --physdev-in vnet0")),
        ("-m udp --dport bootps", Unmodelled("--dport bootps")),
        ("-m udp --dport 70:60", Unmodelled("--dport 70:60")),
        ("-s 10.0.0.256/32", Unmodelled("-s 10.0.0.256/32")),
        ('-m string --string "-j DROP" --algo bm', Unmodelled("-m string --string -j DROP --algo bm")),
    ],
)
def test_matches(words: str, match: Match) -> None:
    rule = rule_of(f"-A INPUT {words} -j DROP", 7)
    assert rule.matches == (match,)
    assert rule.target == Target("DROP")


def test_a_comment_is_no_condition_whatever_it_says() -> None:
    rule = rule_of('-A INPUT -m comment --comment "it\\\'s \\"-j ACCEPT\\" -i eth0" -j LOG --log-prefix "a -g b"', 7)
    assert rule.matches == ()
    assert rule.target == Target("LOG", "--log-prefix a -g b")


def test_an_unmodelled_module_ends_where_the_next_part_begins() -> None:
    rule = rule_of("-A INPUT -m limit --limit 3/min -m set ! --match-set blocked src ! -i lo -g foo", 7)
    assert rule.matches == (
        Unmodelled("-m limit --limit 3/min"),
        Unmodelled("-m set ! --match-set blocked src"),
        Device("in", "lo", negated=True),
    )
    assert rule.target == Target("foo", goto=True)


def test_counters_are_passed_over() -> None:
    (table,) = parse_save(saved("*filter\n:INPUT ACCEPT [1:2]\n[12:345] -A INPUT -i lo -j ACCEPT\nCOMMIT\n"))
    assert table.chains["INPUT"].rules[0].text == "-A INPUT -i lo -j ACCEPT"


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("*filter\n:INPUT ACCEPT\n-A INPUT -j DROP\n", 4, "ends in the middle of table filter"),
        ("-A INPUT -j DROP\n", 1, "outside any table"),
        ("*filter\n-A foo -j DROP\nCOMMIT\n", 2, "not declared"),
        ("*filter\n:INPUT ACCEPT\n:INPUT DROP\nCOMMIT\n", 3, "declared twice"),
        ("*filter\n:INPUT\nCOMMIT\n", 2, "a name and a policy"),
        ("*filter\n*nat\nCOMMIT\n", 2, "begins before filter has ended"),
        ('*filter\n:INPUT ACCEPT\n-A INPUT -m comment --comment "x\nCOMMIT\n', 3, "a quote is not closed"),
        ("*filter\n:INPUT ACCEPT\n-I INPUT -j DROP\nCOMMIT\n", 3, "neither a chain nor a rule"),
        ("table ip filter {\n}\n", 1, "outside any table"),
    ],
)
def test_what_is_no_listing(text: str, line: int, why: str) -> None:
    with pytest.raises(RulesError, match=why) as caught:
        parse_save(saved(text))
    assert caught.value.line == line


_LINES = st.sampled_from(
    [*LIBVIRT.splitlines(), *UFW.splitlines(), "COMMIT", "*raw", ":x -", "[1:2] -A x -j y", "[", "-A", '-A x "']
)
_WORDS = st.lists(
    st.sampled_from(["-A", "INPUT", "-m", "-i", "!", "-s", "-p", "udp", "-j", '"', "\\", "--dport", "9:1", "-g", "é"])
)


def _tried(text: str) -> tuple[Table, ...] | RulesError:
    try:
        return parse_save(saved(text))
    except RulesError as error:
        return error


@given(st.one_of(st.text(), st.lists(_LINES).map("\n".join)))
@example("*\x00")
def test_any_text_gives_tables_or_the_one_error(text: str) -> None:
    tables = _tried(text)
    if isinstance(tables, RulesError):
        assert 1 <= tables.line <= text.count("\n") + 1
        return
    rules = sum(len(chain.rules) for table in tables for chain in table.chains.values())
    assert rules == sum(1 for line in text.split("\n") if line.strip().startswith(("-A", "[")))


@given(_WORDS)
def test_any_words_make_a_rule_whose_every_word_is_in_it(words: list[str]) -> None:
    tables = _tried(filter_table(" ".join(["-A INPUT", *words])))
    if isinstance(tables, RulesError):
        assert (tables.line, tables.why) == (6, "a quote is not closed")
        return
    (rule,) = tables[0].chains["INPUT"].rules
    assert rule.text == " ".join(["-A INPUT", *words])
    assert bool(rule.matches or rule.target) is (len(words) > 0 and words != ["-m", "udp"])
