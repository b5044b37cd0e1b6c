"""What a boot file is, told from its first bytes without running it.

`recognised` takes any bytes and always answers; what it cannot tell is UNKNOWN. The marks that it goes by, and where
they come from:

    MZ, PE, machine, subsystem, certificate table    Microsoft PE/COFF specification 2.3 to 2.4, UEFI 2.10 section 2.1.1
    HdrS at 0x202                                    linux Documentation/arch/x86/boot.rst
    ARM\\x64 at 56, EFI zboot at 4                    linux Documentation/arch/arm64/booting.rst, drivers/firmware/efi
    LRET pushed, linker 42.42 of 1978-12-17          ipxe src/arch/x86/prefix/pxeprefix.S, src/util/elf2efi.c
    jump to 0:7c24, "PXELINUX"                       syslinux core/pxelinux.asm
    7f to DL, jump to 0:8200                         grub grub-core/boot/i386/pc/pxeboot.S
    55 aa; 33 ed and nops; CD001 at 32769                PCI firmware's ROM; isohybrid's sector; ISO 9660 8.1
"""

import codecs
from enum import StrEnum

import msgspec

_DOS, _PE = b"MZ", b"PE\0\0"
_PE_AT = 0x3C
# Sizes up to the field Magic, and from there to the directories, of PE32 and PE32+.
_COFF_SIZE, _DIRECTORIES = 24, {0x10B: 96, 0x20B: 112}
_CERTIFICATES = 4
_SUBSYSTEM_AT, _LINKER_AT = 68, 2
_EFI_APPLICATION, _EFI_SUBSYSTEMS = 10, range(10, 14)
_MACHINES = {
    0x014C: "ia32",
    0x8664: "x86-64",
    0xAA64: "arm64",
    0x01C0: "arm",
    0x01C2: "arm",
    0x01C4: "arm",
    0x5032: "riscv32",
    0x5064: "riscv64",
    0x6232: "loong32",
    0x6264: "loong64",
    0x0200: "itanium",
    0x0EBC: "ebc",
}
_ELF2EFI_LINKER, _ELF2EFI_TIME = b"\x2a\x2a", 0x10D1A884
_HDRS_AT, _HDRS = 0x202, b"HdrS"
_ARM64_AT, _ARM64 = 56, b"ARM\x64"
_ZBOOT_AT, _ZBOOT = 4, b"zimg"
_ISO_AT, _ISO = 32769, b"CD001"
_ROM = b"\x55\xaa"
_ISOHYBRID = b"\x33\xed\x90\x90"
_IPXE_STACK = b"\x66\x68LRET"
_PXELINUX_START, _GRUB_START = b"\xea\x24\x7c\x00\x00", b"\xb2\x7f\xea\x00\x82\x00\x00"
_PACKED = {b"\x1f\x8b": "gzip", b"\xfd7zXZ\0": "xz", b"\x28\xb5\x2f\xfd": "zstd", b"PK\x03\x04": "zip"}
# A jump, a call, cli, cld, or the nop before them: how a real-mode program begins.
_FIRST_INSTRUCTIONS = (0xEA, 0xEB, 0xE9, 0xE8, 0xFA, 0xFC, 0x90)
_HTML = (b"<!doctype html", b"<html", b"<head", b"<?xml")
_GRUB_WORDS = ("menuentry ", "set ", "insmod ", "linux ", "linuxefi ", "search ", "configfile ")
_PXELINUX_WORDS = ("default ", "label ", "kernel ", "prompt ", "timeout ", "ui ", "menu ")
_TEXT_CONTROLS = frozenset(b"\t\n\r\f\x1b")


class BootKind(StrEnum):
    EMPTY = "empty"
    EFI = "EFI program"
    EFI_DRIVER = "EFI driver"
    DOS = "DOS or Windows program"
    HIDDEN = "program whose header is further in"
    PXE = "PXE program for BIOS"
    LINUX = "Linux kernel"
    ISO = "disc image"
    ELF = "ELF program"
    ROM = "option ROM"
    PACKED = "packed file"
    IPXE_SCRIPT = "iPXE script"
    GRUB_CONFIG = "GRUB configuration"
    PXELINUX_CONFIG = "PXELINUX configuration"
    HTML = "web page"
    TEXT = "text"
    UNKNOWN = "unknown"


_ANYBODYS = (BootKind.PXE, BootKind.UNKNOWN, BootKind.HIDDEN, BootKind.LINUX, BootKind.ISO, BootKind.ROM)


class BootImage(msgspec.Struct, frozen=True, kw_only=True):
    """`machine`: of an EFI program, in the words of edk2, or "". `signed`: it has a certificate table, whoever signed.

    `program`: "iPXE", "PXELINUX" and the like where it can be told, else "". `linux`: an EFI program that is a kernel
    too. `whole`: the bytes looked at are all of it.
    """

    kind: BootKind
    machine: str = ""
    signed: bool = False
    program: str = ""
    linux: bool = False
    whole: bool = False

    @property
    def is_ipxe(self) -> bool | None:
        """None: it is a program, and whose cannot be told from its first bytes."""
        if self.program:
            return self.program == "iPXE"
        return None if self.kind in _ANYBODYS else False

    @property
    def described(self) -> str:
        """In words for a person, e.g. "a signed EFI program for x86-64 (iPXE)"."""
        words = ["signed" if self.signed else "unsigned"] if self.kind is BootKind.EFI else []
        words.append(self.kind.value)
        words += [f"for {self.machine}"] if self.machine else []
        words += [f"({self.program})"] if self.program else []
        return " ".join(words)


