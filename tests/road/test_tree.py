"""Who else takes part in the spanning tree, and through what a loop could close."""

import msgspec
import pytest

from builders import bridge, domain, host, link, network, nic, port, target
from pxedoctor.findings.outcome import NotApplicable, Unknown
from pxedoctor.model.bridge import Bridge, Port, PortState, Stp
from pxedoctor.model.fact import Missing, MissingFactError, Unmodelled
from pxedoctor.model.host import Host
from pxedoctor.road.tree import bridge_behind, heard_switches, loop_dangers, outward_ports


def plugged(*ports: Port) -> Bridge:
    return bridge(ports=ports)


def with_taps(*names: str, **facts: object) -> Host:
    return host(links=tuple(link(name) for name in names), **facts)


def test_taps_lead_nowhere_and_everything_else_leads_out() -> None:
    links = (link("vnet0"), link("eno1", kind=""), link("veth7", kind="veth"))
    found = outward_ports(host(links=links), plugged(port("vnet0"), port("eno1"), port("veth7"), port("gone")))
    assert found == ("eno1", "veth7", "gone")


@pytest.mark.parametrize(
    ("bpdus", "words"),
    [
        (0, ""),
        (3, "eno1 has received BPDUs from a switch"),
        (None, "eno1 may lead to a switch (its BPDUs are not counted)"),
    ],
)
def test_heard_switches(bpdus: int | None, words: str) -> None:
    assert heard_switches(with_taps("vnet0"), plugged(port("vnet0", bpdus=None), port("eno1", bpdus=bpdus))) == words


def test_one_uplink_and_guests_with_one_nic_each_make_no_loop() -> None:
    guests = (
        domain(nic(tap="vnet0"), running=True),
        domain(nic(mac="52:54:00:0d:0d:02", tap="vnet1"), nic(source="br1", position=2), name="web02", running=True),
    )
    seen = with_taps("vnet0", "vnet1", domains=guests)
    assert loop_dangers(seen, plugged(port("eno1"), port("vnet0"), port("vnet1"))) == ()


def test_a_blocked_port_is_a_loop_that_stp_holds_open() -> None:
    (danger,) = loop_dangers(host(), plugged(port("eno1", PortState.BLOCKING)))
    assert danger.startswith("eno1 is blocked")


def test_ports_that_nobody_lets_forward_tell_of_no_loop() -> None:
    """Of user space's STP without its program every new port blocks."""
    here = plugged(port("eno1", PortState.BLOCKING))
    assert loop_dangers(host(), msgspec.structs.replace(here, stp=Stp.USER)) == ()


def test_two_ways_out_may_meet() -> None:
    (danger,) = loop_dangers(host(), plugged(port("eno1"), port("vxlan7")))
    assert danger.startswith("eno1 and vxlan7 both lead out")


def test_a_guest_with_two_nics_counts_even_when_it_is_off() -> None:
    through = network("lan", bridge="br0", forward="bridge")
    guest = domain(nic(), nic(kind="network", source="lan", position=2))
    (danger,) = loop_dangers(host(domains=(guest,), networks=(through,)), plugged(port("eno1")))
    assert danger == "web01 has 2 NICs on br0 and may bridge them"


def test_guests_that_cannot_be_read_are_a_danger() -> None:
    (danger,) = loop_dangers(host(domains=Missing("forbidden", "not root")), plugged(port("eno1")))
    assert danger == "whether a guest has two NICs on br0 is not known: not root"


@pytest.mark.parametrize(("taps", "count"), [(("tap1",), 0), (("tap1", "tap2"), 1)])
def test_two_taps_of_nobody_known(taps: tuple[str, ...], count: int) -> None:
    assert len(loop_dangers(with_taps(*taps), plugged(*map(port, taps)))) == count


def test_the_bridge_behind_a_target() -> None:
    strange = Unmodelled(kind="bridge", name="br0", origin="/sys/class/net/br0/bridge", why="x")
    assert bridge_behind(host(bridges=(bridge(),)), target()) == bridge()
    assert isinstance(bridge_behind(host(), target()), NotApplicable)
    assert isinstance(bridge_behind(host(unmodelled=(strange,)), target()), Unknown)
    with pytest.raises(MissingFactError):
        bridge_behind(host(bridges=Missing("forbidden", "closed")), target())
