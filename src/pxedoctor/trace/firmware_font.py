"""The font that UEFI firmware draws its text with, read from the firmware's own file on the host.

EDK2's graphics console draws narrow glyphs of 8 x 19 dots (UEFI 2.10, 34.3.2, EFI_NARROW_GLYPH): weight, attributes,
one byte a row, in the order of the alphabet. They lie in the volume that the firmware unpacks at its start: a
GUID-defined section with LZMA in it (PI 1.8 volume 3, 3.2.5; edk2 MdeModulePkg/Include/Guid/LzmaDecompress.h). Where in
it they lie is found by their shape: a blank, which is the space, and all of ASCII behind it in order. A file that keeps
its volumes otherwise (qcow2 with holes, another compression) holds no font that is found.
"""

import lzma
import struct
from collections.abc import Iterator

from pxedoctor.trace.screen_text import Font

ROWS = 19
_GLYPH = struct.Struct(f"<HB{ROWS}s")
_LZMA = bytes.fromhex("98584eee143959429d6edc7bd79403cf")
# The section's header before the GUID: three bytes of size and the type, of a large one four bytes of size more.
_GUID_DEFINED = 0x02
_SHORT, _LONG = 4, 8
_OFFSET = struct.Struct("<H")
# A firmware of 4 MB unpacks to 14.
_LARGEST = 64 * 1024 * 1024
_SPACE, _BEYOND = 0x20, 0x7F
_BEGIN = _GLYPH.pack(_SPACE, 0, bytes(ROWS)) + b"\x21\0\0"


def narrow_font_in(firmware: bytes) -> Font | None:
    """The glyphs of ASCII; None where no volume holds them. It unpacks for half a second."""
    for volume in _volumes(firmware):
        font = _font(volume)
        if font is not None:
            return font
    return None


def _volumes(firmware: bytes) -> Iterator[bytes]:
    at = firmware.find(_LZMA)
    while at != -1:
        for header in (_SHORT, _LONG):
            begins = at - header
            if begins >= 0 and firmware[begins + 3] == _GUID_DEFINED and len(firmware) >= at + 18:
                yield _unpacked(firmware[begins + _OFFSET.unpack_from(firmware, at + len(_LZMA))[0] :])
        at = firmware.find(_LZMA, at + 1)


def _unpacked(packed: bytes) -> bytes:
    try:
        return lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=_LARGEST).decompress(packed, _LARGEST)
    except lzma.LZMAError:
        return b""


def _font(volume: bytes) -> Font | None:
    begins = volume.find(_BEGIN)
    if begins == -1 or len(volume) < begins + _GLYPH.size * (_BEYOND - _SPACE):
        return None
    font: Font = {}
    for code in range(_SPACE, _BEYOND):
        weight, attributes, shape = _GLYPH.unpack_from(volume, begins + (code - _SPACE) * _GLYPH.size)
        if (weight, attributes) != (code, 0):
            return None
        font[shape] = chr(code)
    return font
