"""What a client says of itself: processor architecture, network interface, machine (RFC 4578, RFC 5970).

The architectures are IANA's "Processor Architecture Types" (registry dhcpv6-parameters), of DHCPv4 option 93 and DHCPv6
option 61 alike.
"""

from enum import IntEnum
from uuid import UUID

import msgspec

from pxedoctor.wire.bounds import require_bits, require_size
from pxedoctor.wire.formats import UINT16S, exactly
from pxedoctor.wire.options import Format


class Architecture(IntEnum):
    X86_BIOS = 0
    NEC_PC98 = 1
    ITANIUM = 2
    DEC_ALPHA = 3
    ARC_X86 = 4
    INTEL_LEAN_CLIENT = 5
    X86_UEFI = 6
    X64_UEFI = 7
    EFI_XSCALE = 8
    EBC = 9
    ARM32_UEFI = 10
    ARM64_UEFI = 11
    POWERPC_OPEN_FIRMWARE = 12
    POWERPC_EPAPR = 13
    POWER_OPAL = 14
    X86_UEFI_HTTP = 15
    X64_UEFI_HTTP = 16
    EBC_HTTP = 17
    ARM32_UEFI_HTTP = 18
    ARM64_UEFI_HTTP = 19
    X86_BIOS_HTTP = 20
    ARM32_UBOOT = 21
    ARM64_UBOOT = 22
    ARM32_UBOOT_HTTP = 23
    ARM64_UBOOT_HTTP = 24
    RISCV32_UEFI = 25
    RISCV32_UEFI_HTTP = 26
    RISCV64_UEFI = 27
    RISCV64_UEFI_HTTP = 28
    RISCV128_UEFI = 29
    RISCV128_UEFI_HTTP = 30
    S390_BASIC = 31
    S390_EXTENDED = 32
    MIPS32_UEFI = 33
    MIPS64_UEFI = 34
    SUNWAY32_UEFI = 35
    SUNWAY64_UEFI = 36
    LOONGARCH32_UEFI = 37
    LOONGARCH32_UEFI_HTTP = 38
    LOONGARCH64_UEFI = 39
    LOONGARCH64_UEFI_HTTP = 40
    ARM_RPIBOOT = 41


class NetworkInterface(msgspec.Struct, frozen=True, kw_only=True):
    """`kind` 1 is UNDI, the only one there is (RFC 4578 section 2.2)."""

    kind: int = 1
    major: int
    minor: int

    def __post_init__(self) -> None:
        for name in ("kind", "major", "minor"):
            require_bits(f"a network interface's {name}", getattr(self, name), 8)


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """Option 97. `kind` 0 is a UUID, the only one there is (RFC 4578 section 2.3)."""

    kind: int = 0
    content: bytes

    def __post_init__(self) -> None:
        require_bits("a machine identifier's kind", self.kind, 8)
        require_size("a machine identifier", self.content, 254)

    @property
    def uuid(self) -> UUID | None:
        """Clients send it as SMBIOS holds it: the first fields in little endian (SMBIOS 3.7 section 7.2.1)."""
        return UUID(bytes_le=self.content) if self.kind == 0 and len(self.content) == 16 else None


def _read_interface(content: bytes) -> NetworkInterface:
    kind, major, minor = exactly(3, content)
    return NetworkInterface(kind=kind, major=major, minor=minor)


def _write_interface(interface: NetworkInterface) -> bytes:
    return bytes((interface.kind, interface.major, interface.minor))


def _read_machine(content: bytes) -> Machine:
    return Machine(kind=exactly(1, content[:1])[0], content=content[1:])


# Plain numbers: a server or a client may know architectures that this list does not.
ARCHITECTURES = UINT16S
NETWORK_INTERFACE: Format[NetworkInterface] = Format(_read_interface, _write_interface)
MACHINE: Format[Machine] = Format(_read_machine, lambda machine: bytes((machine.kind,)) + machine.content)
