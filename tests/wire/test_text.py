"""Texts of strangers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packets import texts
from pxedoctor.wire.error import WireError
from pxedoctor.wire.text import read_padded, read_text, write_text


@given(texts)
def test_a_text_comes_back(text: str) -> None:
    assert read_text(write_text(text)) == text
    assert read_padded(write_text(text) + b"\0\0") == text


@given(st.binary())
def test_any_bytes_are_a_text_that_can_be_printed_and_sent(content: bytes) -> None:
    read_text(content).encode("utf-8")
    assert not read_padded(content).endswith("\0")


def test_what_is_no_utf8_is_escaped() -> None:
    assert read_text(b"pxelinux.0\xff") == "pxelinux.0\\xff"


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_what_no_bytes_stand_for_is_refused(text: str) -> None:
    with pytest.raises(WireError):
        write_text(text)
