"""Sums, and what a receiver says of one. tshark is the oracle in test_tshark.py."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packets import addresses4, addresses6, udps
from pxedoctor.wire import udp
from pxedoctor.wire.checksum import (
    Verdict,
    filled,
    folded,
    internet_checksum,
    pseudo_header,
    require_valid,
    udp_verdict,
)
from pxedoctor.wire.error import WireError
from pxedoctor.wire.udp import Udp


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


@given(st.binary(min_size=8), st.integers(1, 3))
def test_content_that_was_filled_is_valid_and_one_bit_later_it_is_not(content: bytes, word: int) -> None:
    even = content[: len(content) // 2 * 2]
    zeroed = even[: 2 * word] + b"\0\0" + even[2 * word + 2 :]
    whole = filled(zeroed, 2 * word)
    require_valid(whole, "it")
    with pytest.raises(WireError, match="the checksum of it is wrong"):
        require_valid(bytes((whole[0] ^ 1,)) + whole[1:], "it")


@given(addresses4, addresses4, udps)
def test_a_datagram_over_ipv4_is_valid(source: IPv4Address, destination: IPv4Address, datagram: Udp) -> None:
    content = udp.build(datagram, source, destination)
    assert udp_verdict(source, destination, content) is Verdict.VALID


@given(addresses6, addresses6, udps)
def test_a_datagram_over_ipv6_is_valid(source: IPv6Address, destination: IPv6Address, datagram: Udp) -> None:
    content = udp.build(datagram, source, destination)
    assert udp_verdict(source, destination, content) is Verdict.VALID


@given(addresses4, addresses4, udps)
def test_a_sum_that_holds_only_the_pseudo_header_is_partial(
    source: IPv4Address, destination: IPv4Address, datagram: Udp
) -> None:
    content = udp.build(datagram, source, destination)
    pseudo = folded(pseudo_header(source, destination, len(content)))
    valid = content[6:8] == pseudo.to_bytes(2)
    verdict = udp_verdict(source, destination, content[:6] + pseudo.to_bytes(2) + content[8:])
    assert verdict is (Verdict.VALID if valid else Verdict.PARTIAL)


def test_no_sum_and_a_wrong_sum() -> None:
    server, guest = IPv4Address("192.168.150.1"), IPv4Address("192.168.150.5")
    content = udp.build(Udp(source_port=67, destination_port=68, payload=b"an OFFER"), server, guest)
    assert udp_verdict(server, guest, content[:6] + b"\0\0" + content[8:]) is Verdict.NONE
    wrong = (int.from_bytes(content[6:8]) ^ 1).to_bytes(2)
    assert udp_verdict(server, guest, content[:6] + wrong + content[8:]) is Verdict.BAD


def test_a_sum_of_zero_is_sent_as_ones() -> None:
    """Zero would mean that there is none (RFC 768)."""
    zero = IPv4Address(0)
    # Ports that make the sum 0xffff: pseudo-header 17 + 8, length 8, so the ports are 0xffff - 33.
    content = udp.build(Udp(source_port=0xFFFF - 33, destination_port=0, payload=b""), zero, zero)
    assert content[6:8] == b"\xff\xff"
    assert udp_verdict(zero, zero, content) is Verdict.VALID
