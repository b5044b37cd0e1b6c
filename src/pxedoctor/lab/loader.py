"""The smallest boot program that can prove a network boot: it says one word on the serial line and halts.

A PXE ROM copies a boot file to 0000:7C00 and jumps there in 16-bit real mode (Intel PXE 2.1, 4.4.5). The serial port is
a 16550 at 0x3F8 (COM1); its line status register, 0x3FD, has bit 0x20 set when it takes another byte.
"""

from pxedoctor.lab.site import Site

WORD = "PXEDOCTOR-BOOTED"
FILE = "pxedoctor.0"

_ORIGIN = 0x7C00
_SEVERAL_BLOCKS = 4096
_TEXT = f"\r\n{WORD}\r\n\0".encode()
_CODE_LENGTH = 0x22


def put(site: Site, path: str) -> None:
    """Writes the boot file, which everybody may read, there; of several blocks of any size, as a real one is."""
    site.path(path).parent.mkdir(parents=True, exist_ok=True)
    site.path(path).write_bytes(program().ljust(_SEVERAL_BLOCKS, b"\0"))
    site.path(path).chmod(0o644)


def program() -> bytes:
    """The boot file, byte for byte: the program and, right behind it, what it says."""
    text = _ORIGIN + _CODE_LENGTH
    code = (
        b"\xfa"  # 00        cli
        b"\xfc"  # 01        cld
        b"\x31\xc0"  # 02        xor  ax, ax
        b"\x8e\xd8"  # 04        mov  ds, ax
        b"\xbe" + text.to_bytes(2, "little") +  # 06        mov  si, text
        b"\xac"  # 09  next: lodsb
        b"\x84\xc0"  # 0a        test al, al
        b"\x74\x11"  # 0c        jz   done
        b"\x88\xc4"  # 0e        mov  ah, al
        b"\xba\xfd\x03"  # 10        mov  dx, 0x3fd
        b"\xec"  # 13  wait: in   al, dx
        b"\xa8\x20"  # 14        test al, 0x20
        b"\x74\xfb"  # 16        jz   wait
        b"\xb2\xf8"  # 18        mov  dl, 0xf8
        b"\x88\xe0"  # 1a        mov  al, ah
        b"\xee"  # 1c        out  dx, al
        b"\xeb\xea"  # 1d        jmp  next
        b"\xf4"  # 1f  done: hlt
        b"\xeb\xfd"  # 20        jmp  done
    )  # fmt: skip
    return code + _TEXT


def serve(site: Site, folder: str) -> None:
    """Lays the program into a folder of the site, for a boot server."""
    path = site.path(folder)
    path.mkdir(parents=True, exist_ok=True)
    (path / FILE).write_bytes(program())
