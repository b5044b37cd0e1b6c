"""A table from its pieces, and from a real kernel: the same as if it had been listed whole."""

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.netfilter.nft_text import parse_nft_text
from pxedoctor.netfilter.pieces import BASE_NOT_ASKED, NOT_ASKED, put_together

_RULES = """\
add table inet own
add set inet own names { type ipv4_addr; elements = { 192.0.2.1 }; }
add set inet own seen { type ipv4_addr; flags dynamic; }
add map inet own ways { type ipv4_addr : verdict; }
add chain inet own in { type filter hook input priority 10; policy drop; }
add chain inet own a { comment "holds { a brace"; }
add chain inet own b
add element inet own ways { 192.0.2.9 : goto b }
add rule inet own in ip saddr @names jump a
add rule inet own a ip saddr vmap @ways
add rule inet own b add @seen { ip saddr } udp dport { 67, 68 } accept comment "twice"
"""


def test_without_heads_the_pieces_make_the_table() -> None:
    first, second = (f"table ip x {{\n\tchain {name} {{\n\t\taccept\n\t}}\n}}\n" for name in "ab")
    (table,) = put_together((), (*parse_nft_text(first, "one"), *parse_nft_text(second, "two")))
    assert list(table.chains) == ["a", "b"]
    assert all(not chain.unlisted for chain in table.chains.values())


def test_a_whole_table_keeps_its_origin() -> None:
    (table,) = put_together((), parse_nft_text("table ip x {\n}\n", "nft -a list ruleset"))
    assert table.origin == "nft -a list ruleset"


@pytest.mark.lab
def test_the_pieces_of_a_real_table_are_the_table() -> None:
    with open_site() as site:
        site.write("/tmp/rules", _RULES)
        site.run("nft", "-f", "/tmp/rules")
        whole = site.run("nft", "-a", "list", "ruleset")
        heads = site.run("nft", "-a", "list", "chains")
        words = ["chain inet own in", "chain inet own a", "chain inet own b", "set inet own names", "set inet own seen"]
        texts = [site.run("nft", "-a", "list", *entry.split()) for entry in [*words, "map inet own ways"]]
    (expected,) = parse_nft_text(whole, "x")
    (alone,) = put_together(parse_nft_text(heads, "x"), ())
    assert {chain.unlisted for chain in alone.chains.values()} == {NOT_ASKED, BASE_NOT_ASKED}
    pieces = tuple(table for text in texts for table in parse_nft_text(text, "x"))
    (found,) = put_together(parse_nft_text(heads, "x"), pieces)
    for name, chain in expected.chains.items():
        head = (chain.hook, chain.priority, chain.policy)
        assert (found.chains[name].hook, found.chains[name].priority, found.chains[name].policy) == head
        assert [(rule.handle, rule.parts) for rule in found.chains[name].rules] == [
            (rule.handle, rule.parts) for rule in chain.rules
        ]
    assert found.sets == expected.sets
