"""NICs that are in no Linux bridge: a macvtap has a way of its own, and of the others it is said who carries them."""

import pytest

from builders import bridge, domain, facts, link, network, nic, target
from pxedoctor.model.fact import Missing
from pxedoctor.model.libvirt import Nic, Subnet
from pxedoctor.model.target import Direct, Facts
from pxedoctor.road.exchange import roads
from pxedoctor.road.hop import Fate, RoadHop


def last(known: Facts, **changes: object) -> RoadHop:
    (road,) = roads(known, target(**({"bridge": None} | changes)))
    return road.hops[-1]


def of(one: Nic, **others: object) -> Facts:
    return facts(**({"domains": (domain(one),)} | others))


@pytest.mark.parametrize("mode", ["vepa", "bridge", "private", "passthrough"])
def test_a_macvtap_leaves_by_the_device_below_it(mode: str) -> None:
    found = last(of(nic(kind="direct"), links=(link("eno1", kind=""),)), direct=Direct("eno1", mode))
    assert (found.device, found.predicted) == ("eno1", Fate.PASS)
    assert f"in the mode {mode}" in found.why


@pytest.mark.parametrize(
    ("links", "fate", "words"),
    [
        ((), Fate.DROP, "does not exist"),
        ((link("eno1", kind="", up=False),), Fate.DROP, "is down"),
        ((link("eno1", kind="", carrier=False),), Fate.DROP, "no carrier"),
        (Missing("failed", "no ip"), Fate.UNKNOWN, "no ip"),
    ],
)
def test_without_that_device_nothing_leaves(links: object, fate: Fate, words: str) -> None:
    found = last(of(nic(kind="direct"), links=links), direct=Direct("eno1", "vepa"))
    assert found.predicted is fate
    assert words in found.why


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (nic(kind="user", source="", type="user"), "QEMU's own user-mode network"),
        (nic(kind="user", source="", type="user", backend="passt"), "passt carries"),
        (nic(kind="hostdev", source="", type="hostdev"), "handed over whole"),
        (nic(kind="ethernet", source="", type="ethernet"), "a script or a program"),
        (nic(kind="other", source="", type="vhostuser"), "vhost-user"),
        (nic(kind="other", source="", type="mcast"), "through a socket"),
        (nic(kind="other", source="", type="new one"), "plugged into no bridge that pxedoctor knows"),
    ],
)
def test_of_the_others_it_is_said_who_carries_them(one: Nic, words: str) -> None:
    found = last(of(one))
    assert found.predicted is Fate.UNKNOWN
    assert words in found.why


@pytest.mark.parametrize(("mode", "words"), [("vepa", "a macvtap"), ("hostdev", "as a whole")])
def test_what_a_network_hands_out_at_the_start(mode: str, words: str) -> None:
    here = of(nic(kind="network", source="pool"), networks=(network("pool", forward=mode, bridge=""),))
    found = last(here, network="pool")
    assert found.predicted is Fate.UNKNOWN
    assert "the network pool hands out" in found.why
    assert words in found.why


def test_a_switch_of_open_vswitch_is_not_taken_for_a_bridge_that_is_gone() -> None:
    told = last(of(nic(source="ovs0", switch="openvswitch")), bridge="ovs0")
    seen = last(of(nic(source="ovs0"), links=(link("ovs0", kind="openvswitch"),)), bridge="ovs0")
    assert told == seen
    assert told.predicted is Fate.UNKNOWN
    assert "ovs-appctl ofproto/trace ovs0" in told.why


def test_a_bridge_that_is_gone_is_one() -> None:
    assert last(of(nic()), bridge="br0").predicted is Fate.DROP


def test_of_a_network_that_serves_ipv6_alone_it_is_said() -> None:
    subnet = Subnet(family="ipv6", address="fd00::1", prefix=64, ranges=(("fd00::10", "fd00::ff"),))
    lan = network("lan", forward="", bridge="virbr0", subnets=(subnet,))
    known = of(nic(kind="network", source="lan"), networks=(lan,), bridges=(bridge("virbr0"),))
    found = roads(known, target(bridge="virbr0", network="lan"))[0].hops[-1]
    assert found.predicted is Fate.UNKNOWN
    assert "hands out IPv6 addresses alone" in found.why
