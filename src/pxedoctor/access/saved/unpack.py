"""Compressed bytes, unpacked piece by piece: gzip, bzip2, xz or none, told by the first bytes.

What comes from a stranger may unpack to any size: nothing here holds more than a piece, and who reads counts.
"""

import bz2
import lzma
import zlib
from collections.abc import Generator, Iterator
from typing import BinaryIO, Protocol

_PIECE = 1024 * 1024
# xz asks for as much as its dictionary; `xz -9` makes one of 64 MiB.
_XZ_MEMORY = 256 * 1024 * 1024


class _Unpacker(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    @property
    def needs_input(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Gzip:
    """zlib's decompressor with the manners of the other two."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


def _unpacker_for(head: bytes) -> _Unpacker | None:
    if head.startswith(b"\x1f\x8b"):
        return _Gzip()
    if head.startswith(b"BZh"):
        return bz2.BZ2Decompressor()
    if head.startswith(b"\xfd7zXZ\0"):
        return lzma.LZMADecompressor(memlimit=_XZ_MEMORY)
    return None


class UnpackError(Exception):
    """The bytes are damaged, or end too early."""


def pieces(file: BinaryIO) -> Iterator[bytes]:
    """The unpacked bytes, in pieces of 1 MiB at most. Raises UnpackError, and OSError of the file."""
    block = file.read(_PIECE)
    if _unpacker_for(block) is None:
        while block:
            yield block
            block = file.read(_PIECE)
        return
    while block:
        # Some programs write several streams, one after the other.
        unpacker = _unpacker_for(block)
        if unpacker is None:
            # What follows the last stream is padding.
            return
        block = yield from _stream(file, unpacker, block)


def _stream(file: BinaryIO, unpacker: _Unpacker, block: bytes) -> Generator[bytes, None, bytes]:
    """One stream; returns what follows it."""
    try:
        while True:
            unpacked = unpacker.decompress(block, _PIECE)
            if unpacked:
                yield unpacked
            if unpacker.eof:
                return unpacker.unused_data or file.read(_PIECE)
            block = file.read(_PIECE) if unpacker.needs_input else b""
            if unpacker.needs_input and not block:
                raise UnpackError("it ends in the middle")
    except (OSError, ValueError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise UnpackError(str(error)) from error
