"""Frames to datagrams and back, tags and the verdict on their sums included."""

import contextlib
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packets import damaged, ipv4s, ipv6s, macs, tuples, udps
from pxedoctor.wire import ethernet, frame, ipv4, vlan
from pxedoctor.wire.checksum import Verdict, folded, pseudo_header
from pxedoctor.wire.error import WireError
from pxedoctor.wire.ethernet import IPV4, Ethernet
from pxedoctor.wire.frame import UdpFrame
from pxedoctor.wire.ipv4 import UDP, Ipv4
from pxedoctor.wire.ipv6 import Ipv6
from pxedoctor.wire.mac import BROADCAST
from pxedoctor.wire.udp import Udp
from pxedoctor.wire.vlan import Vlan

SERVER, GUEST = IPv4Address("192.168.150.1"), IPv4Address("192.168.150.5")
BRIDGE = "52:54:00:0d:0d:fe"
UDP_SUM = 14 + 20 + 6
OFFER = Udp(source_port=67, destination_port=68, payload=b"an OFFER")

tags = tuples(st.integers(0, 4094), most=3)


def packet(payload: bytes = b"", **changes: object) -> Ipv4:
    values: dict[str, object] = {"source": SERVER, "destination": GUEST, "protocol": UDP, "payload": payload}
    return Ipv4(**(values | changes))  # type: ignore[arg-type]


def carried(inside: Ipv4) -> bytes:
    return ethernet.build(Ethernet(destination=BROADCAST, source=BRIDGE, kind=IPV4, payload=ipv4.build(inside)))


def offer(payload: bytes = b"an OFFER", **changes: object) -> bytes:
    datagram = Udp(source_port=67, destination_port=68, payload=payload)
    return frame.build(datagram, packet(**changes), destination=BROADCAST, source=BRIDGE)


def with_sum(content: bytes, value: int) -> bytes:
    return content[:UDP_SUM] + value.to_bytes(2) + content[UDP_SUM + 2 :]


@given(ipv4s.filter(lambda inside: not inside.is_fragment) | ipv6s, udps, macs, macs, tags)
def test_what_is_built_is_parsed_again_with_a_valid_sum(
    inside: Ipv4 | Ipv6, datagram: Udp, destination: str, source: str, vlans: tuple[int, ...]
) -> None:
    read = frame.parse(frame.build(datagram, inside, destination, source, vlans))
    assert (read.destination, read.source, read.vlans) == (destination, source, vlans)
    assert (read.packet.source, read.packet.destination) == (inside.source, inside.destination)
    assert (read.datagram, read.checksum) == (datagram, Verdict.VALID)


def test_a_sum_that_the_kernel_left_open_is_partial() -> None:
    pseudo = folded(pseudo_header(SERVER, GUEST, 8 + len(OFFER.payload)))
    assert frame.parse(with_sum(offer(), pseudo)).checksum is Verdict.PARTIAL
    assert frame.parse(with_sum(offer(), 0)).checksum is Verdict.NONE
    assert frame.parse(with_sum(offer(), pseudo ^ 1)).checksum is Verdict.BAD


def test_ipv6_is_judged_as_ipv4_is() -> None:
    inside = Ipv6(source=IPv6Address("fe80::1"), destination=IPv6Address("fe80::2"), protocol=17, payload=b"")
    content = frame.build(OFFER, inside, BROADCAST, BRIDGE)
    assert frame.parse(content).checksum is Verdict.VALID
    assert frame.parse(content[:-1] + b"?").checksum is Verdict.BAD


def test_padding_behind_the_packet_does_not_count() -> None:
    read = frame.parse(offer(b"x") + bytes(30))
    assert read.datagram.payload == b"x"
    assert read.checksum is Verdict.VALID


def test_tags_are_told_from_the_outside_in() -> None:
    content = frame.build(OFFER, packet(), BROADCAST, BRIDGE, vlans=(10, 20))
    assert content[12:20].hex(" ", 2) == "8100 000a 8100 0014"
    assert frame.parse(content).vlans == (10, 20)
    service = content[:12] + b"\x88\xa8" + content[14:]
    assert frame.parse(service).vlans == (10, 20)


@given(st.binary(max_size=120) | damaged(st.just(offer())))
def test_any_bytes_are_a_datagram_or_the_one_error(content: bytes) -> None:
    # Any other exception, or anything that is not a datagram, fails the test.
    with contextlib.suppress(WireError):
        assert isinstance(frame.parse(content), UdpFrame)


def tagged(count: int) -> bytes:
    payload, kind = ipv4.build(packet()), IPV4
    for _ in range(count):
        payload, kind = vlan.build(Vlan(vlan=1, kind=kind, payload=payload)), ethernet.VLAN
    return ethernet.build(Ethernet(destination=BROADCAST, source=BRIDGE, kind=kind, payload=payload))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(bytes(60), "not an EtherType", id="a length instead of a type: 802.3 with LLC, as BPDUs have"),
        pytest.param(offer()[:30], "20 bytes of header", id="IPv4 cut in its header"),
        pytest.param(offer(fragment=0x2000), "a fragment", id="more fragments follow"),
        pytest.param(offer(fragment=185), "a fragment", id="a later fragment"),
        pytest.param(carried(packet(b"", protocol=6)), "IP protocol 6, not UDP", id="TCP"),
        pytest.param(offer()[:12] + b"\x08\x06" + offer()[14:], "neither IPv4 nor IPv6", id="ARP"),
        pytest.param(offer()[:14] + b"\x65" + offer()[15:], "IP version 6", id="IPv6 in an IPv4 frame"),
        pytest.param(tagged(4), "more than 3 802.1Q tags", id="tags without end"),
    ],
)
def test_what_is_no_datagram_says_why(content: bytes, says: str) -> None:
    with pytest.raises(WireError, match=says):
        frame.parse(content)


def test_a_mac_that_no_wire_carries_is_refused() -> None:
    with pytest.raises(WireError):
        UdpFrame(destination="all", source=BRIDGE, packet=packet(), datagram=OFFER, checksum=Verdict.VALID)
