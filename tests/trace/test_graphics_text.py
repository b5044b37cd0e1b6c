"""Letters read from the screen of a real OVMF that gave up (taken by tests/firmware/test_graphics_screen.py)."""

import gzip
from pathlib import Path

import pytest

from pxedoctor.report.words.table import understood
from pxedoctor.trace.graphics_text import graphics_text_of
from pxedoctor.trace.guest_screen import uefi_font
from pxedoctor.trace.picture import Picture, read_picture
from pxedoctor.trace.screen_text import Font

RECORDED = Path(__file__).parent / "data" / "ovmf-gives-up.ppm.gz"
BLACK, WHITE = b"\0\0\0", b"\xff\xff\xff"
SAID = ("Start PXE over IPv4", "  PXE-E16: No valid offer received.")


@pytest.fixture(scope="module")
def font() -> Font:
    return uefi_font("")


def drawn(lines: tuple[str, ...], font: Font, left: int, top: int, width: int, height: int) -> Picture:
    """Only what is not black is drawn: as EDK2 does on a screen that was cleared."""
    shapes = {letter: shape for shape, letter in font.items()}
    rows = [bytearray(width * 3) for _ in range(height)]
    for number, text in enumerate(lines):
        for column, letter in enumerate(text):
            for row, bits in enumerate(shapes[letter]):
                for at in range(8):
                    if bits & 0x80 >> at:
                        begins = (left + column * 8 + at) * 3
                        rows[top + number * 19 + row][begins : begins + 3] = WHITE
    return Picture(width, height, tuple(bytes(row) for row in rows))


def test_what_a_real_ovmf_drew_when_nobody_answered(font: Font) -> None:
    lines = graphics_text_of(read_picture(gzip.decompress(RECORDED.read_bytes())), font)
    assert lines is not None
    assert lines[:2] == (">>Start PXE over IPv4.", "  PXE-E18: Server response timeout.")
    assert lines[2].startswith('BdsDxe: failed to load Boot0001 "UEFI PXEv4 (MAC:5254000D0D01)" from PciRoot(0x0)')
    # The rest is the logo, which says nothing that is known.
    assert understood(lines[1])
    assert not any(understood(line) for line in lines if "??" in line)


@pytest.mark.parametrize(
    ("left", "top", "width", "height"), [(0, 2, 640, 480), (320, 162, 1280, 800), (0, 5, 800, 600), (0, 1, 1280, 800)]
)
def test_each_of_edk2s_text_modes(font: Font, left: int, top: int, width: int, height: int) -> None:
    assert graphics_text_of(drawn(SAID, font, left, top, width, height), font) == SAID


def test_a_screen_without_letters_is_no_text(font: Font) -> None:
    assert graphics_text_of(Picture(640, 480, (BLACK * 640,) * 480), font) is None
    assert graphics_text_of(Picture(8, 8, (BLACK * 8,) * 8), font) is None
