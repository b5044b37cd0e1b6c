"""The messages of a netlink datagram, one behind the other (include/uapi/linux/netlink.h)."""

import struct
from collections.abc import Iterator

_HEADER = struct.Struct("=IHHII")


def messages(datagram: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and body of each; what breaks off ends them."""
    at = 0
    while at + _HEADER.size <= len(datagram):
        length, kind, *_ = _HEADER.unpack_from(datagram, at)
        if length < _HEADER.size or at + length > len(datagram):
            return
        yield kind, datagram[at + _HEADER.size : at + length]
        at += length + 3 & ~3
