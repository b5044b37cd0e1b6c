"""A DISCOVER at the stack's hooks over all tables: a drop anywhere is a drop, and only what may decide is unknown."""

import pytest

from builders import host
from pxedoctor.findings.outcome import Hop
from pxedoctor.model.netfilter import Netfilter, RulesText, Unlisted
from pxedoctor.netfilter.ruleset import understood
from pxedoctor.road.hop import Fate, RoadHop
from pxedoctor.road.input import hop_through
from rulesets import CLOSED, base_chain, filter_table, native, netfilter, own_chain, saved

RAW_NOTRACK = "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p udp -j CT --notrack\nCOMMIT\n"
NEW_DROPS = filter_table("-A INPUT -m conntrack --ctstate NEW -j DROP")
# firewalld 1.3, cut down to the way of a packet to this host.
FIREWALLD = native(
    "inet",
    "firewalld",
    base_chain(
        "filter_INPUT",
        "ct state { established, related } accept",
        'iifname "lo" accept',
        "jump filter_INPUT_ZONES",
        "ct state invalid drop",
        "reject with icmpx admin-prohibited",
        priority=10,
    ),
    own_chain("filter_INPUT_ZONES", 'iifname "virbr0" goto filter_IN_libvirt', "goto filter_IN_public"),
    own_chain("filter_IN_libvirt", "udp dport 67 accept", "reject with icmpx admin-prohibited"),
    own_chain("filter_IN_public", "reject with icmpx admin-prohibited"),
)


def at_input(*listings: RulesText, bridge: str = "virbr0") -> RoadHop:
    return hop_through(host(), bridge, understood(netfilter(*listings)))


def test_no_table_at_all() -> None:
    assert at_input().predicted is Fate.PASS


def test_libvirts_opening_is_named_as_its_own() -> None:
    hop = at_input(saved(CLOSED))
    assert (hop.hop, hop.predicted, hop.hook) == (Hop.INPUT, Fate.PASS, "ip input")
    assert hop.rule is not None
    assert (hop.rule.family, hop.rule.table, hop.rule.chain) == ("ip", "filter", "LIBVIRT_INP")
    assert hop.rule.owner == "libvirt"
    assert hop.rule.line is not None
    assert hop.rule.text == CLOSED.splitlines()[hop.rule.line - 1]


def test_the_policy_that_drops_is_named() -> None:
    hop = at_input(saved(CLOSED.replace("-A INPUT -j LIBVIRT_INP\n", "")))
    assert hop.predicted is Fate.DROP
    assert hop.rule is not None
    assert (hop.rule.text, hop.rule.by_policy) == (":INPUT DROP [0:0]", True)
    assert "the policy of filter INPUT drops it" in hop.why


def test_a_native_rule_is_named_with_its_handle() -> None:
    hop = at_input(native("inet", "own", base_chain("in", "udp dport 53 accept", "udp dport 67 drop")))
    assert hop.rule is not None
    assert (hop.rule.family, hop.rule.table, hop.rule.chain, hop.rule.handle) == ("inet", "own", "in", 12)
    assert (hop.rule.text, hop.why) == ("udp dport 67 drop", "a rule of inet own in drops it")
    assert hop.rule.origin == "nft -a list table inet own"


@pytest.mark.parametrize(
    ("listings", "fate", "why"),
    [
        pytest.param(
            (saved(CLOSED), native("inet", "own", base_chain("in", policy="drop", priority=10))),
            Fate.DROP,
            "the policy of inet own in drops it",
            id="libvirt's accept ends its own table alone",
        ),
        pytest.param((saved(CLOSED), native("inet", "own", base_chain("in"))), Fate.PASS, "LIBVIRT_INP", id="empty"),
        pytest.param(
            (saved(CLOSED), native("inet", "own", base_chain("f", hook="forward", policy="drop"))),
            Fate.PASS,
            "LIBVIRT_INP",
            id="another hook",
        ),
        pytest.param(
            (saved(CLOSED), native("ip6", "own", base_chain("in", policy="drop"))),
            Fate.PASS,
            "LIBVIRT_INP",
            id="IPv6",
        ),
        pytest.param((saved(filter_table("", "DROP"), "ip6"),), Fate.PASS, "no table", id="ip6tables"),
        pytest.param(
            (saved("*mangle\n:INPUT ACCEPT\n-A INPUT -p udp -j DROP\nCOMMIT\n"), saved(CLOSED)),
            Fate.DROP,
            "mangle INPUT",
            id="mangle comes before libvirt's accept",
        ),
        pytest.param(
            (saved(CLOSED), saved("*nat\n:INPUT ACCEPT\n-A INPUT -j SNAT --to-source 1.1.1.1\nCOMMIT\n")),
            Fate.PASS,
            "LIBVIRT_INP",
            id="a rewritten source comes in all the same",
        ),
        pytest.param((saved(NEW_DROPS),), Fate.DROP, "INPUT", id="it is NEW"),
        pytest.param((saved(RAW_NOTRACK), saved(NEW_DROPS)), Fate.PASS, "", id="raw took it out of conntrack"),
        pytest.param(
            (saved("*raw\n:PREROUTING ACCEPT\n-A PREROUTING -i virbr0 -j DROP\nCOMMIT\n"), saved(CLOSED)),
            Fate.DROP,
            "a rule of raw PREROUTING drops it",
            id="PREROUTING comes first",
        ),
        pytest.param((saved("*filter\n:INPUT ACCEPT\n"),), Fate.UNKNOWN, "iptables-nft-save` printed", id="cut short"),
        pytest.param((saved("*filter\n", "ip6"),), Fate.PASS, "no table", id="cut short, but IPv6"),
    ],
)
def test_over_all_tables(listings: tuple[RulesText, ...], fate: Fate, why: str) -> None:
    hop = at_input(*listings)
    assert (hop.predicted, why in hop.why) == (fate, True), hop


@pytest.mark.parametrize(
    ("bridge", "fate", "why"),
    [
        ("virbr0", Fate.PASS, "a rule of inet firewalld filter_IN_libvirt accepts it"),
        ("br0", Fate.DROP, "a rule of inet firewalld filter_IN_public drops it"),
    ],
)
def test_firewalld_is_walked_like_any_other(bridge: str, fate: Fate, why: str) -> None:
    hop = at_input(FIREWALLD, bridge=bridge)
    assert (hop.predicted, hop.why) == (fate, why)
    assert hop.rule is not None
    assert hop.rule.owner == "firewalld"


@pytest.mark.parametrize(("family", "fate"), [("", Fate.UNKNOWN), ("ip", Fate.UNKNOWN), ("bridge", Fate.PASS)])
def test_what_could_not_be_listed(family: str, fate: Fate) -> None:
    rules = understood(Netfilter(unlisted=(Unlisted(family=family, why="nft failed"),)))
    hop = hop_through(host(), "virbr0", rules)
    assert hop.predicted is fate
    assert fate is Fate.PASS or hop.why == "nft failed"
