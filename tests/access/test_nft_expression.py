"""Which rules iptables can have written, by expressions recorded from a 6.18 kernel (iptables 1.8.9, nft 1.0.6)."""

import json
from pathlib import Path

import pytest

from pxedoctor.access.nft_expression import foreign

RECORDED = [
    json.loads(line) for line in (Path(__file__).parent / "data" / "expressions.jsonl").read_text().splitlines()
]
# By hand: rules of nft that a save command prints as they are. All others of nft's are foreign.
PRINTED_TRULY = {
    "tcp flags syn drop",
    "tcp flags & (fin|syn|rst|ack) == syn drop",
    "tcp dport 22-80 drop",
    "udp dport != 22-80 drop",
    "ip frag-off & 0x1fff != 0 drop",
    'iifname "virbr*" drop',
    'iifname "virbr0" drop',
    'iifname != "virbr0" drop',
    "udp dport != 67 drop",
    "ip protocol udp drop",
    "limit rate 1/second drop",
    "meta mark 5 drop",
    "meta mark & 3 == 5 drop",
    "udp sport 68 udp dport 67 drop",
    "meta l4proto != udp drop",
    "ip saddr & 0.255.0.255 == 0.1.0.2 drop",
    "counter",
    "meta l4proto udp @th,0,32 0x00440043 drop",
    "ether saddr { 52:54:00:00:00:01 } drop",
    "arp operation request drop",
}
# Of both the kernel knows the same.
ALSO_IN_BRIDGE = {"ip": {"udp dport 67 drop"}, "bridge": {"ether saddr 52:54:00:00:00:01 drop"}}


@pytest.mark.parametrize("entry", RECORDED, ids=lambda entry: f"{entry['family']} {entry['rule']}")
def test_a_rule_is_foreign_or_iptables_prints_it_as_it_is(entry: dict[str, str]) -> None:
    family, rule = entry["family"], entry["rule"]
    by_iptables = "tables-nft -A" in rule or rule in PRINTED_TRULY or rule in ALSO_IN_BRIDGE.get(family, set())
    why = foreign(family, bytes.fromhex(entry["expressions"]))
    assert (why == "") == by_iptables
    assert why == entry["foreign"]


def test_a_rule_of_which_a_condition_is_cut_off_is_no_rule_of_iptables() -> None:
    (whole,) = [entry for entry in RECORDED if entry["rule"] == "udp dport 67 drop" and entry["family"] == "ip"]
    expressions = bytes.fromhex(whole["expressions"])
    # The first expression of the rule, which loads the protocol, without the comparison.
    length = int.from_bytes(expressions[:2], "little")
    assert foreign("ip", expressions[:length]) == "protocol"
