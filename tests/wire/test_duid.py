"""Who a DHCPv6 client or server is."""

import contextlib
from uuid import UUID

import pytest
from hypothesis import given

from packets import duids, hostile
from pxedoctor.wire import duid
from pxedoctor.wire.duid import Duid, DuidType
from pxedoctor.wire.error import WireError

MAC = bytes.fromhex("5254000d0d01")


@given(duids)
def test_what_is_built_is_parsed_again(value: Duid) -> None:
    assert duid.parse(duid.build(value)) == value


@given(hostile(duid.build, duids))
def test_any_bytes_are_one_or_the_one_error(content: bytes) -> None:
    with contextlib.suppress(WireError):
        read = duid.parse(content)
        assert read.mac is None or len(read.mac) == 17
        assert duid.build(read) == content


def test_a_mac_is_seen_through_two_kinds() -> None:
    """RFC 8415 sections 11.2 and 11.4."""
    assert duid.build(duid.from_mac(MAC)).hex() == "00030001" + MAC.hex()
    with_time = Duid(kind=DuidType.LINK_LAYER_TIME, content=bytes.fromhex("00011a2b3c4d") + MAC)
    assert duid.from_mac(MAC).mac == with_time.mac == "52:54:00:0d:0d:01"


def test_firmware_is_known_by_its_uuid() -> None:
    """RFC 6355; OVMF builds it from SMBIOS."""
    uuid = UUID("6f0c1b52-0d0d-4d0d-8d0d-0d0d0d0d0d01")
    firmware = Duid(kind=DuidType.UUID, content=uuid.bytes)
    assert (firmware.uuid, firmware.mac) == (uuid, None)
    assert duid.from_mac(MAC).uuid is None


@pytest.mark.parametrize(("kind", "content"), [(65536, b"x"), (1, b""), (1, bytes(129))])
def test_a_duid_that_no_wire_carries_is_refused(kind: int, content: bytes) -> None:
    with pytest.raises(WireError):
        Duid(kind=kind, content=content)
    with pytest.raises(WireError):
        duid.from_mac(b"12345")
