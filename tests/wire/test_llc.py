"""802.3 frames with a length and an LLC header."""

import contextlib

import msgspec
import pytest
from hypothesis import given

from packets import hostile, llcs
from pxedoctor.wire import llc
from pxedoctor.wire.error import WireError
from pxedoctor.wire.llc import Llc


@given(llcs)
def test_what_is_built_is_parsed_again(value: Llc) -> None:
    assert llc.parse(llc.build(value)) == value


@given(hostile(llc.build, llcs))
def test_any_bytes_are_one_or_the_one_error(content: bytes) -> None:
    with contextlib.suppress(WireError):
        read = llc.parse(content)
        assert llc.parse(llc.build(read)) == read


HELLO = Llc(
    destination="01:80:c2:00:00:00",
    source="fe:54:00:0d:0d:01",
    destination_service=llc.BRIDGE,
    source_service=llc.BRIDGE,
    payload=bytes(35),
)


def test_a_bpdu_of_the_kernel_has_38_bytes_behind_its_length() -> None:
    content = llc.build(HELLO)
    assert content[12:17].hex(" ") == "00 26 42 42 03"
    assert llc.parse(content + bytes(8)) == HELLO, "padding behind the length does not count"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(llc.build(HELLO)[:-1], "ends in its payload", id="cut"),
        pytest.param(bytes(12) + b"\x08\x00" + bytes(46), "0x0800 is a type", id="IPv4"),
        pytest.param(bytes(12) + b"\0\2\x42\x42", "an LLC header ends in its control", id="no room for LLC"),
        pytest.param(bytes(12) + b"\0\4\x42\x42\0\0", "not of an unnumbered frame", id="a numbered frame"),
    ],
)
def test_what_is_no_such_frame_says_why(content: bytes, says: str) -> None:
    with pytest.raises(WireError, match=says):
        llc.parse(content)


@pytest.mark.parametrize(
    "changes", [{"source": "x"}, {"source_service": 256}, {"control": 256}, {"control": 0}, {"payload": bytes(1498)}]
)
def test_a_value_that_no_wire_carries_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(WireError):
        msgspec.structs.replace(HELLO, **changes)
