"""A host's listings as one ruleset: which program's word counts, what is put together, and what stays unlisted."""

import json
from typing import Literal

import pytest

from pxedoctor.model.netfilter import Netfilter, RulesText, Unlisted
from pxedoctor.netfilter.pieces import BASE_NOT_ASKED, NOT_ASKED
from pxedoctor.netfilter.ruleset import Ruleset, understood
from pxedoctor.netfilter.syntax import Table
from rulesets import LIBVIRT, saved

HEADS = """\
table inet own {
	chain in { # handle 1
		type filter hook input priority filter; policy drop;
	}
	chain a { # handle 2
	}
	chain unreached { # handle 3
	}
}
table ip filter {
	chain INPUT { # handle 1
		type filter hook input priority filter; policy accept;
	}
	chain theirs { # handle 7
		type filter hook input priority filter + 5; policy accept;
	}
	chain LIBVIRT_INP { # handle 2
	}
}
"""
IN = """\
table inet own {
	chain in { # handle 1
		type filter hook input priority filter; policy drop;
		ip saddr @known jump a # handle 4
	}
}
"""
A = "table inet own {\n\tchain a { # handle 2\n\t\tudp dport 67 accept # handle 5\n\t}\n}\n"
KNOWN = "table inet own {\n\tset known { # handle 6\n\t\ttype ipv4_addr\n\t\telements = { 192.0.2.1 }\n\t}\n}\n"


def nft(words: str, text: str, family: str = "inet") -> RulesText:
    dialect = "nft-chains" if words == "chains" else "nft-text"
    return RulesText(family=family, dialect=dialect, variant="native", origin=f"nft -a list {words}", text=text)


PIECES = (nft("chains", HEADS, ""), nft("chain inet own in", IN), nft("chain inet own a", A))


def table(ruleset: Ruleset, family: str, name: str, dialect: str = "nft") -> Table:
    (found,) = [entry for entry in ruleset.tables_of(family, name) if entry.dialect == dialect]
    return found


def test_a_table_that_was_listed_chain_by_chain() -> None:
    ruleset = understood(Netfilter(listings=(*PIECES, nft("set inet own known", KNOWN))))
    own = table(ruleset, "inet", "own")
    assert [rule.handle for rule in own.chains["in"].rules] == [4]
    assert own.chains["in"].policy == "drop"
    assert own.chains["a"].origin == "nft -a list chain inet own a"
    assert own.chains["a"].unlisted == ""
    assert own.chains["unreached"].unlisted == NOT_ASKED
    assert len(own.sets["known"].elements) == 1
    assert ruleset.unlisted == ()


def test_a_set_that_a_rule_of_another_piece_writes() -> None:
    writes = A.replace("udp dport 67 accept", "add @known { ip saddr }")
    listings = (PIECES[0], nft("chain inet own a", writes), nft("set inet own known", KNOWN))
    assert not table(understood(Netfilter(listings=listings)), "inet", "own").sets["known"].known


def test_a_chain_that_could_not_be_listed_is_unknown_alone() -> None:
    gone = Unlisted(family="inet", why="chain a: gone", table="own", chain="a")
    ruleset = understood(Netfilter(listings=PIECES[:2], unlisted=(gone,)))
    assert table(ruleset, "inet", "own").chains["a"].unlisted == "chain a: gone"
    assert table(ruleset, "inet", "own").chains["in"].unlisted == ""
    assert ruleset.unlisted == ()


def test_a_table_that_could_not_be_listed_is_unknown_alone() -> None:
    slow = Unlisted(family="inet", why="table own: timed out", table="own")
    ruleset = understood(Netfilter(listings=PIECES[:1], unlisted=(slow,)))
    assert {chain.unlisted for chain in table(ruleset, "inet", "own").chains.values()} == {"table own: timed out"}
    assert table(ruleset, "ip", "filter").chains["theirs"].unlisted == BASE_NOT_ASKED
    assert ruleset.unlisted == ()


def test_a_listing_that_is_none_makes_only_its_chain_unknown() -> None:
    ruleset = understood(Netfilter(listings=(*PIECES[:2], nft("chain inet own a", "nonsense"))))
    assert "line 1" in table(ruleset, "inet", "own").chains["a"].unlisted
    assert ruleset.unlisted == ()


@pytest.mark.parametrize("words", ["set inet own known", "map inet own known"])
def test_a_set_that_is_not_understood_is_a_set_that_is_not_there(words: str) -> None:
    ruleset = understood(Netfilter(listings=(*PIECES, nft(words, "nonsense"))))
    assert table(ruleset, "inet", "own").sets == {}
    assert ruleset.unlisted == ()


def test_a_save_that_is_none_is_unlisted_with_its_command() -> None:
    (entry,) = understood(Netfilter(listings=(saved("*filter\n"),))).unlisted
    assert "`iptables-nft-save`" in entry.why
    assert entry.family == "ip"


