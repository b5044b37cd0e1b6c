"""DHCPv6 messages and the relay agents around them."""

import contextlib
from ipaddress import IPv6Address

import msgspec
import pytest
from hypothesis import given

from packets import dhcp6s, hostile, relay6s
from pxedoctor.wire import dhcp6
from pxedoctor.wire.dhcp6 import Dhcp6, MessageType, Relay6
from pxedoctor.wire.dhcp6_known import ELAPSED_TIME, RELAY_MESSAGE, REQUESTED_OPTIONS
from pxedoctor.wire.error import WireError
from pxedoctor.wire.options import Option

LINK, PEER = IPv6Address("fd00:d0d::1"), IPv6Address("fe80::5054:ff:fe0d:d01")
SOLICIT = Dhcp6(kind=MessageType.SOLICIT, xid=0x0D0D0D, options=(ELAPSED_TIME.of(0), REQUESTED_OPTIONS.of((59, 60))))
RELAYED = Relay6(
    kind=MessageType.RELAY_FORW, hops=0, link=LINK, peer=PEER, options=(RELAY_MESSAGE.of(dhcp6.build(SOLICIT)),)
)


@given(dhcp6s | relay6s)
def test_what_is_built_is_parsed_again(value: Dhcp6 | Relay6) -> None:
    assert dhcp6.parse(dhcp6.build(value)) == value


@given(hostile(dhcp6.build, dhcp6s | relay6s))
def test_any_bytes_are_one_or_the_one_error(content: bytes) -> None:
    with contextlib.suppress(WireError):
        read = dhcp6.parse(content)
        assert dhcp6.build(read) == content
        assert isinstance(dhcp6.relayed(read), Dhcp6)


def test_a_solicit_on_the_wire() -> None:
    assert dhcp6.build(SOLICIT).hex(" ", -4) == "010d0d0d 00080002 00000006 0004003b 003c"


def test_an_option_may_come_more_than_once() -> None:
    twice = msgspec.structs.replace(SOLICIT, options=(Option(3, b"a"), Option(3, b"b")))
    assert dhcp6.parse(dhcp6.build(twice)) == twice


def test_what_was_relayed_is_found() -> None:
    outer = msgspec.structs.replace(RELAYED, hops=1, options=(RELAY_MESSAGE.of(dhcp6.build(RELAYED)),))
    assert dhcp6.relayed(SOLICIT) == dhcp6.relayed(RELAYED) == dhcp6.relayed(outer) == SOLICIT


def test_relays_without_end_are_refused() -> None:
    nested = RELAYED
    for _ in range(100):
        nested = msgspec.structs.replace(nested, options=(RELAY_MESSAGE.of(dhcp6.build(nested)),))
    with pytest.raises(WireError, match="more than 8 relay agents' messages"):
        dhcp6.relayed(nested)
    with pytest.raises(WireError, match="without option 9"):
        dhcp6.relayed(msgspec.structs.replace(RELAYED, options=()))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"", "a DHCPv6 message ends in its type", id="nothing"),
        pytest.param(bytes((14, 0, 0, 0)), "type 14 is none of 1 to 13", id="another type"),
        pytest.param(b"\1\0\0", "ends in its xid", id="cut in its xid"),
        pytest.param(b"\x0c\0" + bytes(31), "ends in its peer address", id="cut in its addresses"),
        pytest.param(b"\1\0\0\0\0\6\0\4\0\x3b", "ends in its option 6: 4 bytes long, of which 2", id="length lies"),
    ],
)
def test_what_is_no_message_says_why(content: bytes, says: str) -> None:
    with pytest.raises(WireError, match=says):
        dhcp6.parse(content)


@pytest.mark.parametrize(
    ("value", "changes"),
    [
        (SOLICIT, {"kind": MessageType.RELAY_FORW}),
        (SOLICIT, {"xid": 1 << 24}),
        (SOLICIT, {"options": (Option(65536, b""),)}),
        (SOLICIT, {"options": (Option(1, bytes(65536)),)}),
        (SOLICIT, {"options": (Option(1, bytes(65535)),)}),
        (RELAYED, {"kind": MessageType.REPLY}),
        (RELAYED, {"hops": 256}),
        (RELAYED, {"options": (Option(9, bytes(65500)),)}),
    ],
)
def test_a_value_that_no_wire_carries_is_refused(value: msgspec.Struct, changes: dict[str, object]) -> None:
    with pytest.raises(WireError):
        msgspec.structs.replace(value, **changes)
