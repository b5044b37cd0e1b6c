"""Who is plugged in where, what lies behind, and at which of these places packets die."""

import msgspec
import pytest

from builders import bridge, domain, facts, link, network, nic, port, target
from pxedoctor.findings.outcome import Hop
from pxedoctor.model.bridge import PortState, Stp
from pxedoctor.model.firewalld import Firewalld, Zone
from pxedoctor.model.host import Host
from pxedoctor.model.link import Address
from pxedoctor.plans.plan import NoPlan
from pxedoctor.report.drawing.mark import Mark
from pxedoctor.report.drawing.topology import Island, Place, topology
from pxedoctor.verdict.report import Verdict
from report_builders import (
    broken_report,
    filtered_road,
    guest,
    report,
    rules_missing,
    slow_bridge,
    slow_host,
    unknown_road,
)


def host_with_uplink() -> Host:
    address = Address(family="inet", address="192.168.122.1", prefix=24)
    return facts(
        bridges=(bridge(ports=(port("vnet3", PortState.LEARNING), port("vnet9"), port("eno1"))),),
        links=(link("br0", kind="bridge", addresses=(address,)), link("vnet3"), link("vnet9"), link("eno1", kind="")),
        domains=(domain(nic(tap="vnet3"), running=True),),
        firewalld=Firewalld(running=True, default_zone="public", zones=(Zone(name="libvirt", interfaces=("br0",)),)),
    ).host


def only(islands: tuple[Island, ...]) -> Island:
    (island,) = islands
    return island


def test_a_guest_on_a_bridge_with_an_uplink() -> None:
    web = guest(tap="vnet3", running=True)
    island = only(topology(report((web, Verdict.HEALTHY)), host_with_uplink()).islands)
    (plug,) = island.plugs
    assert (plug.name, plug.tap, plug.state, plug.mark) == ("web01", "vnet3", "learning", Mark.GOOD)
    assert island.others == 1
    assert [box.kind for box in island.boxes] == ["stack", "uplink"]
    assert island.boxes[0].notes == ("192.168.122.1/24", "firewalld zone libvirt")
    assert island.boxes[1].notes == ("to the network outside", "port forwarding")
    assert island.notes == ("STP off",)


def test_a_break_at_the_port_is_the_guests_alone() -> None:
    web, idle = guest(), guest("idle", "52:54:00:0d:0d:03", tap="vnet7", running=True)
    found = slow_bridge(slow_host(), web)
    picture = topology(report((idle, Verdict.HEALTHY), (web, Verdict.BROKEN), findings=(found,)), slow_host().host)
    (told,) = picture.breaks
    assert (told.number, told.place, told.mark) == (1, Place.PORT, Mark.BAD)
    island = only(picture.islands)
    assert [(plug.name, plug.port_breaks) for plug in island.plugs] == [("web01", (1,)), ("idle", ())]
    assert island.reached, "the other guest's packets get past the bridge"
    assert island.notes == ("network lab", "STP on: a new port is silent for 30 s")


def test_where_all_are_stopped_nothing_gets_past_the_bridge() -> None:
    assert not only(topology(broken_report(), slow_host().host).islands).reached


def test_a_break_in_this_hosts_stack() -> None:
    web = guest(tap="vnet3", running=True)
    found = rules_missing(NoPlan("none"), web)
    host = facts(
        bridges=(bridge(ports=(port("vnet3"),)),),
        links=(link("vnet3"),),
        networks=(network(name="lab", bridge="br0"),),
    ).host
    picture = topology(report((web, Verdict.BROKEN), findings=(found,)), host)
    stack, server = only(picture.islands).boxes
    assert (stack.kind, stack.breaks) == ("stack", (1,))
    assert (server.kind, server.breaks) == ("server", ())


def test_what_no_finding_explains_is_told_by_its_road() -> None:
    web, other = guest(tap="vnet3", running=True), guest("db01", "52:54:00:0d:0d:02", tap="vnet4", running=True)
    roads = (unknown_road(web), filtered_road(other))
    picture = topology(report((web, Verdict.UNKNOWN), (other, Verdict.BROKEN), roads=roads), host_with_uplink())
    assert [(told.mark, told.place) for told in picture.breaks] == [
        (Mark.DOUBT, Place.PORT),
        (Mark.BAD, Place.STACK),
    ]
    assert picture.breaks[0].words == "STP is run by a program in user space"


def test_a_bridge_that_is_not_there_and_a_guest_in_none() -> None:
    gone, user = guest(bridge="br9"), guest("user", "52:54:00:0d:0d:09", bridge=None, running=True)
    picture = topology(report((gone, Verdict.BROKEN), (user, Verdict.UNKNOWN)), facts().host)
    assert [(island.bridge, island.notes) for island in picture.islands] == [
        ("br9", ("does not exist now",)),
        ("", ("in no bridge",)),
    ]
    assert picture.islands[1].plugs[0].tap == "no tap now"


def test_a_bridge_without_a_server_or_a_way_out() -> None:
    host = facts(bridges=(bridge(stp=Stp.KERNEL, vlan_filtering=True),)).host
    lonely = target(None, id="bridge/br0", kind="bridge", guest=None, mac=None)
    island = only(topology(report((lonely, Verdict.UNKNOWN)), host).islands)
    assert [(plug.name, plug.tap) for plug in island.plugs] == [("any guest that starts here", "its new port")]
    assert island.notes[-1] == "filters VLANs"
    assert island.boxes[-1].title == "no DHCP server known"


@pytest.mark.parametrize(
    ("hop", "place"), [(Hop.CLIENT, Place.GUEST), (Hop.EXIT, Place.PORT), (Hop.BRIDGE_FORWARD, Place.BRIDGE)]
)
def test_places_of_hops(hop: Hop, place: Place) -> None:
    web = guest()
    found = rules_missing(NoPlan("none"), web)
    broken = msgspec.structs.replace(found.finding.broken, hop=hop)
    moved = msgspec.structs.replace(found, finding=msgspec.structs.replace(found.finding, broken=broken))
    picture = topology(report((web, Verdict.BROKEN), findings=(moved,)), slow_host().host)
    assert picture.breaks[0].place is place
