"""Cases of uefi-without-rng: real OVMF of edk2-stable202502 (Debian 13), and of 2022 (Debian 12)."""

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.site import Site
from pxedoctor.lab.uefi_guest import ASKING, define_uefi_guest, said_at_start, uefi_site

# scripts/setup-packages unpacks it there, beside this release's own.
_NEWER = "/usr/local/share/pxedoctor/ovmf-trixie/usr/share/OVMF"
_CODE, _VARIABLES = f"{_NEWER}/OVMF_CODE_4M.fd", f"{_NEWER}/OVMF_VARS_4M.fd"
_RNG = "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>"
# What EDK2's boot manager does where nothing is left to boot.
_ENDS = (ASKING, "UEFI Interactive Shell", "No bootable option or device was found")


def _newer_site(site: Site) -> None:
    uefi_site(site)
    _with_rng(site)


def _with_rng(site: Site) -> None:
    define_uefi_guest(site, variables=_VARIABLES, code=_CODE, devices=_RNG)


def _without_rng(site: Site) -> None:
    define_uefi_guest(site, variables=_VARIABLES, code=_CODE)


def _older_without_rng(site: Site) -> None:
    define_uefi_guest(site)


def _asks(site: Site) -> Attempt:
    said = said_at_start(site, _ENDS)
    return Attempt(ok=ASKING in said, said=said)


CASES: tuple[Case, ...] = (
    Case(
        name="uefi-without-rng",
        expect=Breaks("uefi-without-rng"),
        story="OVMF after an update, QEMU's default processor, no virtio-rng: no PXE in the boot menu (corpus GF01).",
        build=_newer_site,
        inject=_without_rng,
        heal=_with_rng,
        attempt=_asks,
        allow_risky=True,
        firmware=True,
    ),
    Case(
        name="uefi-without-rng-of-2022",
        expect=Passes(),
        story="The same guest without a virtio-rng, and a firmware from before the change.",
        build=uefi_site,
        inject=_older_without_rng,
        attempt=_asks,
        firmware=True,
    ),
)
