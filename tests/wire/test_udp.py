"""UDP datagrams."""

import contextlib
from ipaddress import IPv4Address, IPv6Address

import msgspec
import pytest
from hypothesis import given

from packets import addresses4, addresses6, hostile, udps
from pxedoctor.wire import udp
from pxedoctor.wire.error import WireError
from pxedoctor.wire.udp import Udp

SERVER, GUEST = IPv4Address("192.168.150.1"), IPv4Address("192.168.150.5")
OFFER = Udp(source_port=67, destination_port=68, payload=b"an OFFER")


@given(udps, addresses4, addresses4)
def test_what_is_built_over_ipv4_is_parsed_again(value: Udp, source: IPv4Address, destination: IPv4Address) -> None:
    assert udp.parse(udp.build(value, source, destination)) == value


@given(udps, addresses6, addresses6)
def test_what_is_built_over_ipv6_is_parsed_again(value: Udp, source: IPv6Address, destination: IPv6Address) -> None:
    assert udp.parse(udp.build(value, source, destination)) == value


@given(hostile(udp.build, udps, SERVER, GUEST))
def test_any_bytes_are_one_or_the_one_error(content: bytes) -> None:
    with contextlib.suppress(WireError):
        read = udp.parse(content)
        assert udp.parse(udp.build(read, SERVER, GUEST)) == read


def test_what_of_the_packet_follows_it_does_not_count() -> None:
    content = udp.build(OFFER, SERVER, GUEST)
    assert udp.parse(content + b"more") == OFFER
    assert udp.summed(content + b"more") == content


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"1234567", "8 bytes of header; here are 7", id="cut in its header"),
        pytest.param(b"\0\x43\0\x44\0\x20\0\0", "UDP length 32 in 8 bytes", id="longer than the packet"),
        pytest.param(b"\0\x43\0\x44\0\x07\0\0", "UDP length 7", id="shorter than its header"),
    ],
)
def test_what_is_no_datagram_says_why(content: bytes, says: str) -> None:
    with pytest.raises(WireError, match=says):
        udp.parse(content)


@pytest.mark.parametrize("changes", [{"source_port": 65536}, {"destination_port": -1}, {"payload": bytes(65528)}])
def test_a_value_that_no_wire_carries_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(WireError):
        msgspec.structs.replace(OFFER, **changes)
