"""The kernel runs the program: what a packet socket is handed of a guest's boot, and what it is spared.

A pair of datagram sockets takes the same programs as a packet socket (net/core/filter.c), and needs no root.
"""

import ctypes
import socket
import struct
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address

import pytest

from pxedoctor.wire import arp, dhcp4, ethernet, frame, ipv4
from pxedoctor.wire.arp import Arp, Operation
from pxedoctor.wire.capture_filter import boot_packets
from pxedoctor.wire.dhcp4 import Dhcp4, Op
from pxedoctor.wire.ethernet import Ethernet
from pxedoctor.wire.ipv4 import Ipv4
from pxedoctor.wire.ipv6 import Ipv6
from pxedoctor.wire.mac import write_mac
from pxedoctor.wire.udp import Udp

GUEST, OTHER, HOST = "52:54:00:0d:0d:01", "52:54:00:0d:0d:02", "52:54:00:0d:0d:fe"
EVERYBODY = "ff:ff:ff:ff:ff:ff"
_SO_ATTACH_FILTER = 26


class Filtered:
    """What comes out of a socket with the program, of what is put in."""

    def __init__(self, mac: str | None, *http: int) -> None:
        program = boot_packets(mac, http) if http else boot_packets(mac)
        self._in, self._out = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in program))
        described = struct.pack("@HP", len(program), ctypes.addressof(code))
        self._out.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, described)
        self._out.setblocking(False)

    def keeps(self, content: bytes) -> bool:
        self._in.send(content)
        try:
            return self._out.recv(65536) == content[:2048]
        except BlockingIOError:
            return False

    def close(self) -> None:
        self._in.close()
        self._out.close()


@pytest.fixture
def guests() -> Iterator[Filtered]:
    made = Filtered(GUEST)
    yield made
    made.close()


@pytest.fixture
def everybodys() -> Iterator[Filtered]:
    made = Filtered(None)
    yield made
    made.close()


def dhcp(client: str, source: str, destination: str = EVERYBODY, op: Op = Op.REQUEST, tag: bool = False) -> bytes:
    asks = op is Op.REQUEST
    message = dhcp4.build(Dhcp4(op=op, xid=7, chaddr=write_mac(client)), size=300)
    ports = (68, 67) if asks else (67, 68)
    return udp(ports[0], ports[1], message, source, destination, tag)


def udp(
    from_port: int, to_port: int, payload: bytes, source: str, destination: str = EVERYBODY, tag: bool = False
) -> bytes:
    packet = Ipv4(source=IPv4Address("192.0.2.1"), destination=IPv4Address("192.0.2.2"), protocol=17, payload=b"")
    datagram = Udp(source_port=from_port, destination_port=to_port, payload=payload)
    return frame.build(datagram, packet, destination, source, (7,) if tag else ())


def udp6(from_port: int, to_port: int, source: str) -> bytes:
    ends = (IPv6Address("fe80::1"), IPv6Address("ff02::1:2"))
    packet = Ipv6(source=ends[0], destination=ends[1], protocol=17, payload=b"")
    datagram = Udp(source_port=from_port, destination_port=to_port, payload=b"\x01abc")
    return frame.build(datagram, packet, "33:33:00:01:00:02", source)


def tcp(source: str, flags: int, port: int = 80) -> bytes:
    segment = struct.pack("!HHIIBBHHH", 40000, port, 1, 0, 0x50, flags, 1000, 0, 0)
    packet = Ipv4(source=IPv4Address("192.0.2.1"), destination=IPv4Address("192.0.2.2"), protocol=6, payload=segment)
    return ethernet.build(Ethernet(destination=HOST, source=source, kind=0x0800, payload=ipv4.build(packet)))


def asks_arp(source: str, target: str) -> bytes:
    packet = Arp(
        operation=Operation.REPLY,
        sender_mac=source,
        sender=IPv4Address("192.0.2.1"),
        target_mac=target,
        target=IPv4Address("192.0.2.2"),
    )
    return ethernet.build(Ethernet(destination=EVERYBODY, source=source, kind=0x0806, payload=arp.build(packet)))


def test_dhcp_is_known_by_the_hardware_address_within_it(guests: Filtered) -> None:
    assert guests.keeps(dhcp(GUEST, GUEST))
    assert guests.keeps(dhcp(GUEST, HOST, op=Op.REPLY)), "an answer to everybody"
    assert guests.keeps(dhcp(GUEST, "02:70:78:00:00:01")), "a probe that asks in the guest's name"
    assert not guests.keeps(dhcp(OTHER, OTHER))
    assert not guests.keeps(dhcp(OTHER, HOST, op=Op.REPLY))


