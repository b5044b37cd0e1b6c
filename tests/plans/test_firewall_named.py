"""What refuses a packet, found again by its names."""

import msgspec
import pytest

from builders import host
from pxedoctor.model.fact import Missing
from pxedoctor.plans.firewall_named import Named, obstacle
from rulesets import UFW, base_chain, filter_table, native, netfilter, own_chain, saved

_UFW = host(netfilter=netfilter(saved(UFW)))
_RULE = Named(
    hook="ip input",
    family="ip",
    table="filter",
    origin="iptables-nft-save",
    chain="ufw-skip-to-policy-input",
    text="-A ufw-skip-to-policy-input -j DROP",
)
_NATIVE = Named(
    hook="ip input",
    family="inet",
    table="host",
    origin="nft -a list table inet host",
    chain="",
    text="udp dport 67 drop",
)


def test_a_rule_in_a_chain_that_is_jumped_to_is_reached_from_its_base_chain() -> None:
    found = obstacle(_UFW, _RULE)
    assert found is not None
    assert (found.base, found.chain, found.text) == ("INPUT", "ufw-skip-to-policy-input", _RULE.text)
    assert found.owned.owner == "ufw"


def test_a_policy_is_its_base_chains() -> None:
    found = obstacle(_UFW, msgspec.structs.replace(_RULE, chain="INPUT", text=""))
    assert found is not None
    assert (found.base, found.rule) == ("INPUT", None)


def test_of_several_base_chains_at_a_hook_the_one_that_leads_there() -> None:
    text = native(
        "inet",
        "host",
        base_chain("early", "tcp dport 1 drop", priority=-10),
        base_chain("late", "jump mine", priority=10),
        own_chain("mine", "udp dport 67 drop"),
    )
    named = msgspec.structs.replace(_NATIVE, chain="mine")
    found = obstacle(host(netfilter=netfilter(text)), named)
    assert found is not None
    assert found.base == "late"


def test_a_named_map_of_interfaces_leads_there() -> None:
    """As nwfilter's nftables driver has it, and many a host's own firewall by zones."""
    zones = '\tmap zones {\n\t\ttype ifname : verdict\n\t\telements = { "virbr0" : jump guests }\n\t}\n'
    text = native(
        "inet",
        "host",
        zones,
        base_chain("input", "iifname vmap @zones"),
        own_chain("guests", "udp dport 67 drop"),
    )
    named = msgspec.structs.replace(_NATIVE, chain="guests")
    found = obstacle(host(netfilter=netfilter(text)), named)
    assert found is not None
    assert (found.base, found.text) == ("input", "udp dport 67 drop")


@pytest.mark.parametrize(
    "changes",
    [{"text": "-A INPUT -j DROP"}, {"chain": "gone"}, {"table": "mangle"}, {"origin": "iptables-legacy-save"}],
    ids=lambda changes: next(iter(changes)),
)
def test_what_is_not_there_any_more_is_none(changes: dict[str, str]) -> None:
    assert obstacle(_UFW, msgspec.structs.replace(_RULE, **changes)) is None


def test_without_rules_there_is_none() -> None:
    assert obstacle(host(netfilter=Missing("forbidden", "no")), _RULE) is None


def test_a_chain_that_nothing_reaches_refuses_nothing() -> None:
    alone = filter_table("-A lost -j DROP", chains=("lost",))
    named = msgspec.structs.replace(_RULE, chain="lost", text="-A lost -j DROP")
    assert obstacle(host(netfilter=netfilter(saved(alone))), named) is None
