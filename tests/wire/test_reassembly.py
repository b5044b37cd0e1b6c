"""IPv4 fragments put together again."""

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from packets import hostile, ipv4s
from pxedoctor.wire import ethernet, frame, ipv4
from pxedoctor.wire.ethernet import Ethernet
from pxedoctor.wire.ipv4 import Ipv4
from pxedoctor.wire.reassembly import Reassembly
from pxedoctor.wire.udp import Udp

CLIENT, SERVER = "52:54:00:0d:0d:01", "52:54:00:0d:0d:fe"
MORE = 0x2000


def block(size: int = 1400) -> Ipv4:
    """A block of a boot file, in one packet."""
    addresses = Ipv4(
        source=IPv4Address("192.168.150.1"), destination=IPv4Address("192.168.150.5"), protocol=17, payload=b""
    )
    datagram = Udp(source_port=40000, destination_port=49152, payload=bytes(range(256)) * (size // 256))
    return ipv4.parse(frame.build(datagram, addresses, destination=CLIENT, source=SERVER)[14:])


def pieces(packet: Ipv4, size: int) -> list[bytes]:
    """As a router sends it over a link that carries `size` bytes of payload, a multiple of eight."""
    packet = replace(packet, identification=0x0D0D)
    parts = [packet.payload[at : at + size] for at in range(0, len(packet.payload), size)]
    marks = [number * size // 8 | (MORE if number + 1 < len(parts) else 0) for number in range(len(parts))]
    return [framed(replace(packet, payload=part, fragment=mark)) for part, mark in zip(parts, marks, strict=True)]


def framed(packet: Ipv4) -> bytes:
    return ethernet.build(Ethernet(destination=CLIENT, source=SERVER, kind=ethernet.IPV4, payload=ipv4.build(packet)))


def test_what_is_no_fragment_is_handed_on_as_it_is() -> None:
    whole = framed(block())
    assert Reassembly().whole(whole) is whole
    assert Reassembly().whole(b"\xff" * 6) == b"\xff" * 6


@given(order=st.permutations(range(6)))
def test_the_pieces_make_the_packet_in_any_order(order: list[int]) -> None:
    reassembly = Reassembly()
    sent = pieces(block(), 240)
    assert len(sent) == 6
    came = [reassembly.whole(sent[number]) for number in order]

    assert came[:-1] == [None] * 5
    assert came[-1] is not None
    read = frame.parse(came[-1])
    assert read.checksum == "valid"
    assert read.packet.payload == block().payload


def test_a_piece_that_comes_twice_does_no_harm() -> None:
    reassembly = Reassembly()
    first, second = pieces(block(1024), 520)
    assert reassembly.whole(first) is None
    assert reassembly.whole(first) is None
    assert reassembly.whole(second) is not None


def test_pieces_that_overlap_are_dropped_with_their_packet() -> None:
    reassembly = Reassembly()
    first, second = pieces(block(1024), 520)
    forged = replace(ipv4.parse(first[14:]), payload=b"x" * 16, fragment=MORE | 1)
    assert reassembly.whole(first) is None
    assert reassembly.whole(framed(forged)) is None
    assert reassembly.whole(second) is None


def test_nobody_can_fill_the_memory() -> None:
    reassembly = Reassembly()
    first, second = pieces(block(1024), 520)
    assert reassembly.whole(first) is None
    for number in range(100):
        other = replace(ipv4.parse(first[14:]), identification=number)
        assert reassembly.whole(framed(other)) is None
    assert reassembly.whole(second) is None, "the oldest was given up"


@pytest.mark.parametrize("size", [65_000])
def test_a_packet_longer_than_any_is_none(size: int) -> None:
    reassembly = Reassembly()
    packet = replace(block(1024), payload=bytes(1024), identification=7)
    assert reassembly.whole(framed(replace(packet, fragment=size // 8 + 128))) is None
    for at in range(0, size, 1024):
        assert reassembly.whole(framed(replace(packet, fragment=MORE | at // 8))) is None


@given(hostile(ipv4.build, ipv4s))
def test_any_bytes_are_handed_on_or_kept(content: bytes) -> None:
    whole = bytes(12) + b"\x08\x00" + content
    assert Reassembly().whole(whole) in (whole, None)
