"""The font of the OVMF that is on this machine, and files that hold none."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from pxedoctor.trace.firmware_font import ROWS, narrow_font_in
from pxedoctor.trace.screen_text import Font

OVMF = Path("/usr/share/OVMF/OVMF_CODE_4M.fd")


@pytest.fixture(scope="module")
def font() -> Font:
    found = narrow_font_in(OVMF.read_bytes())
    assert found is not None
    return found


def test_every_letter_of_ascii_has_a_shape_of_its_own(font: Font) -> None:
    assert "".join(font.values()) == "".join(chr(code) for code in range(0x20, 0x7F))
    assert {len(shape) for shape in font} == {ROWS}
    assert font[bytes(ROWS)] == " "


def test_a_letter_looks_as_it_is_drawn(font: Font) -> None:
    shapes = {letter: shape for shape, letter in font.items()}
    assert [f"{row:08b}" for row in shapes["E"][3:15]] == [
        "11111110",
        "01100110",
        "01100010",
        "01100000",
        "01101000",
        "01111000",
        "01101000",
        "01100000",
        "01100000",
        "01100010",
        "01100110",
        "11111110",
    ]


@given(some.integers(0, 5000), some.binary(max_size=200))
def test_a_file_that_is_cut_or_is_something_else_holds_none(cut: int, more: bytes) -> None:
    with OVMF.open("rb") as file:
        begin = file.read(cut)
    assert narrow_font_in(begin + more) is None
