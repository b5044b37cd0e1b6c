"""Formats of options that only DHCPv6 has."""

from ipaddress import IPv6Address

import msgspec
import pytest

from pxedoctor.wire import dhcp6_formats
from pxedoctor.wire.dhcp6_formats import (
    Association,
    LeasedAddress,
    LeasedPrefix,
    RemoteId,
    Status,
    Temporary,
    VendorClass,
    VendorOptions,
)
from pxedoctor.wire.dhcp6_known import IA_ADDRESS, IA_NA, STATUS_CODE
from pxedoctor.wire.error import WireError
from pxedoctor.wire.options import Format, Option

ADDRESS = IPv6Address("fd00:d0d::5")
LEASE = LeasedAddress(address=ADDRESS, preferred=1800, valid=3600)


def test_an_address_inside_its_association() -> None:
    option = IA_NA.of(Association(iaid=1, t1=900, t2=1440, options=(IA_ADDRESS.of(LEASE),)))
    assert option.content.hex(" ", 4) == (
        "00000001 00000384 000005a0 00050018 fd000d0d 00000000 00000000 00000005 00000708 00000e10"
    )
    found = IA_NA.find((option,))
    assert found is not None
    assert IA_ADDRESS.find(found.options) == LEASE


def test_a_status_says_why_there_is_none() -> None:
    option = Option(13, b"\0\2no addresses\0")
    assert STATUS_CODE.find((option,)) == Status(code=2, message="no addresses")


def test_firmware_names_its_class() -> None:
    content = bytes.fromhex("000001570021") + b"PXEClient:Arch:00007:UNDI:003000\0"
    value = dhcp6_formats.VENDOR_CLASS.read(content)
    assert value == VendorClass(enterprise=343, classes=(content[6:],))
    assert dhcp6_formats.VENDOR_CLASS.write(value) == content


@pytest.mark.parametrize(
    ("form", "content"),
    [
        (dhcp6_formats.ASSOCIATION, bytes(11)),
        (dhcp6_formats.ASSOCIATION, bytes(13)),
        (dhcp6_formats.TEMPORARY, bytes(3)),
        (dhcp6_formats.LEASED_ADDRESS, bytes(23)),
        (dhcp6_formats.LEASED_PREFIX, bytes(8) + b"\x81" + bytes(16)),
        (dhcp6_formats.STATUS, b"\0"),
        (dhcp6_formats.ITEMS, b"\0\5abc"),
        (dhcp6_formats.VENDOR_CLASS, b"\0\0\1"),
        (dhcp6_formats.VENDOR_OPTIONS, bytes(5)),
        (dhcp6_formats.REMOTE_ID, b""),
    ],
)
def test_what_is_malformed_is_refused(form: Format[object], content: bytes) -> None:
    with pytest.raises(WireError):
        form.read(content)


BAD = (Option(65536, b""),)


@pytest.mark.parametrize(
    ("value", "changes"),
    [
        (Association(iaid=0), {"iaid": -1}),
        (Association(iaid=0), {"t1": 1 << 32}),
        (Association(iaid=0), {"options": BAD}),
        (Temporary(iaid=0), {"iaid": 1 << 32}),
        (Temporary(iaid=0), {"options": BAD}),
        (LEASE, {"preferred": -1}),
        (LEASE, {"valid": 1 << 32}),
        (LEASE, {"options": BAD}),
        (LeasedPrefix(preferred=0, valid=0, length=64, prefix=ADDRESS), {"length": 129}),
        (LeasedPrefix(preferred=0, valid=0, length=64, prefix=ADDRESS), {"options": BAD}),
        (Status(code=0), {"code": 65536}),
        (Status(code=0), {"message": "\0"}),
        (VendorClass(enterprise=343, classes=()), {"enterprise": -1}),
        (VendorClass(enterprise=343, classes=()), {"classes": (bytes(65536),)}),
        (VendorOptions(enterprise=343, options=()), {"enterprise": 1 << 32}),
        (VendorOptions(enterprise=343, options=()), {"options": BAD}),
        (RemoteId(enterprise=343, content=b""), {"enterprise": -1}),
    ],
)
def test_a_value_that_no_wire_carries_is_refused(value: msgspec.Struct, changes: dict[str, object]) -> None:
    with pytest.raises(WireError):
        msgspec.structs.replace(value, **changes)
