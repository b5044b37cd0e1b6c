"""What is in a guest's firmware: the real OVMF of this machine, and files that are none."""

import lzma
import uuid
from pathlib import Path

import pytest

from pxedoctor.access.answer import Answer, Text
from pxedoctor.access.live import LiveHost
from pxedoctor.access.notebook import Notebook
from pxedoctor.access.replay import Replay
from pxedoctor.collect import firmware_images
from pxedoctor.collect.ask import firmware_images as ask
from pxedoctor.model.firmware_image import FirmwareImage, FirmwareImages, Variables
from recorded import running_guest

DEFINED = "/etc/libvirt/qemu"
OVMF = "/usr/share/OVMF/OVMF_CODE_4M.fd"
PACKED = uuid.UUID("ee4e5898-3914-4259-9d6e-dc7bd79403cf").bytes_le
RANDOM = uuid.UUID("3152bca5-eade-433d-862e-c01cdc291f44").bytes_le


def looked_into(path: str) -> FirmwareImages:
    notebook = Notebook(LiveHost())
    notebook.run(ask.look_into(path))
    return firmware_images.parse(notebook.answers)


def a_file(folder: Path, drivers: bytes) -> str:
    """A section as LzmaCustomDecompress has it: size and kind, the GUID, where the data is, attributes, the data."""
    packed = lzma.compress(drivers, lzma.FORMAT_ALONE)
    size = (24 + len(packed)).to_bytes(3, "little")
    path = folder / "CODE.fd"
    path.write_bytes(bytes(64) + size + b"\x02" + PACKED + b"\x18\x00\x01\x00" + packed)
    return str(path)


def name_of(driver: str) -> bytes:
    return b"\x1e\x00\x00\x15" + driver.encode("utf-16-le") + b"\0\0"


def test_a_real_firmware_from_before_the_change() -> None:
    (image,) = looked_into(OVMF).images
    assert image == FirmwareImage(
        path=OVMF,
        needs_random=False,
        drivers=("VirtioRngDxe", "VirtioNetDxe", "UefiPxeBcDxe", "SecureBootConfigDxe"),
    )


def test_one_that_waits_for_random_numbers(tmp_path: Path) -> None:
    """The words of a dependency as they stand in a file: push the GUID, end."""
    path = a_file(tmp_path, bytes(100) + b"\x02" + RANDOM + b"\x08" + name_of("RngDxe") + name_of("UefiPxeBcDxe"))
    (image,) = looked_into(path).images
    assert image == FirmwareImage(path=path, needs_random=True, drivers=("RngDxe", "UefiPxeBcDxe"))


def test_who_gives_them_and_who_uses_them_does_not_wait_for_them(tmp_path: Path) -> None:
    (image,) = looked_into(a_file(tmp_path, name_of("VirtioRngDxe") + b"\x00" + RANDOM)).images
    assert (image.needs_random, image.drivers) == (False, ("VirtioRngDxe",))


