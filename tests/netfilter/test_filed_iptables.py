"""iptables' rules as files say them: however they are written, the same rule is the same, and another is another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxedoctor.netfilter.filed import FiledPolicy, FiledRule
from pxedoctor.netfilter.filed_iptables import in_direct_xml, in_restore_file, in_script, words_of

DROP = "-A INPUT -p udp -m udp --dport 67 -j DROP"


@pytest.mark.parametrize(
    "written",
    [
        DROP,
        "-I INPUT 3 -p udp --dport 67 -j DROP",
        "--append INPUT --protocol 17 --destination-port bootps --jump DROP",
        "-w 5 -t filter -A INPUT -s 0.0.0.0/0 -p UDP -m udp --dport=67 -j DROP",
        "[12:3936] -A INPUT -p udp -m udp --dport 67 -j DROP",
    ],
)
def test_one_rule_written_many_ways(written: str) -> None:
    assert words_of(written) == words_of(DROP)


@pytest.mark.parametrize(
    "other",
    [
        "-A INPUT -p udp -m udp --dport 68 -j DROP",
        "-A INPUT -p udp -m udp --sport 67 -j DROP",
        "-A INPUT -p udp -m udp ! --dport 67 -j DROP",
        "-A INPUT -i virbr0 -p udp -m udp --dport 67 -j DROP",
        "-A INPUT -p udp -m udp --dport 67 -j REJECT",
        "-A INPUT -p udp -m socket -m udp --dport 67 -j DROP",
    ],
)
def test_another_rule_is_another(other: str) -> None:
    assert words_of(other) != words_of(DROP)


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ("-A X -d 224.0.0.251/32 -j DROP", "-A X -d 224.0.0.251 -j DROP"),
        ("-A X -s 10.0.0.0/8 -j DROP", "-A X -s 10.0.0.0/255.0.0.0 -j DROP"),
        ("-A X ! -i lo -j DROP", "-A X -i ! lo -j DROP"),
        (
            "-A X -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
            "-A X -m state --state ESTABLISHED,RELATED -j ACCEPT",
        ),
        ("-A X -j REJECT --reject-with icmp-port-unreachable", "-A X -j REJECT"),
        ("-A X -m limit --limit 3/min -j DROP", "-A X -m limit --limit 3/minute -j DROP"),
        ("-A X -p ipv6-icmp -j DROP", "-A X -p icmpv6 -j DROP"),
        ("-A X -p udp -m multiport --dports 67,69 -j DROP", "-A X -p udp -m multiport --dports bootps,tftp -j DROP"),
    ],
)
def test_as_the_kernel_lists_it_and_as_people_write_it(one: str, same: str) -> None:
    assert words_of(one) == words_of(same)


def test_a_line_that_is_no_line() -> None:
    assert words_of("-A INPUT -m comment --comment 'never closed") == frozenset()


def test_a_restore_file() -> None:
    text = (
        "# saved\n*nat\n:POSTROUTING ACCEPT [1:2]\n:DOCKER - [0:0]\nCOMMIT\n*filter\n:INPUT DROP [0:0]\n" + DROP + "\n"
    )
    assert list(in_restore_file(text, "ip6")) == [
        FiledPolicy(family="ip6", table="nat", chain="POSTROUTING", policy="accept", line=3),
        FiledPolicy(family="ip6", table="filter", chain="INPUT", policy="drop", line=7),
        FiledRule(family="ip6", table="filter", chain="INPUT", words=words_of(DROP), line=8),
    ]


@pytest.mark.parametrize(
    ("line", "family", "table"),
    [
        ("iptables -A INPUT -p udp --dport 67 -j DROP", "ip", "filter"),
        ("  /usr/sbin/iptables -w -I INPUT -p udp --dport 67 -j DROP || true", "ip", "filter"),
        ("    post-up iptables-nft -A INPUT -p udp --dport 67 -j DROP", "ip", "filter"),
        ("[ -x /sbin/ip6tables ] && ip6tables -t mangle -A INPUT -p udp --dport 67 -j DROP", "ip6", "mangle"),
        ("$IPT -A INPUT -p udp --dport 67 -j DROP  # no dhcp", "ip", "filter"),
        ("${IP6TABLES} -A INPUT -p udp --dport 67 -j DROP; true", "ip6", "filter"),
    ],
)
def test_a_call_in_a_script(line: str, family: str, table: str) -> None:
    assert list(in_script(f"#!/bin/sh\n{line}\n")) == [
        FiledRule(family=family, table=table, chain="INPUT", words=words_of(DROP), line=2)
    ]


def test_a_policy_in_a_script_and_what_is_commented_out() -> None:
    text = "iptables -P INPUT DROP\n# iptables -A INPUT -j DROP\niptables-save > /tmp/x\n"
    assert list(in_script(text)) == [FiledPolicy(family="ip", table="filter", chain="INPUT", policy="drop", line=1)]


def test_direct_rules_of_firewalld() -> None:
    text = """\
<?xml version="1.0" encoding="utf-8"?>
<direct>
  <rule priority="0" table="filter" ipv="ipv4" chain="INPUT">-p udp --dport 67 -j DROP</rule>
</direct>
"""
    found = list(in_direct_xml(text))
    assert {(entry.chain, entry.line) for entry in found} == {("INPUT", 3), ("INPUT_direct", 3)}
    assert all(isinstance(entry, FiledRule) and entry.words == words_of(DROP) for entry in found)


_SEEN = (
    "-A -I -P INPUT -t mangle -j DROP ! -s 10.0.0.1/8 --dport bootps iptables $IPT ; | # *filter :INPUT <rule </rule> "
    "- -- é '"
)
WORDS = st.lists(st.sampled_from([*_SEEN.split(), "\n", "\0", '"', "\\"]), max_size=30).map(" ".join)


@given(st.one_of(st.text(max_size=200), WORDS))
def test_any_text_at_all(text: str) -> None:
    """Nothing raises, every line is one of the text's, and a rule is the same rule the second time."""
    lines = len(text.splitlines())
    for entry in (*in_restore_file(text, "ip"), *in_script(text), *in_direct_xml(text)):
        assert 1 <= entry.line <= max(lines, 1)
    assert words_of(text) == words_of(text)


def test_a_long_line_is_read_in_time() -> None:
    """Characters without an end to what they begin."""
    for piece in ("a/", "'", "\\", "iptables ", "<rule ", "$IPT", "# ", "-s 1,"):
        text = piece * (200_000 // len(piece))
        assert len(list(in_script(text))) + len(list(in_direct_xml(text))) + len(list(in_restore_file(text, "ip"))) == 0
        assert isinstance(words_of(text), frozenset)
