"""Files, block by block."""

import contextlib

import pytest
from hypothesis import given

from packets import hostile, tftps
from pxedoctor.wire import tftp
from pxedoctor.wire.error import WireError
from pxedoctor.wire.tftp import Ack, Data, Error, ErrorCode, OptionAck, ReadRequest, Tftp, WriteRequest


@given(tftps)
def test_what_is_built_is_parsed_again(value: Tftp) -> None:
    assert tftp.parse(tftp.build(value)) == value


@given(hostile(tftp.build, tftps))
def test_any_bytes_are_one_or_the_one_error(content: bytes) -> None:
    with contextlib.suppress(WireError):
        read = tftp.parse(content)
        assert tftp.parse(tftp.build(read)) == read


IPXE_ASKS = ReadRequest(file="undionly.kpxe", options=(("blksize", "1432"), ("tsize", "0")))


def test_what_ipxe_asks() -> None:
    content = tftp.build(IPXE_ASKS)
    assert content == b"\0\1undionly.kpxe\0octet\0blksize\x001432\0tsize\x000\0"
    assert tftp.parse(content) == IPXE_ASKS


def test_options_are_found_whatever_their_case() -> None:
    granted = OptionAck(options=(("BlkSize", "1432"), ("tsize", "70000")))
    assert tftp.number(granted.options, "blksize", least=8, most=tftp.LARGEST_BLOCK) == 1432
    assert tftp.number(granted.options, "windowsize", least=1, most=65535) is None
    assert tftp.option(granted.options, "tsize") == "70000"


@pytest.mark.parametrize("value", ["7", "65465", "-8", "+8", " 8", "", "0x20", "٨", "1" * 5000])
def test_an_option_that_is_no_number_in_its_range_is_refused(value: str) -> None:
    with pytest.raises(WireError, match="TFTP option blksize is a number from 8 to 65464"):
        tftp.number((("blksize", value),), "blksize", least=8, most=tftp.LARGEST_BLOCK)


def test_an_error_is_heard_though_its_nul_is_missing() -> None:
    not_found = Error(code=ErrorCode.NOT_FOUND, message="no such file")
    assert tftp.parse(b"\0\5\0\1no such file") == not_found
    assert tftp.parse(b"\0\5\0\1no such file\0garbage") == not_found


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"\0", "a TFTP packet ends in its opcode", id="cut in its opcode"),
        pytest.param(b"\0\7", "opcode 7 is none of 1 to 6", id="an opcode that nobody knows"),
        pytest.param(b"\0\1file\0octet", "ends in one of its texts", id="cut in its mode"),
        pytest.param(b"\0\1file\0", "without file name or mode", id="no mode"),
        pytest.param(b"\0\1file\0octet\0tsize\0", "option 'tsize' without a value", id="an option without a value"),
        pytest.param(b"\0\3\0", "ends in its block number", id="cut in its block number"),
        pytest.param(b"\0\4\0\1x", "followed by 1 bytes", id="an ACK and more"),
        pytest.param(b"\0\3\0\1" + bytes(65465), "a TFTP block has 0 to 65464 bytes", id="a block too large"),
        pytest.param(b"\0\6tsize", "ends in one of its texts", id="an OACK without an end"),
    ],
)
def test_what_is_no_tftp_says_why(content: bytes, says: str) -> None:
    with pytest.raises(WireError, match=says):
        tftp.parse(content)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (ReadRequest, {"file": "a\0b"}),
        (WriteRequest, {"file": "a", "mode": "\ud800"}),
        (OptionAck, {"options": (("a\0", "b"),)}),
        (Data, {"block": 65536, "content": b""}),
        (Ack, {"block": -1}),
        (Error, {"code": 65536}),
        (Error, {"code": 0, "message": "\0"}),
    ],
)
def test_a_value_that_no_wire_carries_is_refused(kind: type[Ack], values: dict[str, int]) -> None:
    with pytest.raises(WireError):
        kind(**values)
