"""What a port lets in and out; the kernel judges the flags (test_way_kernel.py), here is what cannot be told."""

import msgspec
import pytest

from builders import bridge, client, port
from pxedoctor.model.bridge import Port, PortState, Stp
from pxedoctor.road import port as gate
from pxedoctor.road.hop import Fate, RoadHop
from pxedoctor.road.journey import Journey
from pxedoctor.road.packet_name import PacketName as Name
from pxedoctor.road.scene import AnyPort, NewPort, OtherGuest, Scene
from road_walks import journey, scene

VNET0 = port("vnet0")


def state_hop(at: AnyPort, stp: Stp, delay: float = 15.0, of: str | None = "ipxe") -> RoadHop:
    plain = scene()
    on = Scene(bridge=bridge(stp=stp, forward_delay=delay), known=plain.known)
    walked = Journey(on, journey(Name.DISCOVER).packet)
    gate.takes_in(walked, at, client(of) if of else None)
    (hop,) = walked.hops
    return hop


@pytest.mark.parametrize(
    ("at", "stp", "delay", "fate"),
    [
        (port(state=PortState.FORWARDING), Stp.KERNEL, 15, Fate.PASS),
        (port(state=PortState.LISTENING), Stp.KERNEL, 15, Fate.DROP),
        (port(state=PortState.LEARNING), Stp.KERNEL, 2, Fate.PASS),
        (port(state=PortState.BLOCKING), Stp.KERNEL, 2, Fate.DROP),
        (port(state=PortState.DISABLED), Stp.OFF, 15, Fate.DROP),
        (port(state=PortState.LISTENING), Stp.OFF, 15, Fate.DROP),
        (port(state=PortState.BLOCKING), Stp.USER, 15, Fate.UNKNOWN),
        (NewPort(), Stp.OFF, 15, Fate.PASS),
        (NewPort(), Stp.KERNEL, 2, Fate.PASS),
        (NewPort(), Stp.KERNEL, 15, Fate.DROP),
        (NewPort(), Stp.USER, 2, Fate.UNKNOWN),
    ],
)
def test_the_state_of_a_port(at: AnyPort, stp: Stp, delay: float, fate: Fate) -> None:
    assert state_hop(at, stp, delay).predicted is fate


def test_a_client_that_nobody_knows_may_outlast_the_silence() -> None:
    assert state_hop(NewPort(), Stp.KERNEL, 15, None).predicted is Fate.PASS


def out(to: AnyPort, came_in: AnyPort | None, name: Name = Name.DISCOVER) -> RoadHop:
    walked = journey(name)
    gate.lets_out(walked, to, came_in)
    return walked.hops[0]


def flagged(**flags: object) -> Port:
    return msgspec.structs.replace(port("eno1"), **flags)


@pytest.mark.parametrize(
    ("to", "came_in", "name", "fate"),
    [
        (flagged(isolated=True), flagged(isolated=True), Name.DISCOVER, Fate.DROP),
        (flagged(isolated=True), VNET0, Name.DISCOVER, Fate.PASS),
        (flagged(isolated=None), flagged(isolated=True), Name.DISCOVER, Fate.UNKNOWN),
        (flagged(isolated=None), VNET0, Name.DISCOVER, Fate.PASS),
        (flagged(bcast_flood=False), VNET0, Name.DISCOVER, Fate.DROP),
        (flagged(bcast_flood=False), None, Name.OFFER_BROADCAST, Fate.PASS),
        (flagged(bcast_flood=None), VNET0, Name.DISCOVER, Fate.UNKNOWN),
        (flagged(mcast_flood=False), VNET0, Name.SOLICIT, Fate.DROP),
        (flagged(mcast_flood=False), VNET0, Name.DISCOVER, Fate.PASS),
        (flagged(flood=False), None, Name.OFFER_UNICAST, Fate.PASS),
        (flagged(learning=False), None, Name.OFFER_UNICAST, Fate.PASS),
        (flagged(learning=False, flood=False, macs=None), None, Name.OFFER_UNICAST, Fate.UNKNOWN),
        (flagged(state=PortState.BLOCKING), VNET0, Name.DISCOVER, Fate.DROP),
        (OtherGuest(), VNET0, Name.DISCOVER, Fate.PASS),
        (NewPort(), None, Name.OFFER_UNICAST, Fate.PASS),
    ],
)
def test_what_leaves_through_a_port(to: AnyPort, came_in: AnyPort | None, name: Name, fate: Fate) -> None:
    assert out(to, came_in, name).predicted is fate
