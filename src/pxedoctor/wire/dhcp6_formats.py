"""Formats of options that only DHCPv6 has (RFC 8415 section 21, RFC 5970)."""

from collections.abc import Callable
from ipaddress import IPv6Address
from typing import TypeVar

import msgspec

from pxedoctor.wire.bounds import require_bits, require_size
from pxedoctor.wire.dhcp6 import build_options, parse_options, require_options
from pxedoctor.wire.error import WireError
from pxedoctor.wire.options import Format, Option
from pxedoctor.wire.reader import Reader
from pxedoctor.wire.text import read_text, write_text

INFINITY = 0xFFFFFFFF

Item = TypeVar("Item")


class Association(msgspec.Struct, frozen=True, kw_only=True):
    """IA_NA, IA_PD: what belongs to one interface of a client. T1, T2 in seconds; addresses are options inside."""

    iaid: int
    t1: int = 0
    t2: int = 0
    options: tuple[Option, ...] = ()

    def __post_init__(self) -> None:
        for name in ("iaid", "t1", "t2"):
            require_bits(f"an identity association's {name}", getattr(self, name), 32)
        require_options(self.options)


class Temporary(msgspec.Struct, frozen=True, kw_only=True):
    """IA_TA."""

    iaid: int
    options: tuple[Option, ...] = ()

    def __post_init__(self) -> None:
        require_bits("an identity association's iaid", self.iaid, 32)
        require_options(self.options)


class LeasedAddress(msgspec.Struct, frozen=True, kw_only=True):
    """IAADDR. Lifetimes in seconds."""

    address: IPv6Address
    preferred: int
    valid: int
    options: tuple[Option, ...] = ()

    def __post_init__(self) -> None:
        require_bits("a preferred lifetime", self.preferred, 32)
        require_bits("a valid lifetime", self.valid, 32)
        require_options(self.options)


class LeasedPrefix(msgspec.Struct, frozen=True, kw_only=True):
    """IAPREFIX."""

    preferred: int
    valid: int
    length: int
    prefix: IPv6Address
    options: tuple[Option, ...] = ()

    def __post_init__(self) -> None:
        require_bits("a preferred lifetime", self.preferred, 32)
        require_bits("a valid lifetime", self.valid, 32)
        if not 0 <= self.length <= 128:
            raise WireError(f"an IPv6 prefix has 0 to 128 bits, not {self.length}")
        require_options(self.options)


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """0 Success, 1 UnspecFail, 2 NoAddrsAvail, 3 NoBinding, 4 NotOnLink, 5 UseMulticast, 6 NoPrefixAvail."""

    code: int
    message: str = ""

    def __post_init__(self) -> None:
        require_bits("a DHCPv6 status", self.code, 16)
        write_text(self.message)


class VendorClass(msgspec.Struct, frozen=True, kw_only=True):
    """Option 16. Firmware sends enterprise 343 and the text that is option 60 in DHCPv4 (UEFI 2.10 section 24.7)."""

    enterprise: int
    classes: tuple[bytes, ...]

    def __post_init__(self) -> None:
        require_bits("an enterprise number", self.enterprise, 32)
        _require_items(self.classes)


class VendorOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Option 17."""

    enterprise: int
    options: tuple[Option, ...]

    def __post_init__(self) -> None:
        require_bits("an enterprise number", self.enterprise, 32)
        require_options(self.options)


class RemoteId(msgspec.Struct, frozen=True, kw_only=True):
    """Option 37 (RFC 4649)."""

    enterprise: int
    content: bytes

    def __post_init__(self) -> None:
        require_bits("an enterprise number", self.enterprise, 32)


def _require_items(items: tuple[bytes, ...]) -> None:
    for item in items:
        require_size("an item of a DHCPv6 list", item, 0xFFFF)


def _read_items(content: bytes) -> tuple[bytes, ...]:
    """Pieces, each with its length in two bytes before it."""
    reader = Reader(content, "a list")
    found: list[bytes] = []
    while reader.left:
        found.append(reader.take(reader.number(2, "length"), "item"))
    return tuple(found)


def _write_items(items: tuple[bytes, ...]) -> bytes:
    _require_items(items)
    return b"".join(len(item).to_bytes(2) + item for item in items)


def _read_association(content: bytes) -> Association:
    reader = Reader(content, "an identity association")
    iaid, t1, t2 = (reader.number(4, name) for name in ("IAID", "T1", "T2"))
    return Association(iaid=iaid, t1=t1, t2=t2, options=parse_options(reader.rest()))


def _write_association(value: Association) -> bytes:
    head = value.iaid.to_bytes(4) + value.t1.to_bytes(4) + value.t2.to_bytes(4)
    return head + build_options(value.options)


def _read_temporary(content: bytes) -> Temporary:
    reader = Reader(content, "an identity association")
    return Temporary(iaid=reader.number(4, "IAID"), options=parse_options(reader.rest()))


def _read_address(content: bytes) -> LeasedAddress:
    reader = Reader(content, "a leased address")
    return LeasedAddress(
        address=IPv6Address(reader.take(16, "address")),
        preferred=reader.number(4, "preferred lifetime"),
        valid=reader.number(4, "valid lifetime"),
        options=parse_options(reader.rest()),
    )


def _write_address(value: LeasedAddress) -> bytes:
    times = value.preferred.to_bytes(4) + value.valid.to_bytes(4)
    return value.address.packed + times + build_options(value.options)


def _read_prefix(content: bytes) -> LeasedPrefix:
    reader = Reader(content, "a leased prefix")
    return LeasedPrefix(
        preferred=reader.number(4, "preferred lifetime"),
        valid=reader.number(4, "valid lifetime"),
        length=reader.number(1, "prefix length"),
        prefix=IPv6Address(reader.take(16, "prefix")),
        options=parse_options(reader.rest()),
    )


def _write_prefix(value: LeasedPrefix) -> bytes:
    head = value.preferred.to_bytes(4) + value.valid.to_bytes(4) + bytes((value.length,))
    return head + value.prefix.packed + build_options(value.options)


def _read_status(content: bytes) -> Status:
    reader = Reader(content, "a status")
    return Status(code=reader.number(2, "code"), message=read_text(reader.rest().partition(b"\0")[0]))


def _by_enterprise(read: Callable[[int, bytes], Item]) -> Callable[[bytes], Item]:
    """Reads an enterprise number and what follows it."""

    def whole(content: bytes) -> Item:
        reader = Reader(content, "vendor data")
        return read(reader.number(4, "enterprise number"), reader.rest())

    return whole


def _read_class(enterprise: int, content: bytes) -> VendorClass:
    return VendorClass(enterprise=enterprise, classes=_read_items(content))


def _read_vendor_options(enterprise: int, content: bytes) -> VendorOptions:
    return VendorOptions(enterprise=enterprise, options=parse_options(content))


def _read_remote(enterprise: int, content: bytes) -> RemoteId:
    return RemoteId(enterprise=enterprise, content=content)


def _read_parameters(content: bytes) -> tuple[str, ...]:
    return tuple(read_text(item) for item in _read_items(content))


ASSOCIATION: Format[Association] = Format(_read_association, _write_association)
TEMPORARY: Format[Temporary] = Format(
    _read_temporary, lambda value: value.iaid.to_bytes(4) + build_options(value.options)
)
LEASED_ADDRESS: Format[LeasedAddress] = Format(_read_address, _write_address)
LEASED_PREFIX: Format[LeasedPrefix] = Format(_read_prefix, _write_prefix)
STATUS: Format[Status] = Format(_read_status, lambda value: value.code.to_bytes(2) + write_text(value.message))
ITEMS: Format[tuple[bytes, ...]] = Format(_read_items, _write_items)
# RFC 5970 section 3.2: the parameters of the boot file, in order.
PARAMETERS: Format[tuple[str, ...]] = Format(
    _read_parameters, lambda texts: _write_items(tuple(write_text(text) for text in texts))
)
VENDOR_CLASS: Format[VendorClass] = Format(
    _by_enterprise(_read_class), lambda value: value.enterprise.to_bytes(4) + _write_items(value.classes)
)
VENDOR_OPTIONS: Format[VendorOptions] = Format(
    _by_enterprise(_read_vendor_options),
    lambda value: value.enterprise.to_bytes(4) + build_options(value.options),
)
REMOTE_ID: Format[RemoteId] = Format(
    _by_enterprise(_read_remote), lambda value: value.enterprise.to_bytes(4) + value.content
)