def test_a_relay_asks_one_server_in_the_guests_name(guests: Filtered) -> None:
    relay = "02:70:78:00:00:01"
    assert guests.keeps(dhcp(GUEST, relay, HOST))
    assert guests.keeps(dhcp(GUEST, HOST, relay, op=Op.REPLY))
    assert guests.keeps(dhcp(GUEST, relay, HOST, tag=True))
    assert not guests.keeps(dhcp(OTHER, relay, HOST))


@pytest.mark.parametrize("source", [OTHER, "52:54:00:0d:ff:ff", "02:00:00:0d:0d:01"])
def test_what_others_send_to_others_is_spared_early(guests: Filtered, source: str) -> None:
    """The second begins like the guest's own MAC, and the third ends like it."""
    assert not guests.keeps(udp(40001, 9, bytes(500), source, HOST))
    assert not guests.keeps(udp(40001, 50, bytes(500), source, HOST))
    assert not guests.keeps(udp(2070, 69, b"\0\x01boot.0\0octet\0", source, HOST))
    assert not guests.keeps(tcp(source, flags=0x02))


def test_a_tag_is_looked_behind(guests: Filtered) -> None:
    assert guests.keeps(dhcp(GUEST, GUEST, tag=True))
    assert not guests.keeps(dhcp(OTHER, OTHER, tag=True))


def test_the_fetch_is_kept_by_its_beginning(guests: Filtered) -> None:
    assert guests.keeps(udp(2070, 69, b"\0\x01boot.0\0octet\0", GUEST))
    assert guests.keeps(udp(40001, 2070, b"\0\x03\0\x01data", HOST, GUEST)), "the first block"
    assert guests.keeps(udp(2070, 40001, b"\0\x04\0\x01", GUEST, HOST))
    assert guests.keeps(udp(40001, 2070, b"\0\x05\0\x01none\0", HOST, GUEST)), "an error"
    assert not guests.keeps(udp(40001, 2070, b"\0\x03\0\x02data", HOST, GUEST)), "the second block"
    assert not guests.keeps(udp(40001, 2070, b"\xca\xfe\0\x01", HOST, GUEST)), "some other program's"
    assert not guests.keeps(udp(2070, 69, b"\0\x01boot.0\0octet\0", OTHER))


def test_of_http_the_handshake_alone(guests: Filtered) -> None:
    assert guests.keeps(tcp(GUEST, flags=0x02))
    assert not guests.keeps(tcp(GUEST, flags=0x10))
    assert not guests.keeps(tcp(GUEST, flags=0x02, port=22))
    assert not guests.keeps(tcp(OTHER, flags=0x02))


def test_of_http_by_ports_of_its_own() -> None:
    other = Filtered(GUEST, 80, 8081)
    assert other.keeps(tcp(GUEST, flags=0x02, port=8081))
    assert other.keeps(tcp(GUEST, flags=0x02))
    assert not other.keeps(tcp(GUEST, flags=0x02, port=8080))
    other.close()


def test_arp_from_and_about_the_guest(guests: Filtered, everybodys: Filtered) -> None:
    assert guests.keeps(asks_arp(GUEST, OTHER))
    assert guests.keeps(asks_arp(OTHER, GUEST))
    assert not guests.keeps(asks_arp(OTHER, HOST))
    assert not everybodys.keeps(asks_arp(OTHER, HOST))


def test_ipv6(guests: Filtered, everybodys: Filtered) -> None:
    assert guests.keeps(udp6(546, 547, GUEST))
    assert not guests.keeps(udp6(546, 547, OTHER))
    assert everybodys.keeps(udp6(546, 547, OTHER))
    assert not guests.keeps(udp6(5353, 5353, GUEST))


def test_a_spanning_tree_speaks_to_everybody(guests: Filtered, everybodys: Filtered) -> None:
    bpdu = bytes.fromhex("0180c2000000") + write_mac(HOST) + b"\0\x26BBB" + bytes(35)
    assert guests.keeps(bpdu)
    assert everybodys.keeps(bpdu)


def test_everybodys_dhcp_and_nothing_else(everybodys: Filtered) -> None:
    assert everybodys.keeps(dhcp(OTHER, OTHER))
    assert not everybodys.keeps(udp(2070, 69, b"\0\x01boot.0\0octet\0", OTHER))
    assert not everybodys.keeps(tcp(OTHER, flags=0x02))


@pytest.mark.parametrize("cut", range(0, 60, 7))
def test_what_is_cut_short_is_left_out(guests: Filtered, cut: int) -> None:
    assert not guests.keeps(dhcp(GUEST, HOST, op=Op.REPLY)[:cut] or b"\0")
