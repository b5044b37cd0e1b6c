"""A DISCOVER at INPUT over all tables: a drop anywhere is a drop, and only what could touch this packet is unknown."""

import pytest

from builders import bridge, facts, host, link, network, target
from pxedoctor.findings.outcome import Hop
from pxedoctor.model.fact import Missing
from pxedoctor.model.firewalld import Firewalld, Zone
from pxedoctor.model.libvirt import Subnet
from pxedoctor.model.netfilter import Netfilter, RulesText, Unlisted
from pxedoctor.road.discover import discover_road
from pxedoctor.road.hop import Fate, RoadHop
from pxedoctor.road.input import input_hop
from rulesets import CLOSED, base_chain, filter_table, native, native_rule, netfilter, saved

DROP_ALL = native("inet", "own", base_chain("in", policy="drop", priority=10))
RAW_NOTRACK = "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p udp -j CT --notrack\nCOMMIT\n"


def at_input(*listings: RulesText, **others: object) -> RoadHop:
    return input_hop(host(netfilter=netfilter(*listings), **others), "virbr0")


def test_no_table_at_all() -> None:
    assert at_input().predicted is Fate.PASS


def test_libvirts_opening_is_named_as_its_own() -> None:
    hop = at_input(saved(CLOSED))
    assert hop.predicted is Fate.PASS
    assert hop.rule is not None
    assert (hop.rule.family, hop.rule.table, hop.rule.chain) == ("ip", "filter", "LIBVIRT_INP")
    assert hop.rule.owner == "libvirt"
    assert hop.rule.line is not None
    assert hop.rule.text == CLOSED.splitlines()[hop.rule.line - 1]


def test_the_policy_that_drops_is_named() -> None:
    hop = at_input(saved(CLOSED.replace("-A INPUT -j LIBVIRT_INP\n", "")))
    assert hop.predicted is Fate.DROP
    assert hop.rule is not None
    assert hop.rule.text == ":INPUT DROP [0:0]"
    assert "the policy of filter INPUT drops it" in hop.why


@pytest.mark.parametrize(
    ("listings", "fate", "why"),
    [
        pytest.param((saved(CLOSED), DROP_ALL), Fate.UNKNOWN, "inet own in", id="native rules are not walked"),
        pytest.param(
            (saved(filter_table("", "DROP")), DROP_ALL), Fate.DROP, "policy of filter INPUT", id="a sure drop wins"
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
            Fate.UNKNOWN,
            "the target SNAT is not modelled",
            id="rewritten",
        ),
        pytest.param(
            (saved(filter_table("-A INPUT -m conntrack --ctstate NEW -j DROP")),), Fate.DROP, "INPUT", id="it is NEW"
        ),
        pytest.param(
            (saved(RAW_NOTRACK), saved(filter_table("-A INPUT -m conntrack --ctstate NEW -j DROP"))),
            Fate.UNKNOWN,
            "is not known",
            id="perhaps it is UNTRACKED",
        ),
        pytest.param((saved("*filter\n:INPUT ACCEPT\n"),), Fate.UNKNOWN, "iptables-nft-save` printed", id="cut short"),
        pytest.param((saved("*filter\n", "ip6"),), Fate.PASS, "no table", id="cut short, but IPv6"),
    ],
)
def test_over_all_tables(listings: tuple[RulesText, ...], fate: Fate, why: str) -> None:
    hop = at_input(*listings)
    assert (hop.predicted, why in hop.why) == (fate, True), hop


@pytest.mark.parametrize(
    ("zone", "fate"), [(Zone(name="z", target="ACCEPT"), Fate.PASS), (Zone(name="z", target="DROP"), Fate.DROP)]
)
def test_firewalld_is_judged_by_its_zone(zone: Zone, fate: Fate) -> None:
    table = native("inet", "firewalld", base_chain("filter_INPUT", policy="drop", priority=10))
    running = Firewalld(running=True, default_zone="z", zones=(zone,))
    hop = at_input(table, firewalld=running)
    assert hop.predicted is fate
    assert hop.rule is not None
    assert hop.rule.owner == "firewalld"


def test_what_a_dead_firewalld_left_behind_is_unknown() -> None:
    table = native("inet", "firewalld", base_chain("filter_INPUT", policy="drop", priority=10))
    assert at_input(table, firewalld=Firewalld(running=False)).predicted is Fate.UNKNOWN


@pytest.mark.parametrize(("family", "fate"), [("", Fate.UNKNOWN), ("ip", Fate.UNKNOWN), ("bridge", Fate.PASS)])
def test_what_could_not_be_listed(family: str, fate: Fate) -> None:
    facts_of_rules = Netfilter(unlisted=(Unlisted(family=family, why="nft failed"),))
    assert input_hop(host(netfilter=facts_of_rules), "virbr0").predicted is fate


def test_rules_that_nobody_may_read() -> None:
    hop = input_hop(host(netfilter=Missing("forbidden", "nft: you must be root")), "virbr0")
    assert (hop.predicted, hop.why) == (Fate.UNKNOWN, "nft: you must be root")


def test_a_chain_that_the_save_command_lists_is_not_judged_twice() -> None:
    twice = native("ip", "filter", base_chain("INPUT", policy="drop"), native_rule("INPUT", {"drop": None}))
    assert at_input(saved(CLOSED), twice).predicted is Fate.PASS


@pytest.mark.parametrize(
    ("networks", "has_input"),
    [
        pytest.param((network(bridge="br0"),), True, id="libvirt serves it"),
        pytest.param((network(bridge="br0", forward="open"),), True, id="mode open is served all the same"),
        pytest.param((network(bridge="br0", active=False),), False, id="the network is down"),
        pytest.param((network(bridge="br0", subnets=()),), False, id="nobody serves it here"),
        pytest.param(
            (network(bridge="br0", subnets=(Subnet(family="ipv6", address="fd00::1", prefix=64, hosts=1),)),),
            False,
            id="DHCPv6 only: a DISCOVER is IPv4",
        ),
        pytest.param((), False, id="a host bridge whose server is elsewhere"),
    ],
)
def test_only_a_bridge_served_by_this_host_has_an_input_hop(networks: tuple[object, ...], has_input: bool) -> None:
    known = facts(
        bridges=(bridge(),), links=(link("br0", kind="bridge"),), networks=networks, netfilter=netfilter(saved(CLOSED))
    )
    road = discover_road(known, target())
    assert (Hop.INPUT in [hop.hop for hop in road.hops]) is has_input
