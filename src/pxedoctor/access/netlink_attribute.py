"""The attributes of a netlink message: kind and content, one behind the other (include/uapi/linux/netlink.h)."""

import struct
from collections.abc import Iterator

ATTRIBUTE = struct.Struct("=HH")
_TYPE_MASK = 0x3FFF

Attributes = dict[int, bytes]


def attributes(message: bytes, at: int = 0) -> Attributes:
    """struct.error where the message breaks off."""
    return {kind: message[start:end] for kind, start, end in spans(message, at, len(message))}


def attribute(message: bytes, wanted: int, at: int) -> bytes:
    """The first of this kind; empty where there is none."""
    end = len(message)
    while at + 4 <= end:
        length, kind = ATTRIBUTE.unpack_from(message, at)
        if kind & _TYPE_MASK == wanted:
            return message[at + 4 : at + length]
        at += max(4, length + 3 & ~3)
    return b""


def spans(message: bytes, at: int, to: int) -> Iterator[tuple[int, int, int]]:
    """Kind, beginning and end of each attribute's content."""
    while at + ATTRIBUTE.size <= to:
        length, kind = ATTRIBUTE.unpack_from(message, at)
        if length < ATTRIBUTE.size or at + length > to:
            raise struct.error("an attribute that breaks off")
        yield kind & _TYPE_MASK, at + ATTRIBUTE.size, at + length
        at += length + 3 & ~3
