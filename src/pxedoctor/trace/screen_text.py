"""The text of a guest's text screen, read from its dots: each cell is compared with the glyphs of the VGA's own font.

The font is the one that drew them: SeaBIOS's VGA BIOS holds it, 256 glyphs of 8 x 16 dots, one byte a row. Where it
lies in that file is found by its shape: the solid block, the two halves of it, and the blanks are what they are in
every VGA font (code page 437). A screen in a graphics mode, as UEFI's is, has other cells (`graphics_text`).
"""

from pxedoctor.trace.picture import Picture

Font = dict[bytes, str]

_GLYPHS, _ROWS = 256, 16
_BLANK, _SOLID = bytes(_ROWS), b"\xff" * _ROWS
_BLANKS = (0x00, 0x20, 0xFF)
_BLOCK, _LOWER_HALF, _UPPER_HALF = 0xDB, 0xDC, 0xDF
_COLUMNS = 80
UNKNOWN = "?"
# A dot column more between the letters: 720 dots across.
_WIDTHS = (8, 9)


def font_in(rom: bytes) -> Font | None:
    """The glyphs of a VGA BIOS; None where it holds no font of 8 x 16, or more than one place looks like it."""
    found: list[Font] = []
    at = rom.find(_SOLID)
    while at != -1:
        base = at - _BLOCK * _ROWS
        if base >= 0 and _is_font(rom[base : base + _GLYPHS * _ROWS]):
            found.append(_glyphs(rom[base:]))
        at = rom.find(_SOLID, at + 1)
    return found[0] if len(found) == 1 else None


def _is_font(font: bytes) -> bool:
    if len(font) < _GLYPHS * _ROWS or any(_glyph(font, code) != _BLANK for code in _BLANKS):
        return False
    lower, upper = _glyph(font, _LOWER_HALF), _glyph(font, _UPPER_HALF)
    return set(lower) == set(upper) == {0x00, 0xFF} and bytes(dot ^ 0xFF for dot in lower) == upper


def _glyph(font: bytes, code: int) -> bytes:
    return font[code * _ROWS : (code + 1) * _ROWS]


def _glyphs(font: bytes) -> Font:
    """Of two letters that look the same the later one in the alphabet of ASCII, which is what firmware writes."""
    return {_glyph(font, code): chr(code) if 0x20 <= code < 0x7F else " " for code in _order()}


def _order() -> list[int]:
    return [*range(0x7F, _GLYPHS), *range(0x20), *range(0x20, 0x7F)]


def text_of(picture: Picture, font: Font) -> tuple[str, ...] | None:
    """Its lines; None where the screen is in no text mode of 80 columns. An unknown cell is read as "?".

    A line that fills all columns goes on in the next one.
    """
    width = picture.width // _COLUMNS
    if picture.width % _COLUMNS or width not in _WIDTHS or picture.height % _ROWS:
        return None
    said = "".join(_ended(_line(picture, row, width, font)) for row in range(picture.height // _ROWS))
    return tuple(line.rstrip() for line in said.removesuffix("\n").split("\n"))


def _ended(line: str) -> str:
    return line if line[-1] != " " else f"{line}\n"


def _line(picture: Picture, row: int, width: int, font: Font) -> str:
    dots = picture.rows[row * _ROWS : (row + 1) * _ROWS]
    return "".join(letter_at(dots, column * width, font) for column in range(_COLUMNS))


def letter_at(dots: tuple[bytes, ...], left: int, font: Font) -> str:
    """The cell of these rows whose first dot is `left`: of one colour it is blank, of more than two it is no letter."""
    cells = [line[left * 3 : left * 3 + 24] for line in dots]
    if all(cell == cells[0][:3] * 8 for cell in cells):
        return " "
    colours = _colours(cells)
    if len(colours) > 2:
        return UNKNOWN
    for ground in colours:
        shape = bytes(_bits(cell, ground) for cell in cells)
        if shape in font:
            return font[shape]
    return UNKNOWN


def _colours(cells: list[bytes]) -> dict[bytes, None]:
    """Those of a cell as they come, and no more than it takes to know that it is no letter."""
    found: dict[bytes, None] = {}
    for cell in dict.fromkeys(cells):
        for at in range(0, 24, 3):
            found[cell[at : at + 3]] = None
        if len(found) > 2:
            break
    return found


def _bits(cell: bytes, ground: bytes) -> int:
    """The dots that are not of the ground's colour, the leftmost in the highest bit."""
    return sum(0x80 >> at for at in range(8) if cell[at * 3 : at * 3 + 3] != ground)
