"""The order of the ways through a bridge, with a chain at every hook. What each hook does is the kernel's to judge."""

import pytest

from pxedoctor.model.bridge import Port, PortState
from pxedoctor.model.fact import Missing
from pxedoctor.road import way
from pxedoctor.road.hop import Fate
from pxedoctor.road.packet_name import PacketName as Name
from pxedoctor.road.scene import NewPort, OtherGuest
from road_walks import OFF, ON, everywhere, journey, tap, told
from rulesets import base_chain, filter_table, native, own_chain, saved

IN = ["netdev ingress vnet0", "port vnet0", "bridge prerouting br0"]


@pytest.mark.parametrize(
    ("sysctls", "prerouting"), [(OFF, []), (ON, ["ip prerouting br0"])], ids=["br_netfilter off", "on"]
)
def test_into_the_bridge(sysctls: dict[str, str], prerouting: list[str]) -> None:
    found = journey(Name.DISCOVER, *everywhere(), sysctls=sysctls)
    way.into_bridge(found, tap(found))
    assert told(found) == [*IN, *prerouting]


def test_up_to_the_host() -> None:
    found = journey(Name.DISCOVER, *everywhere())
    way.up(found, tap(found))
    assert told(found) == ["bridge input br0", "bridge br0"]


@pytest.mark.parametrize(
    ("name", "sysctls", "hooks"),
    [
        (Name.DISCOVER, OFF, ["bridge forward br0", "bridge postrouting br0"]),
        (
            Name.DISCOVER,
            ON,
            ["bridge forward br0", "ip forward br0", "bridge postrouting br0", "ip postrouting br0"],
        ),
        (Name.SOLICIT, ON, ["bridge forward br0", "ip6 forward br0", "bridge postrouting br0", "ip6 postrouting br0"]),
        (Name.ARP_REQUEST, ON, ["bridge forward br0", "arp forward br0", "bridge postrouting br0"]),
        (Name.ARP_REQUEST, OFF, ["bridge forward br0", "bridge postrouting br0"]),
    ],
)
def test_across_to_another_port(name: Name, sysctls: dict[str, str], hooks: list[str]) -> None:
    found = journey(name, *everywhere(), sysctls=sysctls)
    way.into_bridge(found, tap(found))
    before = len(found.hops)
    way.across(found, tap(found), tap(found, "eno1"))
    assert told(found)[before:] == ["exit eno1", *hooks, "netdev egress eno1"]


def test_down_to_a_guest() -> None:
    found = journey(Name.OFFER_BROADCAST, *everywhere())
    way.down(found, tap(found))
    assert told(found) == [
        "netdev egress br0",
        "exit vnet0",
        "bridge output br0",
        "bridge postrouting br0",
        "netdev egress vnet0",
    ]


def test_the_way_ends_where_the_packet_dies() -> None:
    found = journey(Name.DISCOVER, *everywhere())
    closed = Port(name="vnet0", state=PortState.BLOCKING)
    way.into_bridge(found, closed)
    way.up(found, closed)
    assert told(found) == ["netdev ingress vnet0", "port vnet0"]
    assert found.hops[-1].predicted is Fate.DROP


def test_where_br_netfilter_is_not_known_a_drop_behind_it_is_not_sure() -> None:
    drops = native("ip", "t", base_chain("c", hook="forward", policy="drop"))
    found = journey(Name.DISCOVER, drops, sysctls=Missing("forbidden", "no"))
    way.into_bridge(found, tap(found))
    way.across(found, tap(found), tap(found, "eno1"))
    (forward,) = [hop for hop in found.hops if hop.hook == "ip forward"]
    assert forward.predicted is Fate.UNKNOWN
    assert "whether br_netfilter" in forward.why


FILTERED = native(
    "bridge",
    "nwfilter",
    base_chain("pre", 'iifname "vnet0" jump I-vnet0', hook="prerouting"),
    base_chain("post", 'oifname "vnet0" jump I-vnet0', hook="postrouting"),
    own_chain("I-vnet0", "drop"),
)


@pytest.mark.parametrize("sysctls", [OFF, ON], ids=["br_netfilter off", "on"])
def test_rules_of_a_running_guests_tap_are_not_for_a_port_that_is_still_to_be_made(sysctls: dict[str, str]) -> None:
    physdev = saved(filter_table("-A FORWARD -m physdev --physdev-in vnet0 -j DROP"))
    listings = (FILTERED, physdev, native("netdev", "t", base_chain("c", "drop", hook="ingress device vnet0")))
    asks = journey(Name.DISCOVER, *listings, sysctls=sysctls)
    way.into_bridge(asks, NewPort())
    way.across(asks, NewPort(), tap(asks, "eno1"))
    hears = journey(Name.OFFER_BROADCAST, *listings, sysctls=sysctls)
    way.down(hears, NewPort())
    assert {hop.predicted for hop in (*asks.hops, *hears.hops)} == {Fate.PASS}


def test_some_other_guests_port_may_be_the_one_that_the_rule_names() -> None:
    found = journey(Name.OFFER_BROADCAST, FILTERED)
    way.into_bridge(found, OtherGuest())
    assert found.hops[-1].predicted is Fate.UNKNOWN
