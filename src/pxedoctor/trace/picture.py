"""A screenshot as rows of colours: the two formats that libvirt takes one in, in the sizes of a text screen.

netpbm's PPM (ppm(5), magic number P6), and PNG (W3C PNG 3, colour type 2, 8 bits, not interlaced), which libvirt asks
QEMU for where that can write it. Anything else, and anything larger than a text screen, is no picture of ours: a guest
chooses the size of its screen, and nothing is unpacked that does not fit.
"""

import re
import zlib

import msgspec

# 80 or 90 columns of 8 or 9 dots, and 25 to 50 rows of 16.
_WIDEST, _HIGHEST = 1280, 1024
_PPM = re.compile(rb"P6\s(?:#[^\n]*\n)?(\d{1,5})\s+(\d{1,5})\s+255\s")
_PNG = b"\x89PNG\r\n\x1a\n"
_RGB = bytes([8, 2, 0, 0, 0])


class PictureError(ValueError):
    """The bytes are no picture that is understood; the message says why."""


class Picture(msgspec.Struct, frozen=True):
    """`rows`: one for each line, three bytes (red, green, blue) for each dot."""

    width: int
    height: int
    rows: tuple[bytes, ...]


def read_picture(content: bytes) -> Picture:
    """Raises PictureError."""
    if found := _PPM.match(content):
        width, height = _sizes(int(found[1]), int(found[2]))
        return _cut(width, height, content[found.end() :])
    if content.startswith(_PNG):
        return _png(content)
    raise PictureError("it is neither PPM nor PNG")


def _sizes(width: int, height: int) -> tuple[int, int]:
    if not 0 < width <= _WIDEST or not 0 < height <= _HIGHEST:
        raise PictureError(f"{width} x {height} dots are no text screen")
    return width, height


def _cut(width: int, height: int, dots: bytes) -> Picture:
    if len(dots) < width * height * 3:
        raise PictureError("it breaks off")
    return Picture(width, height, tuple(dots[row * width * 3 : (row + 1) * width * 3] for row in range(height)))


def _png(content: bytes) -> Picture:
    width, height, packed = 0, 0, b""
    at = len(_PNG)
    while at + 8 <= len(content):
        length, kind = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        body = content[at + 8 : at + 8 + length]
        if kind == b"IHDR" and len(body) == 13:
            width, height = _sizes(int.from_bytes(body[:4]), int.from_bytes(body[4:8]))
            if body[8:] != _RGB:
                raise PictureError("it is a PNG of another kind than 8-bit RGB")
        elif kind == b"IDAT":
            packed += body
        at += 12 + length
    if not width:
        raise PictureError("it is a PNG without a header")
    return _unfiltered(width, height, _unpacked(packed, (1 + width * 3) * height))


def _unpacked(packed: bytes, size: int) -> bytes:
    try:
        dots = zlib.decompressobj().decompress(packed, size)
    except zlib.error as error:
        raise PictureError(f"it cannot be unpacked: {error}") from error
    if len(dots) < size:
        raise PictureError("it breaks off")
    return dots


def _unfiltered(width: int, height: int, lines: bytes) -> Picture:
    """Each line is told as a difference (PNG 3, chapter 9)."""
    step = 1 + width * 3
    above = bytes(width * 3)
    rows = []
    for number in range(height):
        line = lines[number * step : (number + 1) * step]
        above = _line(line[0], line[1:], above)
        rows.append(above)
    return Picture(width, height, tuple(rows))


def _line(kind: int, line: bytes, above: bytes) -> bytes:
    if kind == 0:
        return line
    if kind == 2:
        return bytes((value + up) & 0xFF for value, up in zip(line, above, strict=True))
    if kind not in {1, 3, 4}:
        raise PictureError("it is a PNG with an unknown filter")
    made = bytearray(line)
    for at, value in enumerate(line):
        left = made[at - 3] if at >= 3 else 0
        up_left = above[at - 3] if at >= 3 else 0
        made[at] = (value + _foretold(kind, left, above[at], up_left)) & 0xFF
    return bytes(made)


def _foretold(kind: int, left: int, up: int, up_left: int) -> int:
    if kind == 1:
        return left
    if kind == 3:
        return (left + up) // 2
    # Paeth's: the nearest to what a plane through the three would be.
    guess = left + up - up_left
    return min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - up_left), 2, up_left))[2]
