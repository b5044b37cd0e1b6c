"""Echoes, and what cannot be reached."""

import contextlib

import msgspec
import pytest
from hypothesis import given

from packets import hostile, icmps
from pxedoctor.wire import icmp
from pxedoctor.wire.error import WireError
from pxedoctor.wire.icmp import EchoReply, EchoRequest, Icmp, Unreachable


@given(icmps)
def test_what_is_built_is_parsed_again(value: Icmp) -> None:
    assert icmp.parse(icmp.build(value)) == value


@given(hostile(icmp.build, icmps))
def test_any_bytes_are_one_or_the_one_error(content: bytes) -> None:
    with contextlib.suppress(WireError):
        read = icmp.parse(content)
        assert icmp.parse(icmp.build(read)) == read


PING = EchoRequest(identifier=1, sequence=2, payload=b"dnsmasq")


def test_a_ping_on_the_wire() -> None:
    assert icmp.build(PING)[:2].hex() == "0800"
    assert icmp.build(EchoReply(identifier=1, sequence=2))[:2].hex() == "0000"


def test_a_large_packet_is_told_the_mtu() -> None:
    content = icmp.build(Unreachable(code=icmp.FRAGMENTATION_NEEDED, mtu=1400, original=b"its header"))
    assert content[:2].hex() == "0304"
    assert content[4:8].hex() == "00000578"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(icmp.build(PING)[:7], "an ICMP message ends in its header", id="cut"),
        pytest.param(icmp.build(PING)[:-1] + b"?", "the checksum of the ICMP message", id="damaged"),
        pytest.param(bytes.fromhex("0500faff00000000"), "type 5 code 0 is neither", id="a redirect"),
        pytest.param(bytes.fromhex("0801f7fe00000000"), "type 8 code 1 is neither", id="an echo with a code"),
    ],
)
def test_what_is_no_such_message_says_why(content: bytes, says: str) -> None:
    with pytest.raises(WireError, match=says):
        icmp.parse(content)


@pytest.mark.parametrize(
    ("value", "changes"),
    [
        (PING, {"identifier": 65536}),
        (PING, {"sequence": -1}),
        (EchoReply(identifier=0, sequence=0), {"identifier": 65536}),
        (EchoReply(identifier=0, sequence=0), {"sequence": 65536}),
        (Unreachable(code=3, original=b""), {"code": 256}),
        (Unreachable(code=3, original=b""), {"mtu": 65536}),
    ],
)
def test_a_value_that_no_wire_carries_is_refused(value: msgspec.Struct, changes: dict[str, object]) -> None:
    with pytest.raises(WireError):
        msgspec.structs.replace(value, **changes)
