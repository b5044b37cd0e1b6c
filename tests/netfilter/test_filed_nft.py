"""nft's rules as files say them: blocks, commands and calls in scripts; against how nft lists them."""

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxedoctor.netfilter.filed import FiledPolicy, FiledRule
from pxedoctor.netfilter.filed_nft import chains_in_nft_file, in_nft_file, in_nft_script, words_of

DEBIAN = """\
#!/usr/sbin/nft -f

flush ruleset

table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
	}
	chain forward {
		type filter hook forward priority filter;
	}
}
"""


def rules(text: str) -> list[tuple[str, str, str, int]]:
    return [(e.family, e.table, e.chain, e.line) for e in in_nft_file(text) if isinstance(e, FiledRule)]


def test_debians_own_file_with_a_policy() -> None:
    assert list(in_nft_file(DEBIAN)) == [
        FiledPolicy(family="inet", table="filter", chain="input", policy="drop", line=7)
    ]
    assert list(chains_in_nft_file(DEBIAN)) == [("inet", "filter", "input", 6), ("inet", "filter", "forward", 9)]


def test_sets_rules_over_lines_and_comments() -> None:
    text = """\
define lan = { virbr0, br0 }
table filter {   # a family is missing: ip
    set banned { type ipv4_addr; elements = { 192.0.2.1,
        192.0.2.2 } }
    chain input {
        type filter hook input priority 0; policy accept
        # udp dport 67 drop
        ct state { established,
            related } accept
        limit rate 3/minute udp dport { 67 } log prefix "dhcp # { " drop
        iifname $lan \\
            udp dport 67 drop; udp dport 69 drop
    }
}
"""
    assert rules(text) == [("ip", "filter", "input", line) for line in (8, 10, 11, 12)]
    found = [entry.words for entry in in_nft_file(text) if isinstance(entry, FiledRule)]
    assert found == [
        words_of("ct state established,related accept"),
        words_of('limit rate 3/minute burst 5 packets udp dport 67 log prefix "dhcp # { " drop # handle 4'),
        words_of('iifname { "br0", "virbr0" } udp dport 67 drop'),
        words_of("udp dport 69 drop"),
    ]


def test_commands_in_a_file() -> None:
    text = """\
add table inet fw
add chain inet fw in { type filter hook input priority 0 ; policy drop ; }
add rule inet fw in udp dport 67 counter drop
insert rule filter INPUT udp dport 67 drop
"""
    assert list(in_nft_file(text)) == [
        FiledPolicy(family="inet", table="fw", chain="in", policy="drop", line=2),
        FiledRule(family="inet", table="fw", chain="in", words=words_of("udp dport 67 drop"), line=3),
        FiledRule(family="ip", table="filter", chain="INPUT", words=words_of("udp dport 67 drop"), line=4),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "nft add rule inet fw in udp dport 67 drop",
        "/usr/sbin/nft 'add rule inet fw in udp dport 67 drop' || exit 1",
        'test -x /usr/sbin/nft && nft "add rule inet fw in udp dport { 67 } counter drop"',
    ],
)
def test_a_call_in_a_script(line: str) -> None:
    assert list(in_nft_script(f"#!/bin/sh\n{line}\n")) == [
        FiledRule(family="inet", table="fw", chain="in", words=words_of("udp dport 67 drop"), line=2)
    ]


def test_what_is_no_rule_says_nothing() -> None:
    assert list(in_nft_file("table inet x {\n chain y {\n")) == []
    assert list(in_nft_file("}}}}\n{{{{ ;;; \n\\")) == []
    assert words_of("") == frozenset()


# Written by people (left as they wrote it), one a line; each is loaded, listed by nft and looked for in the file.
WRITTEN = """\
udp dport 67 drop
udp dport { 67, bootpc } counter drop
udp dport {bootps} drop
iifname virbr0 udp dport 67 drop
meta iifname "virbr0" meta l4proto udp udp dport 67 drop
iif lo accept
ct state established,related accept
ct state { related, established } accept
ct state invalid drop
ip saddr 192.0.2.0/24 tcp dport { 80, 443 } accept
ip saddr { 192.0.2.7, 192.0.2.1 } drop
ip protocol udp udp dport 69 reject
udp dport 67-68 counter packets 0 bytes 0 drop comment "no dhcp"
limit rate 10/second accept
tcp dport ssh accept
log prefix "dropped: " drop
udp sport 67 udp dport 68 accept
ip daddr 255.255.255.255 drop
reject
reject with icmpx type port-unreachable
meta pkttype broadcast drop
jump other
"""


@pytest.mark.lab
def test_nft_itself_lists_what_the_file_says() -> None:
    """Real nft in a network namespace of its own: what it prints is found, rule by rule and in order, in the file."""
    file = "table inet t {\n chain other { }\n chain c {\n  type filter hook input priority 0; policy accept;\n" + (
        WRITTEN + " }\n}\n"
    )
    script = "nft -f - && nft -a list chain inet t c"
    done = subprocess.run(
        ["unshare", "-n", "sh", "-c", script], input=file, capture_output=True, text=True, check=True, timeout=30
    )
    listed = [
        line.strip()
        for line in done.stdout.splitlines()
        if "# handle" in line and not line.lstrip().startswith(("table", "chain"))
    ]
    said = [entry for entry in in_nft_file(file) if isinstance(entry, FiledRule)]
    assert len(listed) == len(said) == len(WRITTEN.splitlines())
    for line, entry in zip(listed, said, strict=True):
        assert words_of(line) == entry.words, (line, WRITTEN.splitlines()[entry.line - 5])


_SEEN = "table inet chain { } ; , add rule udp dport 67 drop policy type define = $x x nft # set elements é insert ' $y"
WORDS = st.lists(st.sampled_from([*_SEEN.split(), "\n", "\0", '"', "\\"]), max_size=40).map(" ".join)


@given(st.one_of(st.text(max_size=200), WORDS))
def test_any_text_at_all(text: str) -> None:
    """Nothing raises, every line is one of the text's, and a rule is the same rule the second time."""
    lines = text.count("\n") + 1
    for entry in (*in_nft_file(text), *in_nft_script(text)):
        assert 1 <= entry.line <= max(lines, len(text.splitlines()))
    for *_, line in chains_in_nft_file(text):
        assert 1 <= line <= lines
    assert words_of(text) == words_of(text)


def test_a_long_file_is_read_in_time() -> None:
    for piece in ("{", "}", "a ", '"', "table x {", "nft ", "nft '", "define x = $x $x\n", ", ", "\\\n"):
        text = piece * (50_000 // len(piece))
        assert isinstance(list(in_nft_file(text)), list)
        assert isinstance(list(in_nft_script(text)), list)
        assert isinstance(words_of(text), frozenset)
