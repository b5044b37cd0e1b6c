"""Who may answer on a bridge, and by which kind of way: programs of this host, the wire, another guest."""

import pytest

from builders import bridge, host, link, network, port, target
from pxedoctor.model.bridge import Bridge, PortState
from pxedoctor.model.fact import Missing
from pxedoctor.model.link import Address
from pxedoctor.model.process import Process, Socket
from pxedoctor.road.answering import Server, ServerKind, servers_of

BR0 = link("br0", kind="bridge", index=3, addresses=(Address(family="inet", address="10.0.0.1", prefix=24),))
ENO1 = link("eno1", kind="")
WITH_WIRE = bridge(ports=(port("eno1"), port("vnet0")))
DHCP = Socket(kind="udp", port=67, address="0.0.0.0")


def process(name: str, command: str = "", **changes: object) -> Process:
    values: dict[str, object] = {"pid": 7, "parent": 1, "state": "S", "name": name, "command": command or name}
    return Process(**(values | changes))  # type: ignore[arg-type]


def frames(index: int, protocol: int = 3) -> Socket:
    return Socket(kind="packet", port=0, interface=index, protocol=protocol)


def answering(on: Bridge = WITH_WIRE, **facts: object) -> tuple[Server, ...]:
    values: dict[str, object] = {"links": (BR0, ENO1, link("vnet0", master="br0")), "processes": (), "sockets": (DHCP,)}
    return servers_of(host(**(values | facts)), on, target())


def kinds(found: tuple[Server, ...]) -> list[tuple[str, str | None]]:
    return [(server.kind.value, server.port or server.program or None) for server in found]


def test_libvirts_network_serves_its_bridge() -> None:
    virbr0 = bridge("virbr0")
    (server,) = servers_of(host(networks=(network(),)), virbr0, target(bridge="virbr0", network="default"))
    assert (server.kind, server.program, server.network) == (ServerKind.UDP, "dnsmasq", network())


@pytest.mark.parametrize("name", ["dhcpd", "kea-dhcp4", "dhcrelay"])
def test_a_packet_socket_on_the_bridge_proves_who_reads_frames(name: str) -> None:
    found = answering(processes=(process(name),), sockets=(DHCP, frames(3)))
    assert kinds(found) == [("raw", name)]


@pytest.mark.parametrize(
    "socket", [frames(4), frames(0), frames(3, protocol=0x88CC)], ids=["on another device", "on all", "for LLDP"]
)
def test_a_packet_socket_elsewhere_does_not_serve_the_bridge(socket: Socket) -> None:
    assert kinds(answering(processes=(process("dhcpd"),), sockets=(DHCP, socket))) == [("outside", "eno1")]


def test_a_kea_that_was_told_to_use_udp() -> None:
    bound = Socket(kind="udp", port=67, address="10.0.0.1")
    assert kinds(answering(processes=(process("kea-dhcp4"),), sockets=(bound,))) == [("udp", "kea-dhcp4")]


SETTINGS = ("interface=br0", "dhcp-range=10.0.0.10,10.0.0.99")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (SETTINGS, [("udp", "dnsmasq")]),
        (("interface=br1", SETTINGS[1]), [("outside", "eno1")]),
        (("interface=br0",), [("outside", "eno1")]),
        (None, [("udp", "dnsmasq"), ("outside", "eno1")]),
    ],
    ids=["as it says", "another bridge", "DNS only", "what it says could not be read: either may answer"],
)
def test_a_dnsmasq_by_its_settings(settings: tuple[str, ...] | None, expected: list[tuple[str, str | None]]) -> None:
    assert kinds(answering(processes=(process("dnsmasq", "dnsmasq -C /x", settings=settings),))) == expected


@pytest.mark.parametrize(
    "server",
    [
        process("dnsmasq", "dnsmasq -C /x", settings=SETTINGS, elsewhere=True),
        process("dnsmasq", "dnsmasq -C /x", settings=SETTINGS, state="Z"),
        process("dnsmasq", "dnsmasq --conf-file=/var/lib/libvirt/dnsmasq/other.conf"),
        process("named"),
    ],
    ids=["in another namespace", "a zombie", "libvirt's, of another network", "no DHCP server"],
)
def test_who_serves_nobody_here(server: Process) -> None:
    assert kinds(answering(processes=(server,))) == [("outside", "eno1")]


def test_without_sockets_what_a_server_does_stays_open() -> None:
    unknown = Missing("failed", "no procfs")
    assert kinds(answering(processes=(process("dhcpd"),), sockets=unknown)) == [("raw", "dhcpd"), ("outside", "eno1")]


def test_a_port_that_does_not_forward_leads_nowhere_while_another_does() -> None:
    two = bridge(ports=(port("eno1", PortState.DISABLED), port("eno2")))
    links = (BR0, ENO1, link("eno2", kind=""))
    assert kinds(answering(two, links=links)) == [("outside", "eno2")]


def test_a_wire_before_a_container() -> None:
    both = bridge(ports=(port("eno1"), port("veth0")))
    links = (BR0, ENO1, link("veth0", kind="veth", peer_namespace=1))
    assert kinds(answering(both, links=links)) == [("outside", "eno1")]
    alone = bridge(ports=(port("veth0"),))
    assert kinds(answering(alone, links=links)) == [("outside", "veth0")]


def test_where_nothing_leads_out_it_may_be_another_guest() -> None:
    guests = bridge(ports=(port("vnet0"), port("vnet1")))
    taps = (BR0, link("vnet0", master="br0"), link("vnet1", master="br0"))
    (server,) = answering(guests, links=taps)
    assert (server.kind, server.port) == (ServerKind.OUTSIDE, None)


def test_nobody_at_all() -> None:
    (server,) = answering(bridge(), links=(BR0,))
    assert server.kind is ServerKind.UNKNOWN
    assert "no DHCP server of this host is known on br0" in server.why


def test_a_dnsmasq_that_relays_for_the_bridge_answers_there() -> None:
    own = Address(family="inet", address="10.0.0.1", prefix=24)
    relay = process("dnsmasq", "dnsmasq --port=0 --dhcp-relay=10.0.0.1,192.0.2.9")
    (found,) = answering(links=(link("br0", kind="bridge", addresses=(own,)),), processes=(relay,), sockets=())
    assert (found.kind, found.here) == (ServerKind.UDP, True)
    assert "192.0.2.9" in found.why
