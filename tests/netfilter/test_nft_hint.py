"""What the first words of a rule tell is what the rule says when it is read, and leaves no rule out that is met."""

import time
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxedoctor.netfilter.condition import Answer, Name, Number
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.index import Property, rule_demands, value_in
from pxedoctor.netfilter.nft_hint import ByFirstWords, demands_in
from pxedoctor.netfilter.nft_rule import read_rule
from pxedoctor.netfilter.nft_text import parse_nft_text
from pxedoctor.netfilter.seen import Absent, Range, Seen
from pxedoctor.netfilter.syntax import Table
from pxedoctor.netfilter.walk import walk
from rule_trees import DISCOVER, seen

# grammar.nft is written for nft to read, and no listing.
LISTINGS = sorted(
    set((Path(__file__).parent / "listings").rglob("*.nft")) - {Path(__file__).parent / "listings/grammar.nft"}
)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("tcp dport 22 accept", [Field.DESTINATION_PORT, Field.PROTOCOL]),
        ('iifname "virbr0" udp sport 68 drop', [Field.IN_NAME, Field.SOURCE_PORT, Field.PROTOCOL]),
        ('oifname "br0.7" ip saddr 192.0.2.1 jump x', [Field.OUT_NAME, Field.SOURCE4]),
        ("ip daddr 192.0.2.1 counter packets 0 bytes 0 drop # handle 4", [Field.DESTINATION4]),
        ("counter packets 0 bytes 0 tcp dport 22 drop", []),
        ("ip saddr != 192.0.2.1 drop", []),
        ("ip saddr 192.0.2.0/24 drop", []),
        ("ip saddr 192.0.2.1-192.0.2.9 drop", []),
        ("ip saddr { 192.0.2.1 } drop", []),
        ("ip saddr @set drop", []),
        ("ip saddr 192.0.2.1", []),
        ("ip saddr 192.0.2.300 drop", []),
        ("tcp dport 22-23 drop", []),
        ("tcp dport 70000 drop", []),
        ('iifname "vnet*" drop', []),
        ('iifname != "lo" drop', []),
        ('log prefix "tcp dport 22 " drop', []),
        ("", []),
    ],
)
def test_first_words(text: str, fields: list[Field]) -> None:
    assert [field for field, _ in demands_in(text)] == fields


WORDS = st.sampled_from(
    [
        'iifname "virbr0"',
        'oifname "eth0"',
        'iifname != "lo"',
        'iifname "v*"',
        "ip saddr 192.0.2.1",
        "ip daddr 255.255.255.255",
        "ip saddr 192.0.2.0/24",
        "ip daddr != 192.0.2.1",
        "udp dport 67",
        "udp sport 68",
        "tcp dport 22",
        "udp dport { 67, 68 }",
        "udp dport 1-70",
        "ct state new",
        "counter packets 0 bytes 0",
        "meta mark 0x3",
    ]
)
RULES = st.lists(WORDS, max_size=4).map(lambda words: " ".join([*words, "drop # handle 9"]))


@given(RULES, st.sampled_from(["ip", "inet", "bridge"]))
def test_what_is_told_the_rule_says_too(text: str, family: str) -> None:
    rule = read_rule(family, "c", 1, text)
    said = list(rule_demands(rule.guards) or demands_in(text))
    assert all(demand in said for demand in ((field, tuple(parts)) for field, parts in demands_in(text)))


def _table(rules: list[str]) -> Table:
    body = "".join(f"\t\t{rule}\n" for rule in rules)
    head = "\t\ttype filter hook input priority 0; policy accept;\n"
    (table,) = parse_nft_text(f"table inet t {{\n\tchain in {{\n{head}{body}\t}}\n}}\n", "x")
    return table


@given(st.lists(RULES, min_size=65, max_size=80))
def test_a_rule_that_is_left_out_is_surely_not_met(rules: list[str]) -> None:
    chain, at = _table(rules).chains["in"], seen(DISCOVER)
    told = chain.possible(lambda field: value_in(at, field) if isinstance(field, Field) else None)
    for number in set(range(len(rules))) - set(told):
        guards = [part for part in chain.rule(number).guards if isinstance(part, Number | Name)]
        assert any(guard.meets(at) is Answer.NO for guard in guards), rules[number]


FIRST_WORDS = st.one_of(
    RULES,
    st.builds(
        "{} {}.{}.0.1 udp dport {} drop".format,
        st.sampled_from(["ip saddr", "ip daddr", "ip ttl", "ip6 saddr"]),
        st.integers(0, 300),
        st.sampled_from(["0", "00", "168", "0168", "255", "256"]),
        st.integers(0, 3),
    ),
    st.builds(
        "{} {}port {} drop".format, st.sampled_from(["tcp", "udp", "th"]), st.sampled_from("sd"), st.integers(0, 70000)
    ),
    st.builds(
        "{}ifname {} drop".format, st.sampled_from("io"), st.sampled_from(['"virbr0"', '"v*"', "virbr0", '"x y"'])
    ),
)


@given(
    st.lists(FIRST_WORDS, max_size=40),
    st.tuples(st.integers(0, 70000), st.integers(0, 4)) | st.none(),
    st.none() | st.sampled_from(["virbr0", "vnet3", ""]),
)
def test_of_each_rule_all_that_its_first_words_tell_is_looked_at(
    rules: list[str], ports: tuple[int, int] | None, device: str | None
) -> None:
    """No rule more and none less than when each is looked at: a value filed as text is the same value."""
    packet = msgspec.structs.replace(DISCOVER, destination_port=None if ports is None else ports[0])
    at = Seen(packet=packet, place=msgspec.structs.replace(seen().place, in_device=device))

    def value_of(field: Property) -> Range | str | Absent | None:
        value = value_in(at, field) if isinstance(field, Field) else None
        # Also a range: a port that is one of several.
        return (value[0], value[1] + ports[1]) if ports is not None and isinstance(value, tuple) else value

    def may_be(field: Property, value: str | int) -> bool:
        has = value_of(field)
        return (
            has is None
            or has == value
            or (isinstance(has, tuple) and isinstance(value, int) and has[0] <= value <= has[1])
        )

    told = [n for n, rule in enumerate(rules) if all(may_be(of, parts[0][0]) for of, parts in demands_in(rule))]
    assert ByFirstWords(rules).possible(value_of) == told


@pytest.mark.parametrize("path", LISTINGS, ids=lambda path: path.name)
def test_in_listings_of_real_hosts(path: Path) -> None:
    for table in parse_nft_text(path.read_text(encoding="utf-8"), path.name):
        for chain in table.chains.values():
            for number, (_, text) in enumerate(chain.written):
                said = rule_demands(chain.rule(number).guards)
                for field, parts in demands_in(text):
                    assert said is None or (field, tuple(parts)) in [(of, tuple(found)) for of, found in said], text
                    said = rule_demands(chain.rule(number).guards)


def test_ten_thousand_rules_are_not_read_for_a_packet_that_meets_none() -> None:
    table = _table(
        [f"ip saddr 10.0.{n >> 8}.{n & 255} tcp dport 22 counter packets 0 bytes 0 drop" for n in range(10_000)]
    )
    started = time.process_time()
    walk(table, table.chains["in"], seen(DISCOVER))
    assert len(table.chains["in"]._read) == 0
    assert time.process_time() - started < 5
