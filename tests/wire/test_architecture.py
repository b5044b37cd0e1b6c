"""What a client says of itself."""

from uuid import UUID

import pytest

from pxedoctor.wire.architecture import (
    ARCHITECTURES,
    MACHINE,
    NETWORK_INTERFACE,
    Architecture,
    Machine,
    NetworkInterface,
)
from pxedoctor.wire.error import WireError


def test_firmware_by_its_numbers() -> None:
    """BIOS, x64 UEFI and its HTTP boot: IANA's processor architecture types 0, 7 and 16."""
    assert ARCHITECTURES.read(bytes.fromhex("000000070010")) == (
        Architecture.X86_BIOS,
        Architecture.X64_UEFI,
        Architecture.X64_UEFI_HTTP,
    )


def test_an_interface_is_undi() -> None:
    assert NETWORK_INTERFACE.write(NetworkInterface(major=2, minor=1)) == b"\1\2\1"


def test_a_uuid_is_sent_as_smbios_holds_it() -> None:
    uuid = UUID("6f0c1b52-0d0d-4d0d-8d0d-0d0d0d0d0d01")
    machine = MACHINE.read(bytes.fromhex("00521b0c6f0d0d0d4d8d0d0d0d0d0d0d01"))
    assert machine.uuid == uuid
    assert Machine(content=b"another").uuid is None
    assert Machine(kind=1, content=uuid.bytes).uuid is None


@pytest.mark.parametrize("values", [{"kind": 256}, {"content": bytes(255)}])
def test_a_machine_that_no_wire_carries_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(WireError):
        Machine(**({"content": b""} | values))  # type: ignore[arg-type]


def test_an_interface_that_no_wire_carries_is_refused() -> None:
    with pytest.raises(WireError):
        NetworkInterface(major=256, minor=0)
    with pytest.raises(WireError):
        MACHINE.read(b"")
