"""Frames to datagrams and back, and the verdict on their sums. tshark is the oracle in tests/wire/test_tshark.py."""

import contextlib
from ipaddress import IPv4Address

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxedoctor.wire.checksum import Verdict, folded, internet_checksum, pseudo_header
from pxedoctor.wire.error import WireError
from pxedoctor.wire.ethernet import BROADCAST, IPV4, Ethernet, read_ethernet
from pxedoctor.wire.ipv4 import UDP, Ipv4, read_ipv4
from pxedoctor.wire.udp import Udp, UdpFrame, read_udp_frame

SERVER, GUEST = IPv4Address("192.168.150.1"), IPv4Address("192.168.150.5")
UDP_SUM = 14 + 20 + 6

addresses = st.integers(0, 2**32 - 1).map(IPv4Address)
ports = st.integers(0, 65535)
payloads = st.binary(max_size=600)


def packet(payload: bytes = b"", **changes: object) -> Ipv4:
    values: dict[str, object] = {"source": SERVER, "destination": GUEST, "protocol": UDP, "payload": payload}
    return Ipv4(**(values | changes))  # type: ignore[arg-type]


def frame(inside: Ipv4) -> bytes:
    ethernet = Ethernet(destination=BROADCAST, source="52:54:00:0d:0d:fe", kind=IPV4, payload=inside.write())
    return ethernet.write()


def offer(payload: bytes = b"an OFFER", **changes: object) -> bytes:
    return frame(Udp(source_port=67, destination_port=68, payload=payload).in_packet(packet(**changes)))


def with_sum(content: bytes, value: int) -> bytes:
    return content[:UDP_SUM] + value.to_bytes(2) + content[UDP_SUM + 2 :]


def test_the_example_of_rfc_1071() -> None:
    assert folded(bytes.fromhex("0001f203f4f5f6f7")) == 0xDDF2


def test_the_header_of_a_known_packet() -> None:
    """Wikipedia's worked example of an IPv4 header; its checksum is 0xb861."""
    header = bytes.fromhex("450000730000400040110000c0a80001c0a800c7")
    assert internet_checksum(header) == 0xB861


@given(st.binary())
def test_content_with_its_own_sum_adds_up(content: bytes) -> None:
    even = content + b"\0" * (len(content) % 2)
    assert folded(even + internet_checksum(even).to_bytes(2)) == 0xFFFF


@given(st.binary())
def test_the_sum_is_that_of_words_with_end_around_carry(content: bytes) -> None:
    total = 0
    for index in range(0, len(content), 2):
        total += content[index] << 8 | (content[index + 1] if index + 1 < len(content) else 0)
        total = (total & 0xFFFF) + (total >> 16)
    assert folded(content) == total


@given(addresses, addresses, ports, ports, payloads)
def test_what_is_written_is_read_again_with_a_valid_sum(
    source: IPv4Address, destination: IPv4Address, source_port: int, destination_port: int, payload: bytes
) -> None:
    datagram = Udp(source_port=source_port, destination_port=destination_port, payload=payload)
    inside = datagram.in_packet(packet(source=source, destination=destination))
    read = read_udp_frame(frame(inside))
    assert (read.packet, read.datagram, read.checksum) == (inside, datagram, Verdict.VALID)


@given(payloads)
def test_a_sum_that_holds_only_the_pseudo_header_is_partial(payload: bytes) -> None:
    content = offer(payload)
    pseudo = folded(pseudo_header(SERVER, GUEST, 8 + len(payload)))
    read = read_udp_frame(with_sum(content, pseudo))
    valid = content[UDP_SUM : UDP_SUM + 2] == pseudo.to_bytes(2)
    assert read.checksum is (Verdict.VALID if valid else Verdict.PARTIAL)


