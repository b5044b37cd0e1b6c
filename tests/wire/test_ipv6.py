"""IPv6 packets and their extension headers."""

import contextlib
from ipaddress import IPv6Address

import msgspec
import pytest
from hypothesis import given

from packets import hostile, ipv6s
from pxedoctor.wire import ipv6
from pxedoctor.wire.error import WireError
from pxedoctor.wire.ipv6 import Extension, Ipv6


@given(ipv6s)
def test_what_is_built_is_parsed_again(value: Ipv6) -> None:
    assert ipv6.parse(ipv6.build(value)) == value


@given(hostile(ipv6.build, ipv6s))
def test_any_bytes_are_one_or_the_one_error(content: bytes) -> None:
    with contextlib.suppress(WireError):
        read = ipv6.parse(content)
        assert ipv6.parse(ipv6.build(read)) == read


SOLICIT = Ipv6(
    source=IPv6Address("fe80::5054:ff:fe0d:d01"),
    destination=IPv6Address("ff02::1:2"),
    protocol=ipv6.UDP,
    payload=b"SOLICIT",
    hop_limit=1,
)
# A router alert, as MLD reports carry it (RFC 2711).
ALERT = Extension(ipv6.HOP_BY_HOP, bytes.fromhex("050200000100"))


def test_a_packet_on_the_wire() -> None:
    content = ipv6.build(SOLICIT)
    assert content[:8].hex(" ", 2) == "6000 0000 0007 1101"
    assert ipv6.parse(content + bytes(20)) == SOLICIT, "padding behind the packet does not count"


def test_an_extension_header_stands_before_the_payload() -> None:
    content = ipv6.build(msgspec.structs.replace(SOLICIT, extensions=(ALERT,)))
    assert content[6] == ipv6.HOP_BY_HOP
    assert content[40:48].hex(" ", 2) == "1100 0502 0000 0100"


def test_a_fragment_is_told() -> None:
    assert not SOLICIT.is_fragment
    assert msgspec.structs.replace(SOLICIT, protocol=ipv6.FRAGMENT).is_fragment


def test_extension_headers_without_end_are_refused() -> None:
    """Each is eight bytes and says that another one follows."""
    chain = bytes(8) * 100
    head = ipv6.build(msgspec.structs.replace(SOLICIT, payload=chain))
    with pytest.raises(WireError, match="no extension header"):
        ipv6.parse(head[:6] + bytes((ipv6.HOP_BY_HOP,)) + head[7:])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(ipv6.build(SOLICIT)[:39], "an IPv6 packet ends in its header", id="cut in its header"),
        pytest.param(ipv6.build(SOLICIT)[:-1], "ends in its payload: 7 bytes long", id="cut in its payload"),
        pytest.param(b"\x45" + ipv6.build(SOLICIT)[1:], "IP version 4, not 6", id="IPv4"),
    ],
)
def test_what_is_no_such_packet_says_why(content: bytes, says: str) -> None:
    with pytest.raises(WireError, match=says):
        ipv6.parse(content)


@pytest.mark.parametrize(
    "changes",
    [
        {"hop_limit": 256},
        {"traffic_class": 256},
        {"flow_label": 1 << 20},
        {"protocol": ipv6.ROUTING},
        {"protocol": 256},
        {"payload": bytes(65536)},
        {"source": IPv6Address("fe80::1%eth0")},
        {"extensions": (ALERT,) * 9},
    ],
)
def test_a_value_that_no_wire_carries_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(WireError):
        msgspec.structs.replace(SOLICIT, **changes)


@pytest.mark.parametrize(("kind", "content"), [(ipv6.FRAGMENT, bytes(6)), (0, bytes(5)), (0, bytes(2054))])
def test_an_extension_header_that_no_wire_carries_is_refused(kind: int, content: bytes) -> None:
    with pytest.raises(WireError):
        Extension(kind, content)
