"""Boot files told by their first bytes: real ones of packages, and crafted ones."""

from pathlib import Path
from struct import pack_into

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxedoctor.wire.boot_image import BootKind, recognised

lab = pytest.mark.lab


def portable(machine: int, subsystem: int = 10, signed: int = 0, header: int = 0x80, magic: int = 0x20B) -> bytes:
    """The header of a PE file (PE/COFF 2.3 to 2.4)."""
    content = bytearray(4096)
    pack_into("<2s58xI", content, 0, b"MZ", header)
    pack_into("<4sH", content, header, b"PE\0\0", machine)
    optional = header + 24
    pack_into("<H66xH", content, optional, magic, subsystem)
    directories = optional + {0x10B: 96, 0x20B: 112}[magic]
    pack_into("<I", content, directories - 4, 16)
    pack_into("<II", content, directories + 32, signed, signed)
    return bytes(content)


@lab
@pytest.mark.parametrize(
    ("path", "described", "ipxe"),
    [
        ("ipxe/undionly.kpxe", "PXE program for BIOS (iPXE)", True),
        ("ipxe/undionly.kkpxe", "PXE program for BIOS (iPXE)", True),
        ("ipxe/ipxe.pxe", "PXE program for BIOS (iPXE)", True),
        ("ipxe/snponly.efi", "unsigned EFI program for x86-64 (iPXE)", True),
        ("ipxe/ipxe.efi", "unsigned EFI program for x86-64 (iPXE)", True),
        ("ipxe/ipxe.lkrn", "Linux kernel", None),
        ("ipxe/ipxe.iso", "disc image", None),
        ("ipxe/qemu/pxe-virtio.rom", "option ROM", None),
        ("PXELINUX/pxelinux.0", "PXE program for BIOS (PXELINUX)", False),
        ("PXELINUX/lpxelinux.0", "PXE program for BIOS (PXELINUX)", False),
        ("shim/fbx64.efi", "unsigned EFI program for x86-64", False),
        ("shim/fbx64.efi.signed", "signed EFI program for x86-64", False),
    ],
)
def test_real_files_are_told_apart(path: str, described: str, ipxe: bool | None) -> None:
    content = Path("/usr/lib", path).read_bytes()
    image = recognised(content[:4096], len(content))
    assert image.described == described
    assert image.is_ipxe is ipxe
    assert not image.whole


@pytest.mark.parametrize(
    ("machine", "name"),
    [
        (0x14C, "ia32"),
        (0x8664, "x86-64"),
        (0xAA64, "arm64"),
        (0x1C2, "arm"),
        (0x5064, "riscv64"),
        (0x6264, "loong64"),
        (0x1234, "machine 0x1234"),
    ],
)
def test_an_efi_program_says_its_machine(machine: int, name: str) -> None:
    image = recognised(portable(machine))
    assert (image.kind, image.machine, image.signed) == (BootKind.EFI, name, False)


def test_a_certificate_table_makes_it_signed_in_both_sizes_of_header() -> None:
    assert recognised(portable(0x8664, signed=0x1000)).signed
    assert recognised(portable(0x14C, signed=0x1000, magic=0x10B)).signed
    assert not recognised(portable(0x14C, magic=0x10B)).signed


def test_drivers_and_programs_of_windows_are_no_boot_programs() -> None:
    assert recognised(portable(0x8664, subsystem=11)).kind is BootKind.EFI_DRIVER
    assert recognised(portable(0x8664, subsystem=3)).kind is BootKind.DOS
    assert recognised(b"MZ" + bytes(4094)).kind is BootKind.DOS


def test_a_header_beyond_what_was_read_is_not_guessed_at() -> None:
    assert recognised(portable(0x8664, header=0x80)[:0x90]).kind is BootKind.HIDDEN
    assert recognised(b"MZ").kind is BootKind.HIDDEN


def test_a_kernel_with_an_efi_stub_is_both() -> None:
    kernel = bytearray(portable(0x8664))
    kernel[0x202:0x206] = b"HdrS"
    image = recognised(bytes(kernel))
    assert (image.kind, image.linux) == (BootKind.EFI, True)
    arm = bytearray(4096)
    arm[56:60] = b"ARM\x64"
    assert recognised(bytes(arm)).kind is BootKind.LINUX


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", BootKind.EMPTY),
        (b"#!ipxe\nchain http://boot/x\n", BootKind.IPXE_SCRIPT),
        (b"<!DOCTYPE HTML PUBLIC>\n<html><head><title>404", BootKind.HTML),
        (b"\n\n<HTML><HEAD>", BootKind.HTML),
        (b"\xef\xbb\xbf<html>", BootKind.HTML),
        (b"# by hand\nset timeout=5\nmenuentry 'Linux' {\n", BootKind.GRUB_CONFIG),
        (b"DEFAULT linux\nLABEL linux\n  KERNEL vmlinuz\n", BootKind.PXELINUX_CONFIG),
        (b"File not found.\n", BootKind.TEXT),
        ("Datei nicht gefunden, schöner Mist".encode(), BootKind.TEXT),
        (b"\x7fELF\x02\x01\x01" + bytes(50), BootKind.ELF),
        (b"\x1f\x8b\x08" + bytes(50), BootKind.PACKED),
        (b"\xb2\x7f\xea\x00\x82\x00\x00" + bytes(500), BootKind.PXE),
        (b"\xfa\xfc\x31\xc0\x8e\xd8" + bytes(500), BootKind.PXE),
        (bytes(4096), BootKind.UNKNOWN),
        (bytes(32769) + b"CD001", BootKind.ISO),
    ],
)
def test_crafted_beginnings(content: bytes, kind: BootKind) -> None:
    assert recognised(content).kind is kind


def test_a_text_cut_in_the_middle_of_a_letter_is_a_text() -> None:
    assert recognised(("x" * 4095 + "ö").encode()[:4096]).kind is BootKind.TEXT


def test_what_was_looked_at_is_all_of_it_where_the_size_says_so() -> None:
    assert recognised(b"short", 5).whole
    assert not recognised(b"short", 6).whole
    assert not recognised(b"short").whole


@given(st.binary(max_size=600) | st.binary(max_size=600).map(lambda rest: b"MZ" + rest))
def test_any_bytes_are_something(content: bytes) -> None:
    image = recognised(content, len(content))
    assert image.described
    assert image.is_ipxe in (True, False, None)


@given(st.integers(0, 4095), st.binary(min_size=1, max_size=64))
def test_a_damaged_header_is_something(at: int, damage: bytes) -> None:
    content = portable(0x8664, signed=1)
    assert recognised((content[:at] + damage + content[at:])[:4096]).described