def test_no_sum_and_a_wrong_sum() -> None:
    assert read_udp_frame(with_sum(offer(), 0)).checksum is Verdict.NONE
    right = int.from_bytes(offer()[UDP_SUM : UDP_SUM + 2])
    assert read_udp_frame(with_sum(offer(), right ^ 1)).checksum is Verdict.BAD


def test_padding_behind_the_packet_does_not_count() -> None:
    read = read_udp_frame(offer(b"x") + bytes(30))
    assert read.datagram.payload == b"x"
    assert read.checksum is Verdict.VALID


@given(st.binary(max_size=120))
def test_any_bytes_are_a_datagram_or_the_one_error(content: bytes) -> None:
    # Any other exception, or anything that is not a datagram, fails the test.
    with contextlib.suppress(WireError):
        assert isinstance(read_udp_frame(content), UdpFrame)


@given(st.data(), payloads)
def test_a_damaged_frame_is_a_datagram_or_the_one_error(data: st.DataObject, payload: bytes) -> None:
    content = bytearray(offer(payload))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(content[: data.draw(st.integers(0, len(content)))])
    with contextlib.suppress(WireError):
        assert isinstance(read_udp_frame(cut), UdpFrame)


@given(st.binary(max_size=80))
def test_a_packet_that_can_be_read_is_written_the_same(content: bytes) -> None:
    try:
        read = read_ipv4(content)
    except WireError:
        return
    assert read_ipv4(read.write()) == read


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"\0" * 13, "14 bytes of header", id="shorter than Ethernet's header"),
        pytest.param(b"\0" * 60, "not an EtherType", id="a length instead of a type: 802.3 with LLC, as BPDUs have"),
        pytest.param(offer()[:30], "20 bytes of header", id="IPv4 cut in its header"),
        pytest.param(offer()[:-1], "of which", id="IPv4 cut in its payload"),
        pytest.param(offer(fragment=0x2000), "a fragment", id="more fragments follow"),
        pytest.param(offer(fragment=185), "a fragment", id="a later fragment"),
        pytest.param(frame(packet(b"1234567")), "8 bytes of header", id="UDP cut in its header"),
        pytest.param(frame(packet(b"\0\x43\0\x44\0\x20\0\0")), "UDP length 32 in 8 bytes", id="UDP longer than IPv4"),
        pytest.param(frame(packet(b"\0\x43\0\x44\0\x07\0\0")), "UDP length 7", id="UDP shorter than its header"),
        pytest.param(frame(packet(b"", protocol=6)), "not UDP", id="TCP"),
        pytest.param(offer()[:12] + b"\x86\xdd" + offer()[14:], "not IPv4", id="IPv6"),
        pytest.param(offer()[:14] + b"\x65" + offer()[15:], "IP version 6", id="IPv6 in an IPv4 frame"),
        pytest.param(offer()[:14] + b"\x44" + offer()[15:], "header of 16 bytes", id="IPv4 header too short"),
        pytest.param(offer()[:22] + b"\x01" + offer()[23:], "checksum of the IPv4 header", id="TTL damaged"),
    ],
)
def test_what_is_no_datagram_says_why(content: bytes, says: str) -> None:
    with pytest.raises(WireError, match=says):
        read_udp_frame(content)


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        (packet(), {"ttl": 256}),
        (packet(), {"identification": -1}),
        (packet(), {"options": b"123"}),
        (packet(), {"payload": bytes(65516)}),
        (Udp(source_port=67, destination_port=68, payload=b""), {"source_port": 65536}),
        (Udp(source_port=67, destination_port=68, payload=b""), {"payload": bytes(65528)}),
        (read_ethernet(offer()), {"source": "52:54:00:0D:0D:FE"}),
        (read_ethernet(offer()), {"kind": 1500}),
    ],
)
def test_a_value_that_no_wire_carries_is_refused(kind: msgspec.Struct, changes: dict[str, object]) -> None:
    with pytest.raises(WireError):
        msgspec.structs.replace(kind, **changes)
