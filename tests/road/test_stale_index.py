"""Rules that name a device by a number that is gone, and what they would say if it were the bridge's."""

import pytest

from boots import ON_DEFAULT, on_libvirt
from pxedoctor.model.fact import Missing
from pxedoctor.netfilter.ruleset import understood
from pxedoctor.road.packet_name import PacketName
from pxedoctor.road.stale_index import dies_of_stale, renamed, stale_rules
from rulesets import base_chain, native, netfilter

STALE = native("inet", "host", base_chain("input", "iif 99 udp dport 67 accept", policy="drop"))


def test_a_number_that_no_device_has() -> None:
    (found,) = stale_rules(on_libvirt().host, understood(netfilter(STALE)))
    assert (found.index, found.rule.text, found.table.name) == (99, "iif 99 udp dport 67 accept", "host")


@pytest.mark.parametrize(
    "rule", ["iif 7 accept", 'iif "virbr0" accept', 'iifname "gone0" accept', "iif { 98, 99 } drop"]
)
def test_a_number_of_today_a_name_or_a_set_is_none(rule: str) -> None:
    listing = native("inet", "host", base_chain("input", rule))
    assert not stale_rules(on_libvirt().host, understood(netfilter(listing)))


def test_where_devices_are_not_known_nothing_is_stale() -> None:
    assert not stale_rules(on_libvirt(links=Missing("failed", "no")).host, understood(netfilter(STALE)))


def test_the_discover_dies_of_it() -> None:
    assert dies_of_stale(on_libvirt(STALE), ON_DEFAULT, PacketName.DISCOVER) == 99


def test_it_does_not_die_of_it_where_something_else_drops_it_too() -> None:
    other = native("inet", "other", base_chain("input", "udp dport 67 drop"))
    assert dies_of_stale(on_libvirt(STALE, other), ON_DEFAULT, PacketName.DISCOVER) is None


def test_what_lives_does_not_die() -> None:
    assert dies_of_stale(on_libvirt(), ON_DEFAULT, PacketName.DISCOVER) is None


def test_only_that_number_is_meant() -> None:
    listing = native("inet", "host", base_chain("input", "iif 98 accept", "iif 99 accept"))
    (table,) = renamed(understood(netfilter(listing)), 99, "virbr0").tables
    texts = [str(rule.parts[0]) for rule in table.chains["input"].rules]
    assert "virbr0" not in texts[0]
    assert "virbr0" in texts[1]
