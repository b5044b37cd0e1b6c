"""Cases of option-rom-missing: real QEMU, real SeaBIOS, and ROMs of Debian's package ipxe-qemu."""

from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.parts import define_guest, guest_xml, libvirt_site, network_interface, start_by_libvirt
from pxedoctor.lab.qemu_guest import SERIAL, boots_the_loader, firmware_site
from pxedoctor.lab.site import Site

_ROMS = "/usr/lib/ipxe/qemu"
_OWN = f"{_ROMS}/efi-virtio.rom"
# A ROM that a person names must be for the very device: QEMU writes the numbers of its NIC into its own ROMs alone
# (hw/pci/pci.c, pci_patch_ids), and a virtio NIC has two.
_FOR_BOTH, _FOR_BIOS = f"{_ROMS}/efi-e1000.rom", f"{_ROMS}/pxe-e1000.rom"
_AWAY = "/root/efi-virtio.rom"
_FOR_UEFI = "/usr/local/share/efi-alone.rom"
_SERIAL = f"<serial type='file'><source path='{SERIAL}'/></serial>"
_BIOS = "<bios useserial='yes'/>"

# The image of kind 3 out of a ROM that holds two: where the first one ends, its size tells (PCI Firmware 5.1.2).
_CUT = """
rom = open("{both}", "rb").read()
told = int.from_bytes(rom[24:26], "little")
size = 512 * int.from_bytes(rom[told + 16 : told + 18], "little")
open("{efi}", "wb").write(rom[size:])
"""


def _with_rom(site: Site, rom: str, model: str = "virtio") -> None:
    interface = network_interface().replace("<model type='virtio'", f"{rom}<model type='{model}'")
    define_guest(site, guest_xml(interface + _SERIAL, boot="network", extra=_BIOS))


def _as_built(site: Site) -> None:
    _with_rom(site, "")


def _netboot_site(site: Site) -> None:
    """The firmware cases' site, its guest booting from the network alone."""
    firmware_site(site)
    _as_built(site)


def _an_e1000(site: Site) -> None:
    _with_rom(site, "", "e1000")


def _e1000_site(site: Site) -> None:
    """The same with an e1000."""
    firmware_site(site)
    _an_e1000(site)


def _switched_off(site: Site) -> None:
    _with_rom(site, "<rom enabled='no'/>")


def _for_uefi_alone(site: Site) -> None:
    site.run("python3", "-c", _CUT.format(both=_FOR_BOTH, efi=_FOR_UEFI))
    _with_rom(site, f"<rom file='{_FOR_UEFI}'/>", "e1000")


def _for_bios_alone(site: Site) -> None:
    _with_rom(site, f"<rom file='{_FOR_BIOS}'/>", "e1000")


def _not_installed(site: Site) -> None:
    site.run("mv", _OWN, _AWAY)


def _installed(site: Site) -> None:
    site.run("mv", _AWAY, _OWN)


CASES: tuple[Case, ...] = (
    Case(
        name="option-rom-missing",
        expect=Breaks("option-rom-missing"),
        story="The package with QEMU's ROMs is not there: failed to find romfile efi-virtio.rom (corpus GF02).",
        build=libvirt_site,
        inject=_not_installed,
        heal=_installed,
        attempt=start_by_libvirt,
        mended=False,
    ),
    Case(
        name="option-rom-switched-off",
        expect=Breaks("option-rom-missing"),
        story="<rom enabled='no'/>, copied from a guest with UEFI to one with a BIOS: nothing in it asks.",
        build=_netboot_site,
        inject=_switched_off,
        heal=_as_built,
        attempt=boots_the_loader,
        allow_risky=True,
    ),
    Case(
        name="option-rom-for-uefi-alone",
        expect=Breaks("option-rom-missing"),
        story="A ROM that holds an image for UEFI alone, in a guest with a BIOS (corpus GF03).",
        build=_e1000_site,
        inject=_for_uefi_alone,
        heal=_an_e1000,
        attempt=boots_the_loader,
        mended=False,
    ),
    Case(
        name="option-rom-for-bios-alone",
        expect=Passes(),
        story="<rom file> names an old ROM for BIOS alone, and the guest has a BIOS.",
        build=_e1000_site,
        inject=_for_bios_alone,
        attempt=boots_the_loader,
    ),
)
