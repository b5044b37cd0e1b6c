"""Pieces are there whole or not at all."""

import pytest

from pxedoctor.wire.error import WireError
from pxedoctor.wire.reader import Reader


def test_what_is_read_is_gone() -> None:
    reader = Reader(b"\x01\x02\x03\x04\x05", "a packet")
    assert reader.number(2, "type") == 0x0102
    assert reader.take(1, "flags") == b"\x03"
    assert reader.left == 2
    assert reader.rest() == b"\x04\x05"
    reader.end()


def test_what_is_not_there_says_how_much_is_missing_and_where() -> None:
    reader = Reader(b"\x01\x02", "a packet")
    with pytest.raises(WireError, match="a packet ends in its address: 4 bytes long, of which 2 are here"):
        reader.take(4, "address")


def test_what_is_left_over_is_counted() -> None:
    with pytest.raises(WireError, match="a packet is followed by 3 bytes"):
        Reader(b"abc", "a packet").end()
