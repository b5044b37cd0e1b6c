"""IPv4 packets."""

import contextlib
from ipaddress import IPv4Address

import msgspec
import pytest
from hypothesis import given

from packets import hostile, ipv4s
from pxedoctor.wire import ipv4
from pxedoctor.wire.error import WireError
from pxedoctor.wire.ipv4 import Ipv4


@given(ipv4s)
def test_what_is_built_is_parsed_again(value: Ipv4) -> None:
    assert ipv4.parse(ipv4.build(value)) == value


@given(hostile(ipv4.build, ipv4s))
def test_any_bytes_are_one_or_the_one_error(content: bytes) -> None:
    with contextlib.suppress(WireError):
        read = ipv4.parse(content)
        assert ipv4.parse(ipv4.build(read)) == read


OFFER = Ipv4(
    source=IPv4Address("192.168.150.1"), destination=IPv4Address("192.168.150.5"), protocol=17, payload=b"an OFFER"
)


def changed(at: int, value: int) -> bytes:
    content = ipv4.build(OFFER)
    return content[:at] + bytes((value,)) + content[at + 1 :]


def test_padding_behind_the_packet_does_not_count() -> None:
    assert ipv4.parse(ipv4.build(OFFER) + bytes(18)) == OFFER


def test_fragments_are_told() -> None:
    """Don't Fragment alone is none; more to come, or an offset, is one."""
    told = [msgspec.structs.replace(OFFER, fragment=value).is_fragment for value in (0, 0x4000, 0x2000, 185)]
    assert told == [False, False, True, True]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(ipv4.build(OFFER)[:19], "20 bytes of header at least; here are 19", id="cut in its header"),
        pytest.param(ipv4.build(OFFER)[:-1], "28 bytes, of which 27 are here", id="cut in its payload"),
        pytest.param(changed(0, 0x65), "IP version 6", id="IPv6"),
        pytest.param(changed(0, 0x44), "header of 16 bytes", id="header too short"),
        pytest.param(changed(0, 0x48), "header of 32 bytes in a packet of 28", id="header too long"),
        pytest.param(changed(8, 1), "checksum of the IPv4 header", id="TTL damaged"),
    ],
)
def test_what_is_no_such_packet_says_why(content: bytes, says: str) -> None:
    with pytest.raises(WireError, match=says):
        ipv4.parse(content)


@pytest.mark.parametrize(
    "changes",
    [
        {"ttl": 256},
        {"protocol": 256},
        {"service": -1},
        {"identification": 0x10000},
        {"fragment": 0x10000},
        {"options": b"123"},
        {"options": bytes(44)},
        {"payload": bytes(65516)},
    ],
)
def test_a_value_that_no_wire_carries_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(WireError):
        msgspec.structs.replace(OFFER, **changes)
