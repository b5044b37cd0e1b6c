"""Native tables from nft's text: heads of chains, what could drop, and a table that was listed in pieces."""

from pxedoctor.model.netfilter import RulesText
from pxedoctor.netfilter.native import could_drop
from pxedoctor.netfilter.native_text import parse_native_text

IN = """\
table inet own {
	chain in { # handle 1
		type filter hook input priority filter + 5; policy accept;
		iifname "virbr0" udp dport { 53, 67 } accept # handle 4
		ip saddr 192.0.2.0/24 jump a # handle 5
	}
}
"""
A = """\
table inet own {
	chain a { # handle 2
		counter packets 0 bytes 0 drop # handle 6
	}
}
"""


def text(listing: str) -> RulesText:
    return RulesText(family="inet", dialect="nft-text", variant="native", origin="nft", text=listing)


def test_a_table_in_two_pieces() -> None:
    (table,) = parse_native_text((text(IN), text(A)))
    (base,) = table.base_chains("input")
    assert (base.priority, base.policy) == (5, "accept")
    assert [rule.handle for rule in base.rules] == [4, 5]
    assert could_drop(table, base)


def test_a_chain_that_was_not_listed_could_drop() -> None:
    (table,) = parse_native_text((text(IN),))
    assert could_drop(table, table.chains["in"])


def test_what_only_accepts_could_not() -> None:
    (table,) = parse_native_text((text(IN.replace("jump a", "accept")),))
    assert not could_drop(table, table.chains["in"])
