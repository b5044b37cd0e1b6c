"""option-rom-missing: a ROM that is off, one that is not there, and one for other firmware."""

import pytest

from builders import GUEST, MAC, domain, facts, finding, nic, target
from pxedoctor.checks.guest import option_rom_missing as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome, Unknown
from pxedoctor.model.boot_rom import BIOS, EFI, BootRom, BootRoms
from pxedoctor.model.fact import Missing
from pxedoctor.model.libvirt import Domain, Nic
from pxedoctor.model.target import Facts
from pxedoctor.plans.guest_rom import SwitchRomOn
from pxedoctor.plans.plan import NoPlan, Plan, simulate
from pxedoctor.plans.safety import Safety

EMULATOR = "/usr/bin/qemu-system-x86_64"
FOLDERS = {EMULATOR: ("/usr/share/qemu", "/usr/lib/ipxe/qemu")}
NONE = BootRom(path="/usr/share/qemu/efi-virtio.rom", state="absent")
OWN = BootRom(path="/usr/lib/ipxe/qemu/efi-virtio.rom", state="file", images=(BIOS, EFI))
DISK_FIRST = ("hd", "network")


def guest(plugged: Nic, **changes: object) -> Domain:
    values: dict[str, object] = {"arch": "x86_64", "emulator": EMULATOR}
    return domain(plugged, **(values | changes))


def known(entry: Domain, *files: BootRom) -> Facts:
    return facts(domains=(entry,), boot_roms=BootRoms(folders=FOLDERS, files=files))


def outcome(entry: Domain, *files: BootRom) -> Outcome:
    return check.check(known(entry, *files), target())


def rom(images: tuple[int, ...], path: str = "/srv/own.rom") -> BootRom:
    return BootRom(path=path, state="file", images=images)


OFF, NAMED = nic(rom_off=("enabled",)), nic(rom_file="/srv/own.rom")


@pytest.mark.parametrize(
    "entry",
    [guest(OFF), guest(nic(rom_off=("enabled",), model="e1000"), firmware="efi")],
    ids=["a BIOS drives no NIC", "OVMF drives virtio alone"],
)
def test_the_rom_is_off(entry: Domain) -> None:
    found = outcome(entry)
    assert isinstance(found, Broken)
    assert (found.severity, found.certainty) == ("broken", "proven")
    assert found.evidence[0].origin == f"/etc/libvirt/qemu/{GUEST}.xml: devices/interface[1]/rom"


def test_off_and_behind_the_disk_it_is_a_risk() -> None:
    found = outcome(guest(OFF, boot=DISK_FIRST))
    assert isinstance(found, Broken)
    assert found.severity == "risk"


def test_ovmf_needs_no_rom_for_virtio() -> None:
    assert isinstance(outcome(guest(OFF, firmware="efi")), Fine)
    assert isinstance(outcome(guest(NAMED, firmware="efi"), rom((BIOS,))), Fine)


@pytest.mark.parametrize(
    ("plugged", "files"),
    [
        (nic(), (NONE, BootRom(path=OWN.path, state="absent"))),
        (NAMED, (BootRom(path="/srv/own.rom", state="absent"),)),
        (nic(rom_file="own.rom"), tuple(BootRom(path=f"{at}/own.rom", state="absent") for at in FOLDERS[EMULATOR])),
    ],
    ids=["QEMU's own", "one by its path", "one by its name"],
)
def test_the_file_is_not_there(plugged: Nic, files: tuple[BootRom, ...]) -> None:
    """Then QEMU does not start, whatever is before the NIC in the order."""
    found = outcome(guest(plugged, boot=DISK_FIRST), *files)
    assert isinstance(found, Broken)
    assert found.severity == "broken"
    assert "cannot start" in found.headline


def test_a_guest_that_runs_found_its_rom() -> None:
    assert isinstance(outcome(guest(NAMED, running=True), BootRom(path="/srv/own.rom", state="absent")), Fine)


def test_the_second_folder_has_it() -> None:
    assert isinstance(outcome(guest(nic()), NONE, OWN), Fine)


@pytest.mark.parametrize(
    ("firmware", "model", "images"),
    [("bios", "virtio", (EFI,)), ("bios", "virtio", ()), ("efi", "e1000", (BIOS,))],
    ids=["UEFI's for a BIOS", "no ROM at all", "a BIOS's for OVMF"],
)
def test_it_holds_nothing_for_this_firmware(firmware: str, model: str, images: tuple[int, ...]) -> None:
    found = outcome(guest(nic(rom_file="/srv/own.rom", model=model), firmware=firmware), rom(images))
    assert isinstance(found, Broken)
    assert "holds nothing" in found.headline


@pytest.mark.parametrize("firmware", ["bios", "efi"])
def test_a_rom_for_both(firmware: str) -> None:
    entry = guest(nic(rom_file="/srv/own.rom", model="e1000"), firmware=firmware)
    assert isinstance(outcome(entry, rom((BIOS, EFI))), Fine)


@pytest.mark.parametrize(
    ("entry", "files"),
    [
        (guest(NAMED), ()),
        (guest(NAMED), (BootRom(path="/srv/own.rom", state="unreadable"),)),
        (guest(nic(), emulator="/opt/qemu"), (NONE, OWN)),
    ],
    ids=["not looked at", "closed to us", "another QEMU"],
)
def test_what_cannot_be_told(entry: Domain, files: tuple[BootRom, ...]) -> None:
    assert isinstance(outcome(entry, *files), Unknown)


@pytest.mark.parametrize(
    "entry",
    [
        guest(OFF, boot=("hd",)),
        guest(nic(rom_off=("enabled",), kind="hostdev")),
        guest(OFF, arch="aarch64", firmware="efi"),
        guest(nic(model="igb")),
    ],
    ids=["not in the order", "a NIC of the host's", "no PC", "a model without a ROM"],
)
def test_it_is_not_asked(entry: Domain) -> None:
    assert isinstance(outcome(entry), NotApplicable)


def test_a_tap_of_nobodys() -> None:
    tap = target(id="tap/vnet3", kind="tap", guest=None, mac=None)
    assert isinstance(check.check(facts(boot_roms=Missing("absent", "")), tap), NotApplicable)


def test_what_is_off_is_switched_on() -> None:
    before = known(guest(OFF))
    planned = check.plan(finding(check, check.check(before, target())), before)
    assert isinstance(planned, Plan)
    assert planned.steps == (SwitchRomOn(domain=GUEST, mac=MAC, off=("enabled",)),)
    assert (planned.safety, planned.pending) == (Safety.RISKY, "")
    after, assumed = simulate(planned, before.host)
    assert not assumed
    assert not isinstance(check.check(Facts(host=after), target()), Broken)


def test_a_guest_that_runs_must_be_started_anew() -> None:
    before = known(guest(OFF, running=True))
    planned = check.plan(finding(check, check.check(before, target())), before)
    assert isinstance(planned, Plan)
    assert planned.pending == f"a full shutdown and start of {GUEST}"


@pytest.mark.parametrize(
    ("entry", "files"),
    [(guest(NAMED), (rom((EFI,)),)), (guest(OFF, persistent=False), ())],
    ids=["a file", "a transient guest"],
)
def test_without_a_plan(entry: Domain, files: tuple[BootRom, ...]) -> None:
    before = known(entry, *files)
    assert isinstance(check.plan(finding(check, check.check(before, target())), before), NoPlan)


def test_a_guest_that_has_gone_meanwhile() -> None:
    found = finding(check, outcome(guest(OFF)))
    assert isinstance(check.plan(found, facts(domains=())), NoPlan)