def recognised(first: bytes, size: int | None = None) -> BootImage:
    """`first`: as many of its first bytes as there are, 4096 will do; `size`: of the whole file, where it is known."""
    found = _by_marks(first) or _by_text(first) or BootImage(kind=BootKind.UNKNOWN)
    return msgspec.structs.replace(found, whole=size is not None and size <= len(first))


def _by_marks(first: bytes) -> BootImage | None:
    if not first:
        return BootImage(kind=BootKind.EMPTY)
    if first.startswith(_DOS):
        return _portable(first)
    if _at(first, _HDRS_AT, _HDRS):
        return BootImage(kind=BootKind.LINUX)
    if _at(first, _ARM64_AT, _ARM64):
        return BootImage(kind=BootKind.LINUX, machine="arm64")
    if _at(first, _ISO_AT, _ISO) or first.startswith(_ISOHYBRID):
        return BootImage(kind=BootKind.ISO)
    if first.startswith(_ROM):
        return BootImage(kind=BootKind.ROM)
    if first.startswith(b"\x7fELF"):
        return BootImage(kind=BootKind.ELF)
    packer = next((name for mark, name in _PACKED.items() if first.startswith(mark)), None)
    if packer:
        return BootImage(kind=BootKind.PACKED, program=packer)
    return _real_mode(first)


def _real_mode(first: bytes) -> BootImage | None:
    """A program of BIOS's PXE has no header: it is known by how the known ones begin, or by its first instruction."""
    if _IPXE_STACK in first[:64]:
        return BootImage(kind=BootKind.PXE, program="iPXE")
    if first.startswith(_PXELINUX_START):
        return BootImage(kind=BootKind.PXE, program="PXELINUX" if b"PXELINUX" in first else "")
    if first.startswith(_GRUB_START):
        return BootImage(kind=BootKind.PXE, program="GRUB")
    return BootImage(kind=BootKind.PXE) if first[0] in _FIRST_INSTRUCTIONS and not _is_text(first) else None


def _portable(first: bytes) -> BootImage:
    """An MZ file: EFI's where its PE header says so."""
    header = _number(first, _PE_AT, 4)
    if header is None or header > len(first) - _COFF_SIZE - _SUBSYSTEM_AT - 2:
        return BootImage(kind=BootKind.HIDDEN)
    if not _at(first, header, _PE):
        return BootImage(kind=BootKind.DOS)
    optional = header + _COFF_SIZE
    machine, subsystem = _number(first, header + 4, 2), _number(first, optional + _SUBSYSTEM_AT, 2)
    if machine is None or subsystem not in _EFI_SUBSYSTEMS:
        return BootImage(kind=BootKind.DOS)
    linux = _at(first, _HDRS_AT, _HDRS) or _at(first, _ARM64_AT, _ARM64) or _at(first, _ZBOOT_AT, _ZBOOT)
    return BootImage(
        kind=BootKind.EFI if subsystem == _EFI_APPLICATION else BootKind.EFI_DRIVER,
        machine=_MACHINES.get(machine, f"machine {machine:#06x}"),
        signed=_has_certificates(first, optional),
        # wimboot is made by the same tool, and is a kernel too.
        program="iPXE" if not linux and _is_by_elf2efi(first, header, optional) else "",
        linux=linux,
    )


def _has_certificates(first: bytes, optional: int) -> bool:
    """Its certificate table has a place in the file and a size (PE/COFF, "Optional Header Data Directories")."""
    directories = _DIRECTORIES.get(_number(first, optional, 2) or 0)
    if directories is None:
        return False
    count = _number(first, optional + directories - 4, 4) or 0
    entry = optional + directories + 8 * _CERTIFICATES
    return count > _CERTIFICATES and bool(_number(first, entry, 4)) and bool(_number(first, entry + 4, 4))


def _is_by_elf2efi(first: bytes, header: int, optional: int) -> bool:
    """iPXE's own tool writes the same date and linker version into each file."""
    dated = _number(first, header + 8, 4) == _ELF2EFI_TIME
    return dated and _at(first, optional + _LINKER_AT, _ELF2EFI_LINKER)


def _by_text(first: bytes) -> BootImage | None:
    if not _is_text(first):
        return None
    text = first.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"#!ipxe"):
        return BootImage(kind=BootKind.IPXE_SCRIPT)
    if text[:64].lower().startswith(_HTML):
        return BootImage(kind=BootKind.HTML)
    lines = [line.strip().lower() for line in text.decode("utf-8", "replace").splitlines()]
    words = [f"{line} " for line in lines if line and not line.startswith("#")]
    # PXELINUX's own words are no commands of GRUB's, so that one of them settles it.
    if any(line.startswith(_PXELINUX_WORDS) for line in words[:20]):
        return BootImage(kind=BootKind.PXELINUX_CONFIG)
    if any(line.startswith(_GRUB_WORDS) for line in words[:20]):
        return BootImage(kind=BootKind.GRUB_CONFIG)
    return BootImage(kind=BootKind.TEXT)


def _is_text(first: bytes) -> bool:
    try:
        # The last character may be cut in two.
        codecs.getincrementaldecoder("utf-8")().decode(first)
    except UnicodeDecodeError:
        return False
    return all(byte >= 0x20 or byte in _TEXT_CONTROLS for byte in first)


def _number(content: bytes, at: int, size: int) -> int | None:
    piece = content[at : at + size]
    return int.from_bytes(piece, "little") if len(piece) == size else None


def _at(content: bytes, at: int, mark: bytes) -> bool:
    return content[at : at + len(mark)] == mark