@pytest.mark.parametrize("content", [b"", b"\x7fELF" + bytes(4096), PACKED, bytes(64) + PACKED + bytes(64)])
def test_what_is_no_firmware(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "u-boot.bin"
    path.write_bytes(content)
    assert looked_into(str(path)).images == ()


def test_a_file_that_is_not_there() -> None:
    assert looked_into("/no/such/file.fd").images == ()


def asked(xml: str, **more: str) -> Notebook:
    answers: dict[str, Answer] = running_guest(
        **{f"list {DEFINED}": "g.xml", "list /run/libvirt/qemu": "", f"read {DEFINED}/g.xml": xml}, **more
    )
    notebook = Notebook(Replay(answers))
    ask.ask(notebook)
    return notebook


def guest(loader: str, devices: str = "") -> str:
    return f"<domain><name>g</name><os>{loader}</os><devices>{devices}</devices></domain>"


def questions(notebook: Notebook) -> list[str]:
    return [question for question in notebook.answers if "lzma" in question]


def test_only_guests_without_a_source_of_their_own_are_asked_about() -> None:
    loader = f"<loader readonly='yes' type='pflash'>{OVMF}</loader>"
    assert len(questions(asked(guest(loader)))) == 1
    assert questions(asked(guest(loader, "<rng model='virtio'/>"))) == []
    assert questions(asked(guest("<loader type='rom'>/usr/share/seabios/bios.bin</loader>"))) == []


@pytest.mark.parametrize(("flags", "has_it"), [("fpu rdrand vmx", True), ("fpu vmx", False), ("rdrandom", False)])
def test_of_the_processors_one_word_is_kept(flags: str, has_it: bool) -> None:
    cpuinfo = f"processor\t: 0\nmodel name\t: secret\nflags\t\t: {flags}\n\nprocessor\t: 1\n"
    notebook = asked(guest(f"<loader type='pflash'>{OVMF}</loader>"), **{f"read {ask.PROCESSORS}": cpuinfo})
    answer = notebook.answers[f"read {ask.PROCESSORS}"]
    assert isinstance(answer, Text)
    assert "secret" not in answer.text
    assert firmware_images.parse(notebook.answers).host_rdrand is has_it


def test_processors_that_were_not_asked_about_are_not_known() -> None:
    assert firmware_images.parse({}) == FirmwareImages()


VARIABLES = "/usr/share/OVMF/OVMF_VARS_4M.fd"
ENROLLED = "/usr/share/OVMF/OVMF_VARS_4M.ms.fd"
GUEST_FILE = "/var/lib/libvirt/qemu/nvram/g.fd"


def stores(*paths: str) -> FirmwareImages:
    notebook = Notebook(LiveHost())
    notebook.run(ask.variables_in(*paths))
    return firmware_images.parse(notebook.answers)


def test_real_variables_without_and_with_keys() -> None:
    found = stores(VARIABLES, ENROLLED, "/no/such/file.fd", OVMF)
    assert found.variables == (Variables(path=VARIABLES, keys=False), Variables(path=ENROLLED, keys=True))
    assert found.absent == ("/no/such/file.fd",)


def changed(folder: Path, name: str, at: int, value: bytes) -> str:
    """The real variables with keys, and one byte of one of them another: `at` from the end of its header's start."""
    content = bytearray(Path(ENROLLED).read_bytes())
    start = content.index(name.encode("utf-16-le") + b"\0\0") - 60
    content[start + at : start + at + 1] = value
    path = folder / "VARS.fd"
    path.write_bytes(content)
    return str(path)


def test_secure_boot_that_was_switched_off(tmp_path: Path) -> None:
    name = "SecureBootEnable"
    path = changed(tmp_path, name, 60 + 2 * len(name) + 2, b"\0")
    (found,) = stores(path).variables
    assert (found.keys, found.switched_off, found.secure_boot) == (True, True, False)


def test_a_key_that_was_deleted(tmp_path: Path) -> None:
    (found,) = stores(changed(tmp_path, "PK", 2, b"\x3c")).variables
    assert not found.keys


@pytest.mark.parametrize("content", [b"", bytes(4096), uuid.UUID("aaf32c78-947b-439a-a180-2e144ec37792").bytes_le])
def test_what_holds_no_variables(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "VARS.fd"
    path.write_bytes(content)
    assert not any(entry.keys for entry in stores(str(path)).variables)


@pytest.mark.parametrize(
    "nvram",
    [
        f"<nvram template='{ENROLLED}'>{GUEST_FILE}</nvram>",
        f"<nvram type='file' template='{ENROLLED}'>\n  <source file='{GUEST_FILE}'/></nvram>",
    ],
)
def test_the_file_and_its_template_are_asked_about(nvram: str) -> None:
    (question,) = [q for q in asked(guest(f"<boot dev='network'/>{nvram}")).answers if "SecureBootEnable" in q]
    assert question.endswith((f"{GUEST_FILE} {ENROLLED}", f"{ENROLLED} {GUEST_FILE}"))


def test_a_guest_that_boots_from_its_disk_is_not_asked_about() -> None:
    notebook = asked(guest(f"<boot dev='hd'/><nvram template='{ENROLLED}'>{GUEST_FILE}</nvram>"))
    assert not [question for question in notebook.answers if "SecureBootEnable" in question]


def test_the_template_counts_where_there_is_no_file_yet() -> None:
    own, template = Variables(path=GUEST_FILE, keys=False), Variables(path=ENROLLED, keys=True)
    there = FirmwareImages(variables=(own, template))
    assert there.variables_of(GUEST_FILE, ENROLLED) == own
    assert FirmwareImages(variables=(template,), absent=(GUEST_FILE,)).variables_of(GUEST_FILE, ENROLLED) == template
    assert FirmwareImages(variables=(template,)).variables_of(GUEST_FILE, ENROLLED) is None
