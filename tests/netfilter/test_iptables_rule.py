"""The words of one rule in groups: options, modules, target; a group that nobody knows stays whole, none is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxedoctor.netfilter.condition import Name, Number, Unmodelled
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.iptables_rule import IptablesReader
from pxedoctor.netfilter.syntax import End, Ends, GoesOn, Jump, Rule, Strange

_READER = IptablesReader("ip", frozenset({"INPUT", "mine", "LOG"}))
_DROP = End(Ends.DROP)
_UDP = Number(Field.PROTOCOL, ((17, 17),))
_DPORT = Number(Field.DESTINATION_PORT, ((67, 67),))
_LO = Name(Field.IN_NAME, (("lo", False),))


def rule(words: str) -> Rule:
    return _READER("INPUT", 7, f"-A INPUT {words}")


def test_from_left_to_right_and_the_target_last() -> None:
    assert rule("-i lo -p udp -m udp --dport 67 -j DROP").parts == (_LO, _UDP, _DPORT, _DROP)


def test_a_person_may_put_the_target_first_and_leave_the_module_out() -> None:
    assert rule("-j DROP -i lo -p udp --dport 67").parts == (_LO, _UDP, _DPORT, _DROP)


def test_a_rule_without_a_target_only_counts() -> None:
    assert rule("-p udp -m udp").parts == (_UDP,)
    assert rule("").parts == ()


def test_a_users_chain_is_jumped_to() -> None:
    assert rule("-j mine").parts == (Jump("mine"),)
    assert rule("-g mine").parts == (Jump("mine", goto=True),)
    assert rule("-j mine").jumps == ("mine",)


@pytest.mark.parametrize("words", ["-j yours", "-g yours", "-j LOG", "-j", "-j mine --with x", "-g ACCEPT"])
def test_a_target_that_nobody_can_name_may_end_the_packet(words: str) -> None:
    """Also a chain that is called like a target: no program lets that be."""
    assert rule(words).parts == (Strange(words),)


def test_two_targets_are_no_rule_of_iptables() -> None:
    assert rule("-j DROP -j ACCEPT").parts == (Strange("-j DROP -j ACCEPT"),)


def test_a_comment_is_no_condition_whatever_it_says() -> None:
    found = rule(r'-m comment --comment "it\'s \"-j ACCEPT\" -i eth0" -j NFLOG --nflog-prefix "a -g b"')
    assert found.parts == (GoesOn('-j NFLOG --nflog-prefix "a -g b"'),)
    assert found.comment == 'it\'s "-j ACCEPT" -i eth0'


def test_free_text_that_looks_like_an_option_is_no_option() -> None:
    """libxtables quotes for spaces, not for dashes: printed so by 1.8.9."""
    found = rule("-m comment --comment -j -j NFLOG --nflog-prefix -p")
    assert found.parts == (GoesOn("-j NFLOG --nflog-prefix -p"),)
    assert found.comment == "-j"


def test_two_comments() -> None:
    assert rule("-m comment --comment a -m comment --comment b").comment == "a; b"


def test_a_module_that_nobody_knows_ends_where_the_next_group_begins() -> None:
    assert rule("-m limit --limit 3/min -m policy ! --pol ipsec ! -i lo -g mine").parts == (
        Unmodelled("-m limit --limit 3/min"),
        Unmodelled("-m policy ! --pol ipsec"),
        Name(Field.IN_NAME, (("lo", False),), negated=True),
        Jump("mine", goto=True),
    )


def test_negation_as_it_was_printed_long_ago() -> None:
    assert rule("-i ! lo -p udp -m udp --dport ! 67").parts == (
        Name(Field.IN_NAME, (("lo", False),), negated=True),
        _UDP,
        Number(Field.DESTINATION_PORT, ((67, 67),), negated=True),
    )


def test_counters_of_a_listing_with_counters() -> None:
    assert rule("-i lo -c 12 34 -j DROP").parts == (_LO, _DROP)


@pytest.mark.parametrize("words", ["! -m udp", "-x y", "--dport 67", "-c 12", "! -c 1 2", "z", "-m", "! ! x"])
def test_words_that_are_no_group_are_kept(words: str) -> None:
    assert rule(f"{words} -j DROP").parts == (Unmodelled(words), _DROP)


@pytest.mark.parametrize("words", ["z", "-i -j DROP", "!", "-p udp z"])
def test_a_word_that_belongs_to_nothing_may_be_a_lost_target(words: str) -> None:
    found = rule(words)
    assert found.parts[-1] == Strange(found.text)


def test_a_target_is_not_negated() -> None:
    assert rule("! -j DROP").parts == (Strange("! -j DROP"),)


_WORDS = [
    "-m",
    "-i",
    "!",
    "-s",
    "-p",
    "udp",
    "-j",
    "--dport",
    "9:1",
    "-g",
    "é",
    "comment",
    "--comment",
    "-c",
    "1",
    "-f",
]


@given(st.lists(st.sampled_from(_WORDS), min_size=1))
def test_a_rule_of_words_that_mean_something_is_not_empty(words: list[str]) -> None:
    """Only comments and counters may vanish; whatever else stands there is a condition or an action."""
    found = rule(" ".join(words))
    meaning = [word for word in words if word in ("-i", "-s", "-p", "-j", "-g", "-f", "udp", "9:1", "é")]
    assert found.parts or not meaning or found.comment or "-m" in words
