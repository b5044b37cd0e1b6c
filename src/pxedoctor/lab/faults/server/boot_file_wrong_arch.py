"""Cases of boot-file-wrong-arch: the file comes, and the firmware cannot run it."""

from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.parts import restart_network
from pxedoctor.lab.parts_boot import boot_site, boot_xml, boots, put_file, with_options
from pxedoctor.lab.qemu_guest import ROOT, ROUTER, boot, boot_network_xml, firmware_site
from pxedoctor.lab.site import Site
from pxedoctor.lab.uefi_guest import FILE as EFI
from pxedoctor.lab.uefi_guest import IPXE as EFI_PROGRAM


def _for_uefi(site: Site) -> None:
    site.run("cp", EFI_PROGRAM, f"{ROOT}/{EFI}")
    restart_network(site, boot_network_xml(site, stp="off", extra=ROUTER, file=EFI))


def _for_bios(site: Site) -> None:
    restart_network(site, boot_network_xml(site, stp="off", extra=ROUTER))
    site.run("rm", f"{ROOT}/{EFI}")
    # A bridge's IPv6 addresses work from its first carrier on, and the site's first picture was taken after a start.
    boot(site)


def _a_file_for_each(site: Site) -> None:
    """Two files, told apart by option 93: the guest with a BIOS gets the one for it."""
    put_file(site, "bios.0")
    site.run("cp", EFI_PROGRAM, f"{ROOT}/{EFI}")
    lines = ("dhcp-match=set:efi,option:client-arch,7", f"dhcp-boot=tag:efi,{EFI}", "dhcp-boot=tag:!efi,bios.0")
    restart_network(site, with_options(boot_xml(site, ""), *lines))


CASES: tuple[Case, ...] = (
    Case(
        name="boot-file-wrong-arch",
        expect=Breaks("boot-file-wrong-arch"),
        story="The network names an EFI program, and the guest has a BIOS: Exec format error (corpus DS21).",
        build=firmware_site,
        inject=_for_uefi,
        heal=_for_bios,
        attempt=boot,
        mended=False,
        firmware=True,
    ),
    Case(
        name="boot-file-for-each-architecture",
        expect=Passes(),
        story="dnsmasq names an EFI program to UEFI and a BIOS program to others, and this guest has a BIOS.",
        build=boot_site,
        inject=_a_file_for_each,
        attempt=boots,
    ),
)
