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
