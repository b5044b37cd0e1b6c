"""Fragments of both families put together again."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from packets import fragment6s, hostile, ipv4s, ipv6s
from pxedoctor.wire import ethernet, fragment6, frame, ipv4, ipv6
from pxedoctor.wire.ethernet import Ethernet
from pxedoctor.wire.fragment6 import Fragment6
from pxedoctor.wire.ipv4 import Ipv4
from pxedoctor.wire.ipv6 import Extension, Ipv6
from pxedoctor.wire.reassembly import Reassembly
from pxedoctor.wire.udp import Udp

CLIENT, SERVER = "52:54:00:0d:0d:01", "52:54:00:0d:0d:fe"
MORE = 0x2000
PADDING = Extension(ipv6.DESTINATION_OPTIONS, b"\1\4" + bytes(4))
BOTH = pytest.mark.parametrize("version", [4, 6])


def block(version: int = 4, size: int = 1400) -> Ipv4 | Ipv6:
    """A block of a boot file, in one packet."""
    addresses: Ipv4 | Ipv6
    if version == 4:
        addresses = Ipv4(
            source=IPv4Address("192.168.150.1"), destination=IPv4Address("192.168.150.5"), protocol=17, payload=b""
        )
    else:
        addresses = Ipv6(
            source=IPv6Address("fd00:d0d::1"), destination=IPv6Address("fd00:d0d::5"), protocol=17, payload=b""
        )
    datagram = Udp(source_port=40000, destination_port=49152, payload=bytes(range(256)) * (size // 256))
    return frame.parse(frame.build(datagram, addresses, destination=CLIENT, source=SERVER)).packet


def pieces(packet: Ipv4 | Ipv6, size: int, number: int = 0x0D0D) -> list[bytes]:
    """As a sender sends it over a link that carries `size` bytes of payload, a multiple of eight."""
    starts = range(0, len(packet.payload), size)
    return [piece(packet, at, packet.payload[at : at + size], at + size < len(packet.payload), number) for at in starts]


def piece(packet: Ipv4 | Ipv6, at: int, payload: bytes, more: bool, number: int = 0x0D0D) -> bytes:
    if isinstance(packet, Ipv4):
        mark = at // 8 | (MORE if more else 0)
        return framed(replace(packet, payload=payload, fragment=mark, identification=number))
    part = Fragment6(protocol=packet.protocol, start=at // 8, more=more, identification=number, payload=payload)
    return framed(replace(packet, protocol=ipv6.FRAGMENT, payload=fragment6.build(part)))


def framed(packet: Ipv4 | Ipv6) -> bytes:
    kind, payload = (
        (ethernet.IPV4, ipv4.build(packet)) if isinstance(packet, Ipv4) else (ethernet.IPV6, ipv6.build(packet))
    )
    return ethernet.build(Ethernet(destination=CLIENT, source=SERVER, kind=kind, payload=payload))


def heard(frames: list[bytes]) -> list[bytes | None]:
    """What comes of frames that come at once, one after the other."""
    reassembly = Reassembly()
    return [reassembly.whole(content, 0.0) for content in frames]


@BOTH
def test_what_is_no_fragment_is_handed_on_as_it_is(version: int) -> None:
    whole = framed(block(version))
    assert Reassembly().whole(whole, 0.0) is whole
    assert Reassembly().whole(b"\xff" * 6, 0.0) == b"\xff" * 6


@BOTH
@given(order=st.permutations(range(6)))
def test_the_pieces_make_the_packet_in_any_order(version: int, order: list[int]) -> None:
    sent = pieces(block(version), 240)
    assert len(sent) == 6
    came = heard([sent[number] for number in order])

    assert came[:-1] == [None] * 5
    assert came[-1] is not None
    read = frame.parse(came[-1])
    assert read.checksum == "valid"
    assert read.packet.payload == block(version).payload


@BOTH
def test_a_piece_that_comes_twice_does_no_harm(version: int) -> None:
    first, second = pieces(block(version, 1024), 520)
    came = heard([first, first, second])
    assert came[:2] == [None, None]
    assert came[2] is not None


@BOTH
def test_pieces_that_overlap_are_dropped_with_their_packet_and_what_still_comes_of_it(version: int) -> None:
    packet = block(version, 1024)
    first, second = pieces(packet, 520)
    forged = piece(packet, 8, b"x" * 16, more=True)
    assert heard([first, forged, second, first, second]) == [None] * 5


@BOTH
@pytest.mark.parametrize(
    ("at", "size", "more"),
    [
        pytest.param(0, 520, False, id="the first piece is the last, too"),
        pytest.param(1040, 16, False, id="a second end"),
        pytest.param(1040, 16, True, id="it goes on behind its end"),
        pytest.param(520, 13, True, id="a piece in between that is no multiple of eight"),
        pytest.param(65528, 16, False, id="it would be longer than a packet can be"),
        pytest.param(520, 0, True, id="a piece of nothing"),
    ],
)
def test_pieces_that_are_of_no_one_packet_are_dropped(version: int, at: int, size: int, more: bool) -> None:
    packet = block(version, 1024)
    first, second = pieces(packet, 520)
    odd = piece(packet, at, bytes(size), more)
    # A packet in one piece is one by itself: nothing of the others is touched (RFC 6946).
    alone = at == 0 and not more
    came = heard([second, odd, first])
    assert came[0] is None
    assert (came[1] is not None) == alone
    assert (came[2] is not None) == alone


@BOTH
def test_the_rest_of_a_packet_is_waited_for_as_long_as_a_kernel_does(version: int) -> None:
    first, second = pieces(block(version, 1024), 520)
    patience = 30 if version == 4 else 60
    for wait, comes in ((patience - 1, True), (patience, False)):
        reassembly = Reassembly()
        assert reassembly.whole(first, 100.0) is None
        assert (reassembly.whole(second, 100.0 + wait) is not None) == comes


@BOTH
def test_nobody_can_fill_the_memory(version: int) -> None:
    packet = block(version, 1024)
    first, second = pieces(packet, 520)
    others = [pieces(packet, 520, number)[0] for number in range(100)]
    assert heard([first, *others, second])[-1] is None, "the oldest was given up"
    assert heard([piece(packet, at, bytes(8), more=True) for at in range(0, 1024, 8)]) == [None] * 128


@pytest.mark.parametrize(
    ("version", "last", "comes"),
    [
        pytest.param(4, 1000, True, id="IPv4, 65,532 bytes with its header"),
        pytest.param(4, 1016, False, id="IPv4, 65,548 bytes with its header"),
        pytest.param(6, 1016, True, id="IPv6, 65,528 bytes"),
        pytest.param(6, 1024, False, id="IPv6, 65,536 bytes"),
    ],
)
def test_a_packet_longer_than_any_is_none(version: int, last: int, comes: bool) -> None:
    packet = block(version)
    starts = range(0, 64 * 1024, 1024)
    sent = [piece(packet, at, bytes(1024), more=True) for at in starts[:-1]]
    assert (heard([*sent, piece(packet, starts[-1], bytes(last), more=False)])[-1] is not None) == comes


def test_pieces_of_two_vlans_are_of_two_packets() -> None:
    first, second = pieces(block(6, 1024), 520)
    tagged = second[:12] + b"\x81\x00\x00\x07" + second[12:]
    assert heard([first, tagged, second])[1] is None
    told = heard([first[:12] + b"\x81\x00\x00\x07" + first[12:], tagged])[1]
    assert told is not None
    assert frame.parse(told).vlans == (7,)


def test_a_packet_in_one_piece_is_whole() -> None:
    """A sender that was told of a path too narrow for IPv6 may send them (RFC 6946)."""
    packet = block(6)
    came = heard([piece(packet, 0, packet.payload, more=False)])[0]
    assert came is not None
    assert frame.parse(came).packet == packet


def test_headers_on_both_sides_of_the_cut_are_kept() -> None:
    packet = block(6, 1024)
    assert isinstance(packet, Ipv6)
    alert = Extension(ipv6.HOP_BY_HOP, bytes.fromhex("050200000100"))
    chained = replace(packet, protocol=253, extensions=(alert,), payload=bytes((17, 0)) + PADDING.content)
    whole = chained.payload + packet.payload
    parts = [
        Fragment6(protocol=ipv6.DESTINATION_OPTIONS, start=0, more=True, identification=7, payload=whole[:520]),
        Fragment6(protocol=ipv6.DESTINATION_OPTIONS, start=65, more=False, identification=7, payload=whole[520:]),
    ]
    came = heard([framed(replace(chained, protocol=44, payload=fragment6.build(part))) for part in parts])[1]
    assert came is not None
    read = frame.parse(came)
    assert isinstance(read.packet, Ipv6)
    assert (read.packet.extensions, read.checksum) == ((alert, PADDING), "valid")


def test_headers_that_end_behind_the_first_piece_are_refused() -> None:
    """RFC 7112: nobody who looks at the first piece alone would see what it is."""
    packet = block(6, 1024)
    whole = bytes((17, 0)) + PADDING.content + packet.payload
    parts = [
        Fragment6(protocol=ipv6.DESTINATION_OPTIONS, start=0, more=True, identification=7, payload=whole[:8]),
        Fragment6(protocol=ipv6.DESTINATION_OPTIONS, start=1, more=False, identification=7, payload=whole[8:]),
    ]
    frames = [framed(replace(packet, protocol=44, payload=fragment6.build(part))) for part in parts]
    assert heard(frames) == [None, None]


@given(hostile(ipv4.build, ipv4s))
def test_any_bytes_are_handed_on_or_kept(content: bytes) -> None:
    whole = bytes(12) + b"\x08\x00" + content
    assert Reassembly().whole(whole, 0.0) in (whole, None)


# Few numbers and places, so that pieces meet.
_meeting = fragment6s.map(
    lambda part: replace(part, start=part.start % 8, identification=part.identification % 3, protocol=part.protocol)
)


@given(st.lists(hostile(ipv6.build, ipv6s) | _meeting.map(fragment6.build), max_size=12))
def test_any_bytes_of_ipv6_are_handed_on_kept_or_a_frame(contents: list[bytes]) -> None:
    """What was no packet is handed on as it is; what is put together is one."""
    reassembly = Reassembly()
    around = Ipv6(source=IPv6Address(1), destination=IPv6Address(2), protocol=ipv6.FRAGMENT, payload=b"")
    for content in contents:
        for whole in (bytes(12) + b"\x86\xdd" + content, framed(replace(around, payload=content))):
            came = reassembly.whole(whole, 0.0)
            if came not in (whole, None):
                ipv6.parse(came[14:])
