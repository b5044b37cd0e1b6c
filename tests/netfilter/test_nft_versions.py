"""The same rules of one kernel, listed by nft 0.9.8, 1.0.6 and 1.1.3: one tree, but for what a version leaves out."""

from pathlib import Path

import pytest

from nft_shown import shown
from pxedoctor.netfilter.nft_text import parse_nft_text
from pxedoctor.netfilter.syntax import Rule, Table

_VERSIONS = Path(__file__).parent / "listings" / "versions"


def tables(version: str) -> tuple[Table, ...]:
    return parse_nft_text((_VERSIONS / f"{version}.nft").read_text(encoding="utf-8"), version)


def rules(version: str) -> dict[tuple[str, str, int | None], Rule]:
    return {
        (table.family, chain.name, rule.handle): rule
        for table in tables(version)
        for chain in table.chains.values()
        for rule in chain.rules
    }


# How each version writes it, and what it then says, where that is not the same to the letter.
DIFFERENT = {
    "0.9.8": {
        "limit rate 10 mbytes/second drop": "?limit rate 10 mbytes/second?; DROP",
        "@nh,0,8 69 accept": "?@nh,0,8 69?; ACCEPT",
        "@ll,0,48 4660 accept": "?@ll,0,48 4660?; ACCEPT",
        "ct protocol 17 accept": "direction = 0-1; ?ct protocol 17?; ACCEPT",
        # What the others imply is printed.
        "meta nfproto ipv4 ip saddr . udp dport { 1.1.1.1 . 53, 2.2.2.2 . 54-55 } accept": (
            "family (NFPROTO_*) = 2; protocol = 17; source . dport in {1.1.1.1 . 53, 2.2.2.2 . 54-55}; ACCEPT"
        ),
        "meta nfproto ipv4 reject with icmp type host-unreachable": "family (NFPROTO_*) = 2; ethertype = 0x800; REJECT",
        # `meta protocol ip` is lost.
        "udp dport 67 drop": "protocol = 17; dport = 67; DROP",
    },
    "1.1.3": {
        "limit rate 5/second burst 5 packets accept": "?limit rate 5/second burst 5 packets?; ACCEPT",
        "ct protocol 17 accept": "direction = 0-1; ?ct protocol 17?; ACCEPT",
        "add @s3 { ip saddr limit rate over 10/second burst 5 packets } drop": (
            "?add @s3 { ip saddr limit rate over 10/second burst 5 packets }?; DROP"
        ),
        "meter xx size 65535 { ip saddr limit rate 10/second burst 5 packets } accept": (
            "?meter xx size 65535 { ip saddr limit rate 10/second burst 5 packets }?; ACCEPT"
        ),
    },
}


@pytest.mark.parametrize("version", ["0.9.8", "1.1.3"])
def test_every_rule_says_the_same(version: str) -> None:
    theirs, ours = rules(version), rules("1.0.6")
    assert theirs.keys() == ours.keys()
    assert len(ours) > 200
    different = {rule.text: shown(rule) for place, rule in theirs.items() if shown(rule) != shown(ours[place])}
    assert different == DIFFERENT[version]


@pytest.mark.parametrize("version", ["0.9.8", "1.1.3"])
def test_chains_and_sets_are_the_same(version: str) -> None:
    for theirs, ours in zip(tables(version), tables("1.0.6"), strict=True):
        assert (theirs.family, theirs.name) == (ours.family, ours.name)
        assert theirs.sets == ours.sets
        for name, chain in theirs.chains.items():
            same = ours.chains[name]
            assert (chain.hook, chain.priority, chain.policy, chain.kind, chain.devices) == (
                same.hook,
                same.priority,
                same.policy,
                same.kind,
                same.devices,
            )


def iptables_nft(version: str) -> dict[str, list[Rule]]:
    """A listing with what nft says on standard error, as a sosreport keeps it; its extensions are not installed."""
    text = (_VERSIONS / f"iptables_nft_{version}.txt").read_text(encoding="utf-8")
    return {
        f"{table.family} {table.name}": [rule for chain in table.chains.values() for rule in chain.rules]
        for table in parse_nft_text(text, version)
    }


def test_warnings_in_the_middle_of_lines_are_taken_out() -> None:
    found = iptables_nft("1.1.3")
    assert [rule.text for rule in found["ip filter"][:3]] == [
        'iifname "virbr0" udp dport 67 xt match "comment" counter packets 0 bytes 0 accept',
        'meta l4proto 17 xt match "multiport" counter packets 0 bytes 0 accept',
        'xt match "addrtype" counter packets 0 bytes 0 drop',
    ]
    assert [rule.handle for rule in found["ip filter"]] == list(range(2, 24))
    assert (
        shown(found["ip filter"][0])
        == 'in = "virbr0"; protocol = 17; dport = 67; always; (counter packets 0 bytes 0); ACCEPT'
    )
    assert (
        shown(found["ip mangle"][0]) == 'out = "virbr0"; protocol = 17; dport = 68; (counter packets 0 bytes 0); FILL'
    )
    lines = (_VERSIONS / "iptables_nft_1.1.3.txt").read_text(encoding="utf-8").splitlines()
    assert all(f"# handle {rule.handle}" in lines[rule.line] for rule in found["ip filter"][:3])


def test_an_old_nft_passes_over_extensions_and_no_rule_of_it_is_believed() -> None:
    """0.9.8 prints `counter packets 0 bytes 0 drop` for a rule that drops what one extension matches."""
    hidden = "(a statement that nft did not print)"
    found = iptables_nft("0.9.8")
    assert shown(found["ip filter"][2]) == f"?{hidden}?; (counter packets 0 bytes 0); DROP"
    assert shown(found["ip mangle"][0]) == (
        f'out = "virbr0"; protocol = 17; dport = 68; ?{hidden}?; (counter packets 0 bytes 0); !{hidden}!'
    )
    for rules in found.values():
        assert all(hidden in shown(rule) for rule in rules)


def test_a_native_table_beside_them_is_believed() -> None:
    text = "XT match comment not found\ntable inet own {\n\tchain c {\n\t\tcounter packets 0 bytes 0 drop\n\t}\n}\n"
    (own,) = parse_nft_text(text, "nft")
    (rule,) = own.chains["c"].rules
    assert (shown(rule), rule.line) == ("(counter packets 0 bytes 0); DROP", 4)
