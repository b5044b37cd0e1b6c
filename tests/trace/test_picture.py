"""A screenshot's dots: the same from both formats, and an error for everything else."""

import contextlib
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as some

from pxedoctor.trace.picture import Picture, PictureError, read_picture

WIDTH, HEIGHT = 5, 3
DOTS = bytes(range(7, 7 + WIDTH * HEIGHT * 3))
ROWS = tuple(DOTS[row * WIDTH * 3 : (row + 1) * WIDTH * 3] for row in range(HEIGHT))


def ppm(dots: bytes = DOTS, width: int = WIDTH, height: int = HEIGHT) -> bytes:
    return b"P6\n%d %d\n255\n" % (width, height) + dots


def chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)


def png(lines: bytes, width: int = WIDTH, height: int = HEIGHT, shape: bytes = bytes([8, 2, 0, 0, 0])) -> bytes:
    head = chunk(b"IHDR", width.to_bytes(4) + height.to_bytes(4) + shape)
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


def filtered(kind: int) -> bytes:
    """As an encoder writes it (PNG 3, chapter 9)."""
    lines = b""
    above = bytes(WIDTH * 3)
    for row in ROWS:
        told = bytearray()
        for at, value in enumerate(row):
            left, corner = (row[at - 3], above[at - 3]) if at >= 3 else (0, 0)
            nearest = min((left, above[at], corner), key=lambda near: abs(left + above[at] - corner - near))
            told.append((value - (0, left, above[at], (left + above[at]) // 2, nearest)[kind]) % 256)
        lines += bytes([kind]) + told
        above = row
    return lines


def test_a_ppm() -> None:
    assert read_picture(ppm()) == Picture(WIDTH, HEIGHT, ROWS)


@pytest.mark.parametrize("kind", range(5))
def test_a_png_with_each_filter(kind: int) -> None:
    assert read_picture(png(filtered(kind))) == Picture(WIDTH, HEIGHT, ROWS)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        ppm()[:-1],
        ppm(width=4000),
        png(filtered(0), width=20000),
        png(filtered(0)[:-1]),
        png(b"\x05" + filtered(0)[1:]),
        png(filtered(0), shape=bytes([8, 6, 0, 0, 0])),
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", (5).to_bytes(4) * 2 + bytes([8, 2, 0, 0, 0])) + chunk(b"IDAT", b"no"),
    ],
)
def test_what_is_no_picture_of_a_text_screen_says_so(content: bytes) -> None:
    with pytest.raises(PictureError):
        read_picture(content)


@given(some.binary(max_size=80), some.integers(0, 120))
def test_any_bytes_are_a_picture_or_an_error(more: bytes, cut: int) -> None:
    for content in (more, png(filtered(4))[:cut] + more, ppm()[:cut] + more):
        with contextlib.suppress(PictureError):
            assert len(read_picture(content).rows) <= 1024
