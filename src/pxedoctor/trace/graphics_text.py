"""The text of a UEFI guest's screen: EDK2's console draws it in cells of 8 x 19 dots, in the middle of a graphics mode.

How many columns and rows there are the picture does not say. They are one of EDK2's text modes (MdeModulePkg
GraphicsConsoleDxe/GraphicsConsole.c, InitializeGraphicsConsoleTextMode: 80 x 25, 80 x 50, 100 x 31, and as many as
there is room for), each in the middle: taken is the mode in which the most letters are letters. A logo has none.
"""

from pxedoctor.trace.picture import Picture
from pxedoctor.trace.screen_text import UNKNOWN, Font, letter_at

_WIDTH, _HEIGHT = 8, 19
_MODES = ((80, 25), (80, 50), (100, 31))


def graphics_text_of(picture: Picture, font: Font) -> tuple[str, ...] | None:
    """Its lines without the empty ones; None where no letter of this font is on it. An unknown cell is read as "?"."""
    full = (picture.width // _WIDTH, picture.height // _HEIGHT)
    modes = [mode for mode in (*_MODES, full) if mode[0] <= full[0] and mode[1] <= full[1]]
    lines: tuple[str, ...] = ()
    most = 0
    for columns, rows in dict.fromkeys(modes):
        read = _read(picture, columns, rows, font)
        letters = sum(letter not in f" {UNKNOWN}" for line in read for letter in line)
        if letters > most:
            lines, most = read, letters
    return lines or None


def _read(picture: Picture, columns: int, rows: int, font: Font) -> tuple[str, ...]:
    left, top = (picture.width - columns * _WIDTH) // 2, (picture.height - rows * _HEIGHT) // 2
    found = []
    for row in range(rows):
        dots = picture.rows[top + row * _HEIGHT : top + (row + 1) * _HEIGHT]
        if _is_plain(dots):
            continue
        line = "".join(letter_at(dots, left + column * _WIDTH, font) for column in range(columns)).rstrip()
        if line:
            found.append(line)
    return tuple(found)


def _is_plain(dots: tuple[bytes, ...]) -> bool:
    """Whether it is all of one colour, as most of a screen is: no cell of it need be looked at."""
    return all(line == dots[0] for line in dots) and dots[0] == dots[0][:3] * (len(dots[0]) // 3)
