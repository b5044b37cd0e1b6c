"""What a rule's message quotes of a packet, as far as 40 bytes of network header and 20 behind it tell."""

from ipaddress import IPv4Address, IPv6Address

import pytest

from pxedoctor.road.packet_read import quoted
from pxedoctor.wire import dhcp6, frame, ipv4
from pxedoctor.wire.dhcp4 import MessageType
from pxedoctor.wire.ipv4 import Ipv4
from pxedoctor.wire.ipv6 import Ipv6
from pxedoctor.wire.udp import Udp
from trace_builders import content

GUEST, HOST = IPv4Address("192.168.160.9"), IPv4Address("192.168.160.1")


def udp(payload: bytes, ports: tuple[int, int], asks: bool = True) -> bytes:
    ends = (GUEST, HOST) if asks else (HOST, GUEST)
    packet = Ipv4(source=ends[0], destination=ends[1], protocol=17, payload=b"")
    datagram = Udp(source_port=ports[0], destination_port=ports[1], payload=payload)
    return frame.build(datagram, packet, "52:54:00:0d:0d:fe", "52:54:00:0d:0d:01")[14:54]


def syn(flags: int, ports: tuple[int, int]) -> bytes:
    segment = ports[0].to_bytes(2) + ports[1].to_bytes(2) + bytes(8) + bytes([0x50, flags]) + bytes(6)
    return ipv4.build(Ipv4(source=GUEST, destination=HOST, protocol=6, payload=segment))[:40]


def test_of_dhcp_the_question_or_the_answer_and_its_xid() -> None:
    asks = quoted(content(MessageType.DISCOVER)[14:54])
    answers = quoted(content(MessageType.OFFER)[14:54])
    assert asks is not None
    assert answers is not None
    assert (asks.kind, asks.direction, asks.xid) == ("BOOTREQUEST", "from-guest", "00c0ffee")
    assert (answers.kind, answers.direction, answers.source) == ("BOOTREPLY", "to-guest", "192.168.160.1:67")


def test_of_tftp_the_request_and_the_first_block() -> None:
    request = quoted(udp(b"\0\1boot.0\0octet\0", (40000, 69)))
    block = quoted(udp(b"\0\3\0\1" + bytes(512), (50000, 40000), asks=False))
    assert request is not None
    assert block is not None
    assert (request.kind, request.direction) == ("TFTP-RRQ", "from-guest")
    assert (block.kind, block.direction, block.destination) == ("TFTP-DATA", "to-guest", "192.168.160.9:40000")


def test_of_http_the_handshake() -> None:
    first, second = quoted(syn(0x02, (40000, 80))), quoted(syn(0x12, (80, 40000)))
    assert first is not None
    assert second is not None
    assert (first.kind, first.destination, second.kind) == ("HTTP-SYN", "192.168.160.1:80", "HTTP-SYN-ACK")
    assert quoted(syn(0x10, (40000, 80))) is None
    assert quoted(syn(0x02, (40000, 22))) is None
    assert quoted(syn(0x02, (40000, 8081))) is None
    named_port = quoted(syn(0x02, (40000, 8081)), (8081,))
    assert named_port is not None
    assert named_port.kind == "HTTP-SYN"


def test_of_dhcpv6_its_type_and_xid() -> None:
    message = dhcp6.build(dhcp6.Dhcp6(kind=dhcp6.MessageType.SOLICIT, xid=0xC0FFEE, options=()))
    packet = Ipv6(source=IPv6Address("fe80::1"), destination=IPv6Address("ff02::1:2"), protocol=17, payload=b"")
    whole = frame.build(Udp(source_port=546, destination_port=547, payload=message + bytes(8)), packet, *_MACS)
    told = quoted(whole[14:74])
    assert told is not None
    assert (told.kind, told.direction, told.xid, told.source) == ("SOLICIT", "from-guest", "c0ffee", "fe80::1")


_MACS = ("33:33:00:01:00:02", "52:54:00:0d:0d:01")


@pytest.mark.parametrize("length", range(60))
def test_what_breaks_off_is_told_by_less_or_by_nothing(length: int) -> None:
    for whole in (udp(b"\0\1b\0octet\0" + bytes(9), (40000, 69)), syn(2, (1, 80)), b"\x60" + bytes(60)):
        told = quoted(whole[:length])
        assert told is None or told.source
