"""br_netfilter is on for a bridge if the host's switch or its own says so; a hook's devices with number and group."""

import pytest

from builders import bridge, host, link
from pxedoctor.model.fact import Missing
from pxedoctor.netfilter.ruleset import Ruleset
from pxedoctor.netfilter.seen import Family, Hook
from pxedoctor.road.scene import Lookup, Scene
from road_walks import OFF, ON, scene

UNREAD = Missing("forbidden", "no")


@pytest.mark.parametrize(
    ("sysctls", "own", "called"),
    [
        (OFF, False, False),
        (ON, False, True),
        (OFF, True, True),
        ({}, False, False),
        (OFF, None, None),
        (ON, None, True),
        (UNREAD, False, None),
        (UNREAD, True, True),
    ],
    ids=[
        "off",
        "the host's",
        "the bridge's",
        "no br_netfilter",
        "own not read",
        "the host's, own not read",
        "?",
        "own, ?",
    ],
)
def test_either_switch_is_enough(sysctls: object, own: bool | None, called: bool | None) -> None:
    known = Lookup(host(sysctls=sysctls), Ruleset())
    on = bridge(nf_call_iptables=own, nf_call_ip6tables=own, nf_call_arptables=own)
    there = Scene(bridge=on, known=known)
    assert [there.calls(family) for family in (Family.IP, Family.IP6, Family.ARP)] == [called] * 3


def test_each_family_has_a_switch_of_its_own() -> None:
    there = scene(sysctls=OFF | {"net/bridge/bridge-nf-call-ip6tables": "1"})
    assert (there.calls(Family.IP), there.calls(Family.IP6)) == (False, True)


def test_a_hooks_devices() -> None:
    there = scene(links=(link("vnet0", index=9, group=7), link("br0", kind="bridge", index=3)))
    place = there.place(Family.BRIDGE, Hook.FORWARD, "vnet0", "br0")
    assert (place.in_index, place.in_group, place.out_index, place.out_group) == (9, 7, 3, 0)
    assert place.bridge == "br0"


def test_a_port_that_is_still_to_be_made_has_no_name_and_group_0() -> None:
    place = scene().place(Family.BRIDGE, Hook.PREROUTING, None, "")
    assert (place.in_device, place.in_index, place.in_group) == (None, None, 0)
    assert (place.out_device, place.out_index) == ("", None)
    assert scene().place(Family.IP, Hook.INPUT, "br0", "").bridge == ""
