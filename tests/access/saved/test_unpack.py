"""Pieces of a compressed file: none is larger than a mebibyte, whatever the file unpacks to."""

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable

import pytest

from pxedoctor.access.saved.unpack import UnpackError, pieces

PACKERS = [pytest.param(pack, id=pack.__module__) for pack in (gzip.compress, bz2.compress, lzma.compress)]


@pytest.mark.parametrize("pack", PACKERS)
def test_a_small_file_that_becomes_large(pack: Callable[[bytes], bytes]) -> None:
    sizes = [len(piece) for piece in pieces(io.BytesIO(pack(b"\0" * 5_000_000)))]
    assert sum(sizes) == 5_000_000
    assert max(sizes) <= 1 << 20


@pytest.mark.parametrize("pack", PACKERS)
def test_it_ends_in_the_middle(pack: Callable[[bytes], bytes]) -> None:
    with pytest.raises(UnpackError, match="middle"):
        list(pieces(io.BytesIO(pack(bytes(range(256)) * 100)[:60])))


def test_what_is_not_compressed_comes_as_it_is() -> None:
    assert list(pieces(io.BytesIO(b"plain"))) == [b"plain"]
    assert list(pieces(io.BytesIO(b""))) == []


def test_padding_after_the_end_is_none_of_it() -> None:
    assert b"".join(pieces(io.BytesIO(lzma.compress(b"text") + b"\0" * 8))) == b"text"


def test_a_dictionary_that_would_take_the_memory_is_refused() -> None:
    """Its size is one byte of the block's header (xz file format 1.0.4, 5.3.1): 16 is 1 MiB, 36 is 1 GiB."""
    packer = lzma.LZMACompressor(filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}])
    packed = packer.compress(b"text") + packer.flush()
    assert b"".join(pieces(io.BytesIO(_with_dictionary(packed, 16)))) == b"text"
    with pytest.raises(UnpackError, match=r"[Mm]emory"):
        list(pieces(io.BytesIO(_with_dictionary(packed, 36))))


def _with_dictionary(packed: bytes, code: int) -> bytes:
    """Another dictionary size in the first block's header, with that header's sum made right again."""
    size = (packed[12] + 1) * 4
    header = bytearray(packed[12 : 12 + size])
    header[header.index(b"\x21\x01") + 2] = code
    header[-4:] = zlib.crc32(bytes(header[:-4])).to_bytes(4, "little")
    return packed[:12] + bytes(header) + packed[12 + size :]
