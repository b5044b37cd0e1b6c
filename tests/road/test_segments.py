"""Which VLANs of a bridge are asked in, and what a probe's port must belong to in order to be like a guest's."""

import pytest

from builders import bridge, host, link, port, target
from pxedoctor.model.bridge import Bridge, PortVlans, Vlan
from pxedoctor.model.fact import Missing
from pxedoctor.road.segments import segments, vlans_of_port

ONE = Vlan(first=1, last=1, pvid=True, untagged=True)
TEN = Vlan(first=10, last=10, pvid=True, untagged=True)
TRUNK = Vlan(first=2, last=4094)
ON_IT = {"kind": "vlan", "lower": "br0"}


def filtering(*vnet0: Vlan, own: tuple[Vlan, ...] = (ONE,), default: int = 1) -> Bridge:
    ports = (port("vnet0", vlans=vnet0), port("eno1", vlans=(ONE, TRUNK)))
    return bridge(vlan_filtering=True, default_pvid=default, vlans=own, ports=ports)


@pytest.mark.parametrize(
    ("ports", "vlans"),
    [
        (filtering(ONE), "as-made"),
        (filtering(TEN), (TEN,)),
        (filtering(), ()),
        (filtering(default=0), "as-made"),
        (bridge(vlan_filtering=False, ports=(port(vlans=None),)), "as-made"),
        (bridge(vlan_filtering=True, ports=(port(vlans=None),)), "unknown"),
    ],
)
def test_a_probe_is_in_the_vlans_of_the_guests_port(ports: Bridge, vlans: PortVlans) -> None:
    assert vlans_of_port(ports, target(tap="vnet0")) == vlans


def test_a_guest_that_is_off_gets_what_a_new_port_gets() -> None:
    assert vlans_of_port(filtering(TEN), target(tap=None)) == "as-made"


def test_vlans_of_guests_of_the_bridge_itself_and_of_devices_are_asked_in() -> None:
    """Those that only a trunk carries are not: 4093 of them, and no guest of this host is in one."""
    there = filtering(TEN, own=(ONE, Vlan(first=20, last=21)))
    assert segments(host(links=(link("br0.30", **ON_IT, vlan=30),)), there) == (10, 20, 21, 30)


def test_the_vlan_of_a_new_port_is_asked_without_a_tag() -> None:
    assert segments(host(), filtering(ONE)) == ()
    assert segments(host(), filtering(TEN, own=(ONE, TEN), default=10)) == (1,)


def test_a_bridge_that_does_not_filter_has_the_vlans_of_the_devices_on_it() -> None:
    links = (
        link("br0.30", **ON_IT, vlan=30),
        link("br0.x", **ON_IT),
        link("eno1.40", kind="vlan", lower="eno1", vlan=40),
    )
    assert segments(host(links=links), bridge()) == (30,)
    assert segments(host(links=Missing("failed", "ip crashed")), bridge()) == ()
