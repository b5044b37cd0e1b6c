"""What decides at a hook, in words, and the rule so that a person finds it again."""

import pytest

from builders import host
from pxedoctor.model.netfilter import RulesText
from pxedoctor.netfilter.ruleset import understood
from pxedoctor.netfilter.seen import Family, Hook, Place, Seen
from pxedoctor.road.hop import Fate, RoadHop
from pxedoctor.road.scene import Lookup
from rule_trees import DISCOVER
from rulesets import base_chain, filter_table, native, netfilter, own_chain, saved


def at_input(*listings: RulesText) -> RoadHop:
    known = Lookup(host(), understood(netfilter(*listings)))
    return known.told(known.all.at(Seen(DISCOVER, Place(family=Family.IP, hook=Hook.INPUT, in_device="virbr0"))))


@pytest.mark.parametrize(
    ("listing", "fate", "why", "text"),
    [
        (saved(filter_table("", "DROP")), Fate.DROP, "the policy of filter INPUT drops it, and", ":INPUT DROP [0:0]"),
        (saved(filter_table("")), Fate.PASS, "the policy of filter INPUT accepts it", ":INPUT ACCEPT [0:0]"),
        (
            saved(filter_table("-A INPUT -p udp -j DROP")),
            Fate.DROP,
            "a rule of filter INPUT drops it",
            "-A INPUT -p udp -j DROP",
        ),
        (
            native("inet", "own", base_chain("in", "jump deep"), own_chain("deep", "udp dport 67 drop")),
            Fate.DROP,
            "a rule of inet own deep drops it",
            "udp dport 67 drop",
        ),
        (
            native("inet", "own", base_chain("in", policy="drop")),
            Fate.DROP,
            "the policy of inet own in drops it",
            "type filter hook input priority 0; policy drop;",
        ),
    ],
)
def test_words_and_rule(listing: RulesText, fate: Fate, why: str, text: str) -> None:
    hop = at_input(listing)
    assert hop.rule is not None
    assert (hop.predicted, text in hop.rule.text) == (fate, True), hop
    assert hop.why.startswith(why)
    assert hop.rule.by_policy is ("policy" in why)
    assert hop.rule.origin == listing.origin


def test_a_doubt_says_which_rule_and_in_which_line() -> None:
    hop = at_input(saved(filter_table("-A INPUT -m quota --quota 1 -j DROP")))
    assert hop.predicted is Fate.UNKNOWN
    assert "--quota" in hop.why
    assert "(filter INPUT, line " in hop.why
    assert hop.rule is not None
    assert "--quota" in hop.rule.text


def test_of_what_stops_it_the_owner_is_told_with_the_reason() -> None:
    hop = at_input(
        saved(filter_table("-A INPUT -j ufw-before-input\n-A ufw-before-input -j DROP", chains=("ufw-before-input",)))
    )
    assert hop.rule is not None
    assert (hop.rule.owner, hop.rule.owner_why) == ("ufw", "chain ufw-before-input is ufw's")


SAME = "-j SNAT --to-source 10.0.0.9"


def nat_at_input(*matches: str) -> RulesText:
    rules = "".join(f"-A INPUT {match} {SAME}\n" for match in matches)
    return saved(f"*nat\n:INPUT ACCEPT\n:POSTROUTING ACCEPT\n-A POSTROUTING -p udp {SAME}\n{rules}COMMIT\n")


@pytest.mark.parametrize(
    ("matches", "met"),
    [
        (("-p tcp", "-p udp --dport 67", "-p udp"), ["-p udp --dport 67"]),
        (("-m quota --quota 1", "-p tcp", "-p udp", "-p udp --dport 67"), ["-m quota --quota 1", "-p udp"]),
        (("-p tcp",), []),
    ],
    ids=["the first that is met", "one that may be, and one that is", "none"],
)
def test_of_rules_with_one_target_those_are_named_that_may_have_done_it(
    matches: tuple[str, ...], met: list[str]
) -> None:
    """Each of a host's networks has its own -j MASQUERADE: of 500 of them one is met."""
    assert [rule.text for rule in at_input(nat_at_input(*matches)).rewrites] == [
        f"-A INPUT {match} {SAME}" for match in met
    ]


def test_where_too_many_may_have_done_it_all_are_named() -> None:
    matches = [f"-m quota --quota {number}" for number in range(1, 21)]
    told = [rule.text for rule in at_input(nat_at_input(*matches)).may_rewrite]
    assert [text for text in told if "INPUT" in text] == [f"-A INPUT {match} {SAME}" for match in matches]


def test_what_rewrites_is_named() -> None:
    nat = saved("*nat\n:INPUT ACCEPT\n:POSTROUTING ACCEPT\n-A INPUT -p udp -j SNAT --to-source 10.0.0.9\nCOMMIT\n")
    (rule,) = at_input(nat).rewrites
    assert (rule.table, rule.chain, rule.text) == ("nat", "INPUT", "-A INPUT -p udp -j SNAT --to-source 10.0.0.9")
