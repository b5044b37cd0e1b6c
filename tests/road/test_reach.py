"""By which way each kind of packet reaches the other end."""

import pytest

from builders import bridge, link, network, port, target
from pxedoctor.road.answering import Server, ServerKind
from pxedoctor.road.packet_name import PacketName as Name
from pxedoctor.road.parties import Boot, BootFrom
from pxedoctor.road.passage import By
from pxedoctor.road.reach import other_end
from pxedoctor.road.scene import NewPort, OtherGuest, Scene
from road_walks import LINKS, PORTS, scene

UDP = Server(kind=ServerKind.UDP, why="w", program="dnsmasq", network=network())
DHCPD = Server(kind=ServerKind.RAW, why="w", program="dhcpd")
KEA = Server(kind=ServerKind.RAW, why="w", program="kea-dhcp4")
WIRE = Server(kind=ServerKind.OUTSIDE, why="w", port="eno1")
GUEST = Server(kind=ServerKind.OUTSIDE, why="w")
NOBODY = Server(kind=ServerKind.UNKNOWN, why="w")
HERE = Boot(where=BootFrom.HERE, address="10.0.0.1")
NEAR = Boot(where=BootFrom.BRIDGED, address="10.0.0.7")
FAR = Boot(where=BootFrom.ROUTED, address="198.51.100.7", device="eno1")
HTTP = Boot(where=BootFrom.HERE, address="10.0.0.1", http=True)


@pytest.mark.parametrize(
    ("server", "boot", "name", "by"),
    [
        (UDP, None, Name.DISCOVER, By.SOCKET),
        (DHCPD, None, Name.DISCOVER, By.FRAMES),
        (DHCPD, None, Name.OFFER_UNICAST, By.FRAMES),
        (DHCPD, None, Name.RENEW_ACK, By.SOCKET),
        (KEA, None, Name.RENEW_ACK, By.FRAMES),
        (DHCPD, None, Name.ARP_REQUEST, By.SOCKET),
        (WIRE, None, Name.ARP_REQUEST, By.PORT),
        (UDP, HERE, Name.TFTP_RRQ, By.SOCKET),
        (UDP, NEAR, Name.TFTP_RRQ, By.PORT),
        (UDP, FAR, Name.TFTP_DATA, By.ROUTING),
        (UDP, HTTP, Name.HTTP_SYN, By.SOCKET),
        (UDP, HTTP, Name.TFTP_RRQ, None),
        (UDP, HERE, Name.HTTP_SYN, None),
        (UDP, None, Name.TFTP_RRQ, None),
        (NOBODY, None, Name.DISCOVER, By.NOWHERE),
        (NOBODY, None, Name.OFFER_UNICAST, None),
    ],
)
def test_by_which_way(server: Server, boot: Boot | None, name: Name, by: By | None) -> None:
    found = other_end(scene(), target(tap="vnet0"), server, boot, name)
    assert (found.by if found else None) is by


@pytest.mark.parametrize(
    ("server", "boot", "name", "by_routes"),
    [
        (UDP, HERE, Name.TFTP_DATA, True),
        (UDP, HTTP, Name.HTTP_SYN_ACK, True),
        (UDP, FAR, Name.TFTP_DATA, False),
        (UDP, None, Name.OFFER_UNICAST, False),
        (UDP, None, Name.RENEW_ACK, False),
        (DHCPD, None, Name.RENEW_ACK, True),
    ],
)
def test_who_leaves_it_to_the_routes(server: Server, boot: Boot | None, name: Name, by_routes: bool) -> None:
    """Which names the bridge itself is for no table of routes to decide."""
    found = other_end(scene(), target(tap="vnet0"), server, boot, name)
    assert found is not None
    assert found.by_routes is by_routes


def test_through_which_port() -> None:
    there = scene()
    outside = other_end(there, target(tap="vnet0"), WIRE, None, Name.DISCOVER)
    assert outside is not None
    assert (outside.guest, outside.port) == (PORTS[0], PORTS[2])
    inside = other_end(there, target(tap="vnet0"), GUEST, None, Name.DISCOVER)
    assert inside is not None
    assert inside.port == OtherGuest()


def test_a_boot_server_near_by_is_behind_the_only_wire_or_anywhere() -> None:
    two = bridge(ports=(*PORTS, port("eno2")))
    known = scene(links=(*LINKS, link("eno2", kind=""))).known
    one_wire = other_end(scene(), target(), UDP, NEAR, Name.TFTP_RRQ)
    two_wires = other_end(Scene(bridge=two, known=known), target(), UDP, NEAR, Name.TFTP_RRQ)
    assert one_wire is not None
    assert two_wires is not None
    assert (one_wire.port, two_wires.port) == (PORTS[2], OtherGuest())


def test_a_guest_that_is_off_gets_a_new_port() -> None:
    found = other_end(scene(), target(tap=None), UDP, None, Name.DISCOVER)
    assert found is not None
    assert found.guest == NewPort(None)
