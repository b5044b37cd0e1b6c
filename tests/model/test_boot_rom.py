"""Which boot ROM is whose, and where QEMU finds it."""

import pytest

from pxedoctor.model.boot_rom import QEMUS_OWN, WITHOUT_ROM, BootRom, BootRoms, rom_of_model

QEMU = "/usr/bin/qemu-system-x86_64"
ABSENT = BootRom(path="/a/efi-virtio.rom", state="absent")
THERE = BootRom(path="/b/efi-virtio.rom", state="file", images=(0, 3))


@pytest.mark.parametrize(
    ("model", "rom"),
    [
        ("virtio", "efi-virtio.rom"),
        ("virtio-transitional", "efi-virtio.rom"),
        ("e1000", "efi-e1000.rom"),
        ("e1000-82544gc", "efi-e1000.rom"),
        ("e1000e", "efi-e1000e.rom"),
        ("i82551", "efi-eepro100.rom"),
        ("igb", None),
        ("", None),
    ],
)
def test_which_is_whose(model: str, rom: str | None) -> None:
    assert rom_of_model(model) == rom


def test_no_model_has_one_and_has_none() -> None:
    assert [model for model in WITHOUT_ROM if rom_of_model(model)] == []
    assert len(set(QEMUS_OWN)) == len(QEMUS_OWN) == 8


def test_the_first_folder_that_has_it() -> None:
    roms = BootRoms(folders={QEMU: ("/a", "/b")}, files=(ABSENT, THERE))
    assert roms.found(QEMU, "efi-virtio.rom") == THERE
    assert roms.found(QEMU, "/b/efi-virtio.rom") == THERE
    assert roms.found(QEMU, "/c/own.rom") is None


def test_in_no_folder() -> None:
    roms = BootRoms(folders={QEMU: ("/a",)}, files=(ABSENT,))
    assert roms.found(QEMU, "efi-virtio.rom") == ABSENT


def test_a_folder_that_was_not_looked_into() -> None:
    roms = BootRoms(folders={QEMU: ("/a", "/b")}, files=(ABSENT,))
    assert roms.found(QEMU, "efi-virtio.rom") is None
    assert roms.found("/opt/qemu", "efi-virtio.rom") is None
