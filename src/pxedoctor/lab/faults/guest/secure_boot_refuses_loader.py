"""Cases of secure-boot-refuses-loader: real OVMF with Microsoft's keys, and shim as Debian builds it, unsigned."""

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.site import Site
from pxedoctor.lab.uefi_guest import ENROLLED, NVRAM, define_uefi_guest, said_at_start, uefi_site

# EDK2's boot manager, of a program that it starts, and of one that Secure Boot forbids (BdsDxe).
_STARTS, _REFUSED = "BdsDxe: starting Boot", ("Access Denied", "Security Violation", "PXE-E16", "PXE-E18")
_WITHOUT_KEYS = "/usr/share/OVMF/OVMF_VARS_4M.fd"


def _with_keys(site: Site) -> None:
    define_uefi_guest(site, variables=ENROLLED)


def _without_keys(site: Site) -> None:
    define_uefi_guest(site)


def _keys_taken_out(site: Site) -> None:
    """The definition still names a template with keys; the guest's own variables have none any more."""
    _with_keys(site)
    site.run("cp", _WITHOUT_KEYS, NVRAM)


def _starts_its_loader(site: Site) -> Attempt:
    said = said_at_start(site, (_STARTS, *_REFUSED))
    return Attempt(ok=_STARTS in said, said=said)


CASES: tuple[Case, ...] = (
    Case(
        name="secure-boot-refuses-loader",
        expect=Breaks("secure-boot-refuses-loader"),
        story="A guest made of the template with Microsoft's keys, and a loader that nobody signed (corpus GF07).",
        build=uefi_site,
        inject=_with_keys,
        heal=_without_keys,
        attempt=_starts_its_loader,
        mended=False,
        firmware=True,
    ),
    Case(
        name="secure-boot-without-keys",
        expect=Passes(),
        story="The definition names the template with keys, and somebody has taken them out of the guest's variables.",
        build=uefi_site,
        inject=_keys_taken_out,
        attempt=_starts_its_loader,
        firmware=True,
    ),
)
