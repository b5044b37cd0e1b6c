"""Whether a boot file fits the client that asked for it: its architecture (option 93), and its Secure Boot.

`fits` answers yes or no only where it is certain; a file that was not recognised may be anything. RFC 4578 section 2.1
and IANA's "Processor Architecture Types"; 9 is what that RFC calls x86-64, and old firmware still sends.
"""

from typing import Literal

import msgspec

from pxedoctor.wire.architecture import Architecture
from pxedoctor.wire.boot_image import BootImage, BootKind

_EFI = {
    Architecture.X86_UEFI: ("ia32",),
    Architecture.X64_UEFI: ("x86-64",),
    Architecture.EBC: ("x86-64", "ebc"),
    Architecture.ITANIUM: ("itanium",),
    Architecture.ARM32_UEFI: ("arm",),
    Architecture.ARM64_UEFI: ("arm64",),
    Architecture.RISCV32_UEFI: ("riscv32",),
    Architecture.RISCV64_UEFI: ("riscv64",),
    Architecture.LOONGARCH32_UEFI: ("loong32",),
    Architecture.LOONGARCH64_UEFI: ("loong64",),
}
_EFI_HTTP = {
    Architecture.X86_UEFI_HTTP: ("ia32",),
    Architecture.X64_UEFI_HTTP: ("x86-64",),
    Architecture.EBC_HTTP: ("x86-64", "ebc"),
    Architecture.ARM32_UEFI_HTTP: ("arm",),
    Architecture.ARM64_UEFI_HTTP: ("arm64",),
    Architecture.RISCV32_UEFI_HTTP: ("riscv32",),
    Architecture.RISCV64_UEFI_HTTP: ("riscv64",),
    Architecture.LOONGARCH32_UEFI_HTTP: ("loong32",),
    Architecture.LOONGARCH64_UEFI_HTTP: ("loong64",),
}
_NO_PROGRAM = (BootKind.EMPTY, BootKind.HTML)
_TEXTS = (BootKind.IPXE_SCRIPT, BootKind.GRUB_CONFIG, BootKind.PXELINUX_CONFIG, BootKind.TEXT)


class Fit(msgspec.Struct, frozen=True):
    answer: Literal["yes", "no", "unknown"]
    why: str


class BootClient(msgspec.Struct, frozen=True, kw_only=True):
    """Who is to run it: iPXE or not. `architecture` None: it sends no option 93; `secure_boot` None: not known."""

    architecture: int | None
    secure_boot: bool | None = None
    ipxe: bool = False


def fits(image: BootImage, client: BootClient) -> Fit:
    if image.kind in _NO_PROGRAM:
        return Fit("no", f"it is no program: {image.described}")
    if image.kind in _TEXTS:
        return _text_fits(image, client)
    if client.architecture is None:
        return Fit("unknown", "the client does not say what it can run: it sends no option 93")
    http = client.architecture in _EFI_HTTP
    machines = (_EFI | _EFI_HTTP).get(Architecture(client.architecture)) if _is_known(client.architecture) else None
    if machines is not None:
        return _efi_fits(image, client, machines, http)
    if client.architecture == Architecture.X86_BIOS:
        return _bios_fits(image, client)
    return Fit("unknown", f"what a client of architecture {client.architecture} runs is not known here")


def _is_known(architecture: int) -> bool:
    return any(architecture == known for known in Architecture)


def _text_fits(image: BootImage, client: BootClient) -> Fit:
    if client.ipxe:
        if image.kind is BootKind.IPXE_SCRIPT:
            return Fit("yes", "iPXE runs its scripts")
        return Fit("no", f"iPXE runs scripts that begin with #!ipxe, and this is another text: {image.described}")
    return Fit("no", f"firmware runs programs, and this is a text: {image.described}")


def _efi_fits(image: BootImage, client: BootClient, machines: tuple[str, ...], http: bool) -> Fit:
    wanted = " or ".join(machines)
    match image.kind:
        case BootKind.EFI:
            if image.machine not in machines:
                return Fit("no", f"the client runs EFI programs for {wanted}, and this is one for {image.machine}")
            return _secure_fits(image, client)
        case BootKind.ISO | BootKind.UNKNOWN if http:
            # edk2 HttpBootDxe/HttpBootSupport.c HttpBootCheckImageType: by the file's name or its type.
            return Fit("unknown", "by HTTP boot an image of a disc or disk may become a RAM disk")
        case BootKind.HIDDEN:
            return Fit("unknown", "its header is further in than was read")
        case _:
            return Fit("no", f"the client runs EFI programs for {wanted}, and this is another thing: {image.described}")


def _secure_fits(image: BootImage, client: BootClient) -> Fit:
    if client.secure_boot and not image.signed:
        return Fit("no", "Secure Boot is on, and the program is not signed")
    if client.secure_boot is None and not image.signed:
        return Fit("unknown", "it is not signed, and whether Secure Boot is on is not known")
    if client.secure_boot:
        return Fit("unknown", "it is signed, and whether this firmware trusts the signer is not known here")
    return Fit("yes", f"an EFI program for {image.machine}, as the client runs them")


def _bios_fits(image: BootImage, client: BootClient) -> Fit:
    match image.kind:
        case BootKind.PXE:
            return Fit("yes", "a PXE program for BIOS, as the client runs them")
        case BootKind.EFI | BootKind.EFI_DRIVER if image.linux and client.ipxe:
            return Fit("yes", "a Linux kernel, which iPXE starts")
        case BootKind.LINUX | BootKind.ELF if client.ipxe:
            return Fit("unknown", f"iPXE starts such files where it was built so: {image.described}")
        case BootKind.UNKNOWN:
            return Fit("unknown", "it is not recognised; a program for BIOS has no header to know it by")
        case _:
            return Fit("no", f"the client runs PXE programs for BIOS, and this is another thing: {image.described}")
