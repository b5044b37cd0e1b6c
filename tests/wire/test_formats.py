"""What an option's content looks like. Every row of every registry is tried in test_known.py."""

from ipaddress import IPv4Address, IPv6Address

import pytest

from pxedoctor.wire import formats
from pxedoctor.wire.error import WireError
from pxedoctor.wire.options import Format


def test_contents_on_the_wire() -> None:
    assert formats.UINT16.write(1472) == b"\x05\xc0"
    assert formats.INT32.write(-3600) == b"\xff\xff\xf1\xf0"
    assert formats.UINT8S.write((1, 3, 6)) == b"\1\3\6"
    assert formats.ADDRESSES4.write((IPv4Address("10.0.0.1"), IPv4Address("10.0.0.2"))).hex() == "0a0000010a000002"
    assert formats.ADDRESS6.read(bytes(15) + b"\1") == IPv6Address("::1")
    assert formats.PRESENT.read(b"") is True


def test_a_text_may_end_with_nuls() -> None:
    assert formats.TEXT.read(b"pxelinux.0\0") == "pxelinux.0"


@pytest.mark.parametrize(
    ("form", "content"),
    [
        (formats.UINT8, b""),
        (formats.UINT32, b"\0\0\0"),
        (formats.ADDRESS4, bytes(5)),
        (formats.ADDRESSES4, b""),
        (formats.ADDRESSES4, bytes(6)),
        (formats.ADDRESSES6, bytes(17)),
        (formats.UINT16S, b"\0"),
        (formats.PRESENT, b"\0"),
        (formats.NAMES, b"\3ab"),
    ],
)
def test_what_has_another_length_is_refused(form: Format[object], content: bytes) -> None:
    with pytest.raises(WireError):
        form.read(content)


@pytest.mark.parametrize(
    ("form", "value"),
    [
        (formats.UINT8, 256),
        (formats.UINT16, -1),
        (formats.INT32, 1 << 31),
        (formats.UINT8S, ()),
        (formats.ADDRESSES4, ()),
        (formats.PRESENT, False),
        (formats.TEXT, "a\0"),
    ],
)
def test_a_value_that_no_wire_carries_is_refused(form: Format[object], value: object) -> None:
    with pytest.raises(WireError):
        form.write(value)