def test_of_a_table_that_both_list_nft_adds_the_chains_of_somebody_else() -> None:
    head = "\t\ttype filter hook input priority 5; policy accept;\n"
    theirs = f"table ip filter {{\n\tchain theirs {{\n{head}\t\tdrop\n\t}}\n}}\n"
    ruleset = understood(Netfilter(listings=(saved(LIBVIRT), PIECES[0], nft("chain ip filter theirs", theirs, "ip"))))
    assert "INPUT" in table(ruleset, "ip", "filter", "iptables").chains
    native = table(ruleset, "ip", "filter")
    assert [chain.name for chain in native.chains.values() if chain.hook] == ["theirs"]
    assert len(native.chains["theirs"].rules) == 1


def test_a_whole_ruleset_beside_the_saves_is_not_counted_twice() -> None:
    """As in a sosreport: nft lists the tables of iptables-nft too."""
    whole = HEADS[HEADS.index("table ip filter") :].replace("chain theirs", "chain FORWARD").replace("input", "forward")
    ruleset = understood(Netfilter(listings=(saved(LIBVIRT), nft("ruleset", whole, ""))))
    assert [entry.dialect for entry in ruleset.tables_of("ip", "filter")] == ["iptables"]


def test_a_table_that_its_save_command_prints_wrongly_is_nfts() -> None:
    wrong = RulesText(
        family="ip",
        dialect="iptables-save",
        variant="nft",
        origin="iptables-nft-save",
        text=LIBVIRT,
        except_tables=frozenset({"filter"}),
    )
    head = "\t\ttype filter hook input priority 0; policy accept;\n"
    inside = f"table ip filter {{\n\tchain INPUT {{\n{head}\t\tdrop\n\t}}\n}}\n"
    ruleset = understood(Netfilter(listings=(wrong, PIECES[0], nft("chain ip filter INPUT", inside, "ip"))))
    assert [entry.dialect for entry in ruleset.tables_of("ip", "filter")] == ["nft"]
    assert [entry.dialect for entry in ruleset.tables_of("ip", "nat")] == ["iptables"]


def test_dormant_tables_and_queues() -> None:
    ruleset = understood(Netfilter(listings=PIECES, dormant=frozenset({("inet", "own")}), queues=frozenset({3})))
    assert table(ruleset, "inet", "own").dormant
    assert table(ruleset, "inet", "own").base_chains("input") == ()
    assert ruleset.queues == {3}


def test_ipsets() -> None:
    text = RulesText(
        family="",
        dialect="ipset-save",
        variant="native",
        origin="ipset save",
        text="create b hash:ip\nadd b 192.0.2.1\n",
    )
    assert len(understood(Netfilter(listings=(text,))).ipsets["b"].elements) == 1


def test_the_same_host_is_understood_once() -> None:
    assert understood(Netfilter(listings=PIECES)) is understood(Netfilter(listings=tuple(PIECES)))


@pytest.mark.parametrize(
    ("dialect", "family", "text"),
    [
        ("ebtables-save", "bridge", "*filter\n:INPUT ACCEPT\n:FORWARD ACCEPT\n:OUTPUT ACCEPT\n-A FORWARD -j DROP\n"),
        ("arptables-save", "arp", "*filter\n:INPUT ACCEPT\n:OUTPUT ACCEPT\n-A INPUT -j DROP -s 192.0.2.1\n"),
    ],
)
def test_tables_of_bridges_and_of_arp(
    dialect: Literal["ebtables-save", "arptables-save"], family: str, text: str
) -> None:
    listing = RulesText(family=family, dialect=dialect, variant="nft", origin=dialect, text=text)
    ruleset = understood(Netfilter(listings=(listing,)))
    assert ruleset.unlisted == ()
    (found,) = ruleset.tables_of(family, "filter")
    assert sum(len(chain.rules) for chain in found.chains.values()) == 1


def test_a_table_in_json() -> None:
    where = {"family": "inet", "table": "own"}
    chain = where | {"name": "in", "handle": 1, "type": "filter", "hook": "input", "prio": 0, "policy": "drop"}
    rule = where | {"chain": "in", "handle": 2, "expr": [{"accept": None}]}
    entries = [{"table": {"family": "inet", "name": "own"}}, {"chain": chain}, {"rule": rule}]
    listing = RulesText(
        family="inet",
        dialect="nft-json",
        variant="native",
        origin="nft -j list table inet own",
        text=json.dumps({"nftables": [{"metainfo": {"json_schema_version": 1}}, *entries]}),
    )
    (found,) = understood(Netfilter(listings=(listing,))).tables
    assert [chain.policy for chain in found.base_chains("input")] == ["drop"]
    assert len(found.chains["in"].rules) == 1
