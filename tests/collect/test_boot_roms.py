"""Boot ROMs of guests: QEMU's own on this machine, and files that are none."""

from pathlib import Path

import pytest

from pxedoctor.access.answer import Answer
from pxedoctor.access.live import LiveHost
from pxedoctor.access.notebook import Notebook
from pxedoctor.access.replay import Replay
from pxedoctor.collect import boot_roms
from pxedoctor.collect.ask import boot_roms as ask
from pxedoctor.model.boot_rom import BootRom, BootRoms
from recorded import running_guest

DEFINED = "/etc/libvirt/qemu"
QEMU = "/usr/bin/qemu-system-x86_64"
ROMS = "/usr/lib/ipxe/qemu"


def looked_at(*paths: str) -> tuple[BootRom, ...]:
    notebook = Notebook(LiveHost())
    notebook.run(ask.look_at(*paths))
    return boot_roms.parse(notebook.answers).files


def test_a_real_emulator_tells_its_folders() -> None:
    notebook = Notebook(LiveHost())
    notebook.run(ask.folders_of(QEMU))
    folders = boot_roms.parse(notebook.answers).folders[QEMU]
    assert any((Path(folder) / "efi-virtio.rom").exists() for folder in folders)


def test_real_roms() -> None:
    assert looked_at(f"{ROMS}/efi-virtio.rom", f"{ROMS}/pxe-virtio.rom") == (
        BootRom(path=f"{ROMS}/efi-virtio.rom", state="file", images=(0, 3)),
        BootRom(path=f"{ROMS}/pxe-virtio.rom", state="file", images=(0,)),
    )


@pytest.mark.parametrize(
    "content",
    [b"", b"\x55\xaa", b"\x55\xaa" + bytes(4096), b"MZ" + bytes(4096), b"\x55\xaa" + bytes(22) + b"\xff\xff"],
    ids=["empty", "the mark alone", "a ROM without PCIR", "another file", "PCIR beyond the end"],
)
def test_what_is_no_rom(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a b.rom"
    path.write_bytes(content)
    assert looked_at(str(path)) == (BootRom(path=str(path), state="file"),)


def test_what_cannot_be_read(tmp_path: Path) -> None:
    assert looked_at("/no/such.rom", str(tmp_path)) == (
        BootRom(path="/no/such.rom", state="absent"),
        BootRom(path=str(tmp_path), state="unreadable"),
    )


def asked(xml: str) -> list[str]:
    answers: dict[str, Answer] = running_guest(
        **{
            f"list {DEFINED}": "g.xml",
            "list /run/libvirt/qemu": "",
            f"read {DEFINED}/g.xml": xml,
            f"run {QEMU} -L help": "/usr/share/qemu\n",
        }
    )
    notebook = Notebook(Replay(answers))
    ask.ask(notebook)
    return [question for question in notebook.answers if question.startswith("run ")]


def guest(boot: str, emulator: str = QEMU, rom: str = "") -> str:
    nic = f"<interface type='network'>{rom}</interface>"
    return f"<domain><name>g</name><os>{boot}</os><devices><emulator>{emulator}</emulator>{nic}</devices></domain>"


NETWORK = "<boot dev='network'/>"


def test_qemus_own_are_looked_for_in_its_folders() -> None:
    folders, files = asked(guest(NETWORK))
    assert folders == f"run {QEMU} -L help"
    assert "/usr/share/qemu/efi-virtio.rom" in files


def test_a_rom_that_a_person_named() -> None:
    assert "/srv/own.rom" in asked(guest(NETWORK, rom="<rom file='/srv/own.rom'/>"))[1]
    assert "/usr/share/qemu/own.rom" in asked(guest(NETWORK, rom='<rom bar="on" file="own.rom"/>'))[1]


def test_no_strange_program_is_run() -> None:
    assert asked(guest(NETWORK, emulator="/home/me/qemu")) == []


def test_a_guest_that_does_not_boot_from_the_network_is_not_asked_about() -> None:
    assert asked(guest("<boot dev='hd'/>")) == []


def test_nothing_was_asked() -> None:
    assert boot_roms.parse({}) == BootRoms()
