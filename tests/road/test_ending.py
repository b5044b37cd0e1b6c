"""Whether anybody on this host hears the packet once it has come through: the server's process, and its socket."""

import msgspec
import pytest

from builders import network, port
from pxedoctor.findings.outcome import Hop
from pxedoctor.model.fact import Missing
from pxedoctor.model.process import Process, Socket
from pxedoctor.road.answering import Server, ServerKind
from pxedoctor.road.ending import at_server
from pxedoctor.road.hop import Fate, RoadHop
from pxedoctor.road.packet_name import PacketName as Name
from pxedoctor.road.passage import By, Ends
from road_walks import journey

LIBVIRTS = Server(kind=ServerKind.UDP, why="w", program="dnsmasq", network=network())
DNSMASQ = Process(
    pid=100, parent=1, state="S", name="dnsmasq", command="dnsmasq --conf-file=/var/lib/libvirt/dnsmasq/default.conf"
)
OWN = Server(kind=ServerKind.UDP, why="dnsmasq (pid 7) serves br0", program="dnsmasq", pid=7)
RAW = Server(kind=ServerKind.RAW, why="dhcpd (pid 7) serves br0", program="dhcpd", pid=7)


def udp(number: int, address: str = "0.0.0.0") -> Socket:
    return Socket(kind="udp", port=number, address=address)


def tcp(number: int) -> Socket:
    return Socket(kind="tcp", port=number, address="0.0.0.0")


def end(name: Name, server: Server, by: By = By.SOCKET, asks: bool = True, **facts: object) -> RoadHop | None:
    walked = journey(name, **({"processes": (DNSMASQ,), "sockets": (udp(67),)} | facts))
    at_server(walked, server, Ends(guest=port("vnet0"), client=None, by=by), name, asks)
    return walked.hops[-1] if walked.hops else None


@pytest.mark.parametrize(
    ("name", "server", "facts", "fate", "why"),
    [
        (Name.DISCOVER, LIBVIRTS, {}, Fate.PASS, "dnsmasq of the network default runs (pid 100)"),
        (Name.DISCOVER, LIBVIRTS, {"processes": ()}, Fate.DROP, "is dead (gone)"),
        (Name.DISCOVER, LIBVIRTS, {"sockets": ()}, Fate.DROP, "nobody on this host listens on UDP port 67"),
        (Name.DISCOVER, OWN, {"sockets": (udp(67, "10.0.0.1"),)}, Fate.DROP, "where no broadcast is heard"),
        (Name.RENEW, OWN, {"sockets": (udp(67, "10.0.0.1"),)}, Fate.PASS, "dnsmasq (pid 7) serves br0"),
        (Name.DISCOVER, OWN, {"sockets": Missing("failed", "no procfs")}, Fate.PASS, "dnsmasq (pid 7)"),
        (Name.DISCOVER, RAW, {"sockets": ()}, Fate.PASS, "dhcpd (pid 7) serves br0"),
        (Name.TFTP_RRQ, OWN, {"sockets": (udp(69),)}, Fate.PASS, "somebody listens on UDP port 69"),
        (Name.TFTP_RRQ, OWN, {}, Fate.DROP, "nobody on this host listens on UDP port 69"),
        (Name.DNS_QUERY, OWN, {"sockets": Missing("failed", "no procfs")}, Fate.UNKNOWN, "no procfs"),
        (Name.HTTP_SYN, OWN, {"sockets": (tcp(80),)}, Fate.PASS, "somebody listens on TCP port 80"),
        (Name.HTTP_SYN, OWN, {"sockets": (tcp(22),)}, Fate.DROP, "nobody on this host listens on TCP port 80"),
        (Name.HTTP_SYN, OWN, {"sockets": (udp(80),)}, Fate.DROP, "nobody on this host listens on TCP port 80"),
        (Name.TFTP_RRQ, OWN, {"sockets": (tcp(69),)}, Fate.DROP, "nobody on this host listens on UDP port 69"),
    ],
)
def test_who_hears_it(name: Name, server: Server, facts: dict[str, object], fate: Fate, why: str) -> None:
    hop = end(name, server, **facts)
    assert hop is not None
    assert (hop.hop, hop.predicted) == (Hop.SERVER, fate)
    assert why in hop.why


@pytest.mark.parametrize(
    "server", [msgspec.structs.replace(one, pid=100) for one in (LIBVIRTS, OWN)], ids=["libvirt's", "own"]
)
def test_a_unit_whose_traffic_systemd_filters(server: Server) -> None:
    closed = msgspec.structs.replace(DNSMASQ, filtered="IPAddressDeny=0.0.0.0/0 ::/0 of virtnetworkd.service")
    walked = journey(Name.DISCOVER, processes=(closed,), sockets=(udp(67),))
    at_server(walked, server, Ends(guest=port("vnet0"), client=None, by=By.SOCKET), Name.DISCOVER, True)
    doubt = walked.hops[0]
    assert (doubt.hop, doubt.predicted) == (Hop.SERVER, Fate.UNKNOWN)
    assert "IPAddressDeny=0.0.0.0/0 ::/0 of virtnetworkd.service" in doubt.why


@pytest.mark.parametrize(
    ("name", "by"), [(Name.ARP_REQUEST, By.SOCKET), (Name.TFTP_ACK, By.SOCKET), (Name.DISCOVER, By.PORT)]
)
def test_what_needs_nobody_to_listen_here(name: Name, by: By) -> None:
    assert end(name, OWN, by) is None


def test_nobody_is_known_who_could_answer() -> None:
    nobody = Server(kind=ServerKind.UNKNOWN, why="no DHCP server of this host is known")
    hop = end(Name.DISCOVER, nobody, By.NOWHERE)
    assert hop is not None
    assert (hop.predicted, hop.why) == (Fate.UNKNOWN, nobody.why)
    assert end(Name.DISCOVER, nobody, By.NOWHERE, asks=False) is None, "where nobody asks it is no question"
