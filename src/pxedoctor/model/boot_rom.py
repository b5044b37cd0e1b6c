"""Boot ROMs of guests' NICs: which one QEMU gives a model, and what is in a file of them.

A ROM is a chain of images, each for one kind of machine (PCI Firmware Specification 3.1, 5.1): kind 0 is run by a PC's
BIOS, kind 3 by UEFI.
"""

from typing import Literal

import msgspec

BIOS, EFI = 0, 3

# The file that QEMU plugs in by itself, by the model's name as QEMU and libvirt have it (QEMU hw/net, `romfile`).
_BY_MODEL = {
    "virtio": "efi-virtio.rom",
    "e1000e": "efi-e1000e.rom",
    "e1000": "efi-e1000.rom",
    "i825": "efi-eepro100.rom",
    "i82801": "efi-eepro100.rom",
    "ne2k_pci": "efi-ne2k_pci.rom",
    "pcnet": "efi-pcnet.rom",
    "rtl8139": "efi-rtl8139.rom",
    "vmxnet3": "efi-vmxnet3.rom",
}
QEMUS_OWN = tuple(dict.fromkeys(_BY_MODEL.values()))
# Models that QEMU gives no ROM (the same sources): a BIOS finds nothing on them that it could boot.
WITHOUT_ROM = ("igb", "ne2k_isa", "rocker", "tulip", "usb-net")


def rom_of_model(model: str) -> str | None:
    """The name of QEMU's own ROM; None for a model that has none, or that is not known here."""
    longest = sorted(_BY_MODEL, key=len, reverse=True)
    return next((_BY_MODEL[name] for name in longest if model.startswith(name)), None)


class BootRom(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was looked at: `images` are the kinds in it, in their order; () for a file that is no ROM."""

    path: str
    state: Literal["file", "absent", "unreadable"]
    images: tuple[int, ...] = ()


class BootRoms(msgspec.Struct, frozen=True, kw_only=True):
    """`folders`: where each emulator looks for ROMs (`-L help`); `files`: those that were looked at."""

    folders: dict[str, tuple[str, ...]] = {}
    files: tuple[BootRom, ...] = ()

    def at(self, path: str) -> BootRom | None:
        return next((file for file in self.files if file.path == path), None)

    def found(self, emulator: str, name: str) -> BootRom | None:
        """As QEMU finds it: the name as a path, else in the first of its folders; None where that is not known."""
        if "/" in name:
            return self.at(name)
        looked = [self.at(f"{folder}/{name}") for folder in self.folders.get(emulator, ())]
        if not looked or None in looked:
            return None
        return next((file for file in looked if file and file.state != "absent"), looked[0])
