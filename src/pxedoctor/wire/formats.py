"""Formats that options of DHCPv4 and DHCPv6 share."""

from collections.abc import Callable
from functools import partial
from ipaddress import IPv4Address, IPv6Address
from typing import TypeVar

from pxedoctor.wire.bounds import require_bits
from pxedoctor.wire.domain import build_names, parse_names
from pxedoctor.wire.error import WireError
from pxedoctor.wire.options import Format
from pxedoctor.wire.text import read_padded, write_text

Item = TypeVar("Item")


def exactly(size: int, content: bytes) -> bytes:
    if len(content) != size:
        raise WireError(f"{len(content)} bytes instead of {size}")
    return content


def chunks(size: int, content: bytes) -> list[bytes]:
    """Raises WireError unless there is one at least and nothing is left over."""
    if not content or len(content) % size:
        raise WireError(f"{len(content)} bytes are no list of pieces of {size}")
    return [content[at : at + size] for at in range(0, len(content), size)]


def one(size: int, read: Callable[[bytes], Item], write: Callable[[Item], bytes]) -> Format[Item]:
    return Format(lambda content: read(exactly(size, content)), write)


def many(size: int, read: Callable[[bytes], Item], write: Callable[[Item], bytes]) -> Format[tuple[Item, ...]]:
    """A list of at least one."""
    return Format(
        lambda content: tuple(read(piece) for piece in chunks(size, content)),
        lambda items: _not_empty(b"".join(write(item) for item in items)),
    )


def _not_empty(content: bytes) -> bytes:
    if not content:
        raise WireError("a list without an item")
    return content


def _read_number(content: bytes) -> int:
    return int.from_bytes(content)


def _write_number(size: int, value: int) -> bytes:
    require_bits("the number in an option", value, size * 8)
    return value.to_bytes(size)


def _read_signed(content: bytes) -> int:
    return int.from_bytes(content, signed=True)


def _write_signed(value: int) -> bytes:
    if not -(1 << 31) <= value < 1 << 31:
        raise WireError(f"not a signed number of 32 bits: {value}")
    return value.to_bytes(4, signed=True)


def _read_present(content: bytes) -> bool:
    exactly(0, content)
    return True


def _write_present(present: bool) -> bytes:
    if not present:
        raise WireError("an option that says by being there is there or is not written")
    return b""


UINT8 = one(1, _read_number, partial(_write_number, 1))
UINT16 = one(2, _read_number, partial(_write_number, 2))
UINT32 = one(4, _read_number, partial(_write_number, 4))
INT32 = one(4, _read_signed, _write_signed)
UINT8S = many(1, _read_number, partial(_write_number, 1))
UINT16S = many(2, _read_number, partial(_write_number, 2))
ADDRESS4 = one(4, IPv4Address, lambda address: address.packed)
ADDRESSES4 = many(4, IPv4Address, lambda address: address.packed)
ADDRESS6 = one(16, IPv6Address, lambda address: address.packed)
ADDRESSES6 = many(16, IPv6Address, lambda address: address.packed)
BYTES: Format[bytes] = Format(bytes, bytes)
# NULs at the end are cut off (RFC 2132 section 2).
TEXT: Format[str] = Format(read_padded, write_text)
# True where the option is there at all.
PRESENT: Format[bool] = Format(_read_present, _write_present)
NAMES: Format[tuple[str, ...]] = Format(parse_names, build_names)
