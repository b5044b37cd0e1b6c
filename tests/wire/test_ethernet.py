"""Frames with a type."""

import contextlib

import msgspec
import pytest
from hypothesis import given

from packets import ethernets, hostile
from pxedoctor.wire import ethernet
from pxedoctor.wire.error import WireError
from pxedoctor.wire.ethernet import Ethernet


@given(ethernets)
def test_what_is_built_is_parsed_again(value: Ethernet) -> None:
    assert ethernet.parse(ethernet.build(value)) == value


@given(hostile(ethernet.build, ethernets))
def test_any_bytes_are_one_or_the_one_error(content: bytes) -> None:
    with contextlib.suppress(WireError):
        read = ethernet.parse(content)
        assert ethernet.parse(ethernet.build(read)) == read


ASKING = Ethernet(destination="ff:ff:ff:ff:ff:ff", source="52:54:00:0d:0d:01", kind=ethernet.ARP, payload=b"who?")


def test_a_frame_on_the_wire() -> None:
    assert ethernet.build(ASKING).hex(" ", 2) == "ffff ffff ffff 5254 000d 0d01 0806 7768 6f3f"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(ethernet.build(ASKING)[:13], "an Ethernet frame ends in its type", id="cut in its header"),
        pytest.param(bytes(60), "not an EtherType: 0x0000", id="a length, as BPDUs have"),
    ],
)
def test_what_is_no_such_frame_says_why(content: bytes, says: str) -> None:
    with pytest.raises(WireError, match=says):
        ethernet.parse(content)


@pytest.mark.parametrize("changes", [{"source": "52:54:00:0D:0D:01"}, {"destination": ""}, {"kind": 1500}])
def test_a_value_that_no_wire_carries_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(WireError):
        msgspec.structs.replace(ASKING, **changes)
