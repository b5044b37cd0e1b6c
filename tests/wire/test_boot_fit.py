"""Which boot file fits which client."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxedoctor.wire.architecture import Architecture
from pxedoctor.wire.boot_fit import BootClient, fits
from pxedoctor.wire.boot_image import BootImage, BootKind

X64 = BootClient(architecture=Architecture.X64_UEFI, secure_boot=False)
BIOS = BootClient(architecture=Architecture.X86_BIOS)
IPXE = BootClient(architecture=Architecture.X86_BIOS, ipxe=True)
ARM64 = BootClient(architecture=Architecture.ARM64_UEFI, secure_boot=False)
HTTP = BootClient(architecture=Architecture.X64_UEFI_HTTP, secure_boot=False)
SECURE = BootClient(architecture=Architecture.X64_UEFI, secure_boot=True)
UNASKED = BootClient(architecture=Architecture.X64_UEFI)

EFI = BootImage(kind=BootKind.EFI, machine="x86-64")
SIGNED = BootImage(kind=BootKind.EFI, machine="x86-64", signed=True)
NBP = BootImage(kind=BootKind.PXE)
SCRIPT = BootImage(kind=BootKind.IPXE_SCRIPT)
HTML = BootImage(kind=BootKind.HTML)
ISO = BootImage(kind=BootKind.ISO)
KERNEL = BootImage(kind=BootKind.EFI, machine="x86-64", linux=True)


@pytest.mark.parametrize(
    ("image", "client", "answer"),
    [
        (EFI, X64, "yes"),
        (EFI, ARM64, "no"),
        (EFI, BIOS, "no"),
        (EFI, BootClient(architecture=Architecture.EBC, secure_boot=False), "yes"),
        (NBP, BIOS, "yes"),
        (NBP, X64, "no"),
        (EFI, SECURE, "no"),
        (SIGNED, SECURE, "unknown"),
        (SIGNED, X64, "yes"),
        (EFI, UNASKED, "unknown"),
        (EFI, HTTP, "yes"),
        (ISO, HTTP, "unknown"),
        (ISO, X64, "no"),
        (SCRIPT, IPXE, "yes"),
        (SCRIPT, BIOS, "no"),
        (BootImage(kind=BootKind.PXELINUX_CONFIG), IPXE, "no"),
        (KERNEL, IPXE, "yes"),
        (KERNEL, BIOS, "no"),
        (HTML, IPXE, "no"),
        (HTML, BootClient(architecture=None), "no"),
        (BootImage(kind=BootKind.EMPTY), BIOS, "no"),
        (NBP, BootClient(architecture=None), "unknown"),
        (BootImage(kind=BootKind.UNKNOWN), BIOS, "unknown"),
        (BootImage(kind=BootKind.UNKNOWN), X64, "no"),
        (BootImage(kind=BootKind.HIDDEN), X64, "unknown"),
        (NBP, BootClient(architecture=Architecture.ARM64_UBOOT), "unknown"),
        (NBP, BootClient(architecture=0x7777), "unknown"),
    ],
)
def test_fits(image: BootImage, client: BootClient, answer: str) -> None:
    fit = fits(image, client)
    assert fit.answer == answer, fit.why
    assert fit.why


@given(st.sampled_from(BootKind), st.integers(0, 0xFFFF) | st.none(), st.sampled_from((True, False, None)))
def test_there_is_always_an_answer(kind: BootKind, architecture: int | None, secure: bool | None) -> None:
    client = BootClient(architecture=architecture, secure_boot=secure)
    assert fits(BootImage(kind=kind), client).answer in ("yes", "no", "unknown")
