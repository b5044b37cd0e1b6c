"""Frames as a pcapng file, which Wireshark opens and shows the comments of.

Only what a capture of one's own needs is written: a Section Header, an Interface Description for each port, an Enhanced
Packet for each frame. Every block is whole when it is written, so a file that was broken off can be read as far as it
goes. Format: draft-ietf-opsawg-pcapng (pcapng.com), sections 3.1 (blocks), 3.5 (options), 4.1, 4.2 and 4.3. Why not a
library: docs/adr/0007.
"""

import struct
from typing import Literal

_SECTION, _INTERFACE, _PACKET = 0x0A0D0D0A, 1, 6
_BYTE_ORDER = 0x1A2B3C4D
_ETHERNET = 1
_UNKNOWN_LENGTH = -1
_END, _COMMENT = 0, 1
_SECTION_APPLICATION = 4
_INTERFACE_NAME, _INTERFACE_DESCRIPTION, _INTERFACE_RESOLUTION = 2, 3, 9
_PACKET_FLAGS = 2
_NANOSECONDS = 9
_DIRECTION = {"in": 1, "out": 2}
# An option's length has 16 bits.
_LONGEST_TEXT = 1000

Direction = Literal["in", "out"]


def section(application: str) -> bytes:
    """What a file begins with; `application` is who writes it."""
    body = struct.pack("<IHHq", _BYTE_ORDER, 1, 0, _UNKNOWN_LENGTH)
    return _block(_SECTION, body + _options(((_SECTION_APPLICATION, _text(application)),)))


def interface(name: str, description: str) -> bytes:
    """An Ethernet interface; the first one written is number 0. Times of its packets are in nanoseconds."""
    body = struct.pack("<HHI", _ETHERNET, 0, 0)
    options = (
        (_INTERFACE_NAME, _text(name)),
        (_INTERFACE_DESCRIPTION, _text(description)),
        (_INTERFACE_RESOLUTION, bytes([_NANOSECONDS])),
    )
    return _block(_INTERFACE, body + _options(options))


def packet(number: int, when: float, frame: bytes, direction: Direction, comment: str) -> bytes:
    """One frame of the interface `number`; `when` in seconds since 1970, `direction` as that interface sees it."""
    nanoseconds = round(when * 1_000_000_000)
    body = struct.pack("<IIIII", number, nanoseconds >> 32, nanoseconds & 0xFFFFFFFF, len(frame), len(frame)) + _padded(
        frame
    )
    said = ((_COMMENT, _text(comment)),) if comment else ()
    return _block(_PACKET, body + _options((*said, (_PACKET_FLAGS, struct.pack("<I", _DIRECTION[direction])))))


def _block(kind: int, body: bytes) -> bytes:
    length = struct.pack("<I", 12 + len(body))
    return struct.pack("<I", kind) + length + body + length


def _options(options: tuple[tuple[int, bytes], ...]) -> bytes:
    written = (struct.pack("<HH", code, len(content)) + _padded(content) for code, content in options)
    return b"".join(written) + struct.pack("<HH", _END, 0)


def _padded(content: bytes) -> bytes:
    """Filled up to 32 bits."""
    return content + bytes(-len(content) % 4)


def _text(text: str) -> bytes:
    """UTF-8, cut where a character ends."""
    return text.encode("utf-8", "backslashreplace")[:_LONGEST_TEXT].decode("utf-8", "ignore").encode("utf-8")
