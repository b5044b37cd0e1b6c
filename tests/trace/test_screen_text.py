"""Letters read from dots, with the font of the VGA BIOS that this machine's QEMU draws them with."""

import pytest

from pxedoctor.trace.guest_screen import font_of_this_host
from pxedoctor.trace.picture import Picture
from pxedoctor.trace.screen_text import Font, font_in, text_of

GREY, BLACK, WHITE = b"\xaa\xaa\xaa", b"\0\0\0", b"\xff\xff\xff"
SAID = "PXE-E51: No DHCP or proxyDHCP offers were received."


@pytest.fixture(scope="module")
def font() -> Font:
    return font_of_this_host()


def drawn(text: str, font: Font, width: int = 9, ink: bytes = GREY, ground: bytes = BLACK) -> Picture:
    """As many rows of a text screen as the text needs."""
    parts = [text[at : at + 80] for at in range(0, len(text), 80)]
    rows = tuple(line for part in parts for line in row_of(part, font, width, ink, ground))
    return Picture(80 * width, len(rows), rows)


def row_of(text: str, font: Font, width: int, ink: bytes, ground: bytes) -> list[bytes]:
    glyphs = {letter: shape for shape, letter in font.items() if letter != " "}
    lines = []
    for row in range(16):
        line = b""
        for letter in text.ljust(80):
            bits = glyphs[letter][row] if letter != " " else 0
            line += b"".join(ink if bits & 0x80 >> at else ground for at in range(8)) + ground * (width - 8)
        lines.append(line)
    return lines


@pytest.mark.parametrize("width", [8, 9])
@pytest.mark.parametrize("colours", [(GREY, BLACK), (BLACK, WHITE), (WHITE, b"\0\0\xaa")])
def test_what_firmware_writes_is_read(font: Font, width: int, colours: tuple[bytes, bytes]) -> None:
    assert text_of(drawn(SAID, font, width, *colours), font) == (SAID,)


def test_every_letter_of_ascii_is_told_from_every_other(font: Font) -> None:
    letters = "".join(chr(code) for code in range(0x21, 0x7F))
    assert "".join(text_of(drawn(part, font), font)[0] for part in (letters[:60], letters[60:])) == letters  # type: ignore[index]


def test_a_line_that_fills_the_screen_goes_on_in_the_next_one(font: Font) -> None:
    said = "Configuring (net0 52:54:00:0d:0d:01)...... No configuration methods succeeded (https://ipxe.org/040ee119)"
    assert len(said) > 80
    assert text_of(drawn(said, font), font) == (said,)
    assert text_of(drawn(SAID.ljust(80) + said, font), font) == (SAID, said)


def test_a_cell_that_is_no_letter_is_a_question_mark(font: Font) -> None:
    picture = drawn("PXE", font)
    spoiled = (GREY + BLACK * 7 + picture.rows[0][24:], *picture.rows[1:])
    assert text_of(Picture(720, 16, spoiled), font) == ("?XE",)


def test_a_graphics_mode_is_no_text(font: Font) -> None:
    for width, height in ((800, 600), (1024, 768), (720, 350)):
        assert text_of(Picture(width, height, (bytes(width * 3),) * height), font) is None


def test_a_rom_without_a_font_or_with_two() -> None:
    assert font_in(b"") is None
    assert font_in(bytes(20000)) is None
    assert font_in(b"\xff" * 20000) is None
