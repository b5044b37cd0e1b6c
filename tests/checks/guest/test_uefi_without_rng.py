"""uefi-without-rng: the firmware's own file, the guest's devices and its processor."""

import pytest

from builders import GUEST, domain, facts, finding, nic, target
from pxedoctor.checks.guest import uefi_without_rng as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome, Unknown
from pxedoctor.model.fact import Missing
from pxedoctor.model.firmware_image import FirmwareImage, FirmwareImages
from pxedoctor.model.libvirt import Cpu, Domain
from pxedoctor.plans.guest_rng import AddRng
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.safety import Safety

LOADER = "/usr/share/OVMF/OVMF_CODE_4M.fd"
OLD = FirmwareImage(path=LOADER, needs_random=False, drivers=("VirtioRngDxe", "VirtioNetDxe", "UefiPxeBcDxe"))
# edk2-stable202405: nobody but virtio-rng gives random numbers.
FIRST = FirmwareImage(path=LOADER, needs_random=True, drivers=("VirtioRngDxe", "VirtioNetDxe", "UefiPxeBcDxe"))
NEW = FirmwareImage(path=LOADER, needs_random=True, drivers=("RngDxe", "VirtioRngDxe", "VirtioNetDxe", "UefiPxeBcDxe"))
DISK_FIRST = {"boot": ("hd", "network")}


DEFAULT = Cpu()


def guest(cpu: Cpu = DEFAULT, **changes: object) -> Domain:
    values: dict[str, object] = {"firmware": "efi", "arch": "x86_64", "loader": LOADER, "cpu": cpu, "hypervisor": "kvm"}
    return domain(**(values | changes))


def outcome(entry: Domain, image: FirmwareImage | None = NEW, rdrand: bool | None = True) -> Outcome:
    images = FirmwareImages(images=(image,) if image else (), host_rdrand=rdrand)
    return check.check(facts(domains=(entry,), firmware_images=images), target("ovmf"))


def custom(model: str, *features: tuple[str, str]) -> Cpu:
    return Cpu(mode="custom", model=model, match="exact", features=features)


@pytest.mark.parametrize(
    "cpu",
    [
        DEFAULT,
        custom("qemu64"),
        custom("SandyBridge-IBRS"),
        custom("x86-64-v3"),
        custom("EPYC-Rome", ("rdrand", "disable")),
        Cpu(mode="host-passthrough", features=(("rdrand", "forbid"),)),
    ],
    ids=lambda cpu: f"{cpu.model or cpu.mode or 'default'} {cpu.features}",
)
def test_nobody_gives_random_numbers(cpu: Cpu) -> None:
    found = outcome(guest(cpu))
    assert isinstance(found, Broken)
    assert (found.severity, found.certainty, found.subject) == ("broken", "proven", GUEST)
    assert found.evidence[0].origin == LOADER


def test_a_firmware_that_makes_no_use_of_the_processor() -> None:
    found = outcome(guest(Cpu(mode="host-passthrough")), FIRST)
    assert isinstance(found, Broken)
    assert "makes no use" in found.evidence[2].text


def test_a_host_without_rdrand() -> None:
    assert isinstance(outcome(guest(Cpu(mode="host-passthrough")), rdrand=False), Broken)


def test_after_another_device_it_is_a_risk() -> None:
    found = outcome(guest(**DISK_FIRST))
    assert isinstance(found, Broken)
    assert found.severity == "risk"


@pytest.mark.parametrize(
    "entry",
    [
        guest(rng=True),
        guest(custom("IvyBridge")),
        guest(custom("EPYC-Milan")),
        guest(custom("qemu64", ("rdrand", "require"))),
        guest(Cpu(mode="host-passthrough")),
        guest(Cpu(mode="host-model")),
    ],
    ids=["virtio-rng", "IvyBridge", "EPYC", "required", "as the host", "like the host"],
)
def test_somebody_gives_random_numbers(entry: Domain) -> None:
    assert isinstance(outcome(entry), Fine)


def test_an_older_firmware_needs_none() -> None:
    assert isinstance(outcome(guest(), OLD), Fine)


@pytest.mark.parametrize(
    ("entry", "image", "rdrand"),
    [
        (guest(), None, True),
        (guest(loader=""), NEW, True),
        (guest(custom("Zhaoxin")), NEW, True),
        (guest(Cpu(mode="host-passthrough")), NEW, None),
        (guest(Cpu(mode="host-model"), hypervisor="qemu"), NEW, True),
    ],
    ids=["not unpacked", "chosen by libvirt", "a processor not known", "a host not known", "an emulated one"],
)
def test_what_cannot_be_told(entry: Domain, image: FirmwareImage | None, rdrand: bool | None) -> None:
    assert isinstance(outcome(entry, image, rdrand), Unknown)


@pytest.mark.parametrize(
    "entry",
    [guest(firmware="bios"), guest(arch="aarch64"), guest(boot=("hd",))],
    ids=["BIOS", "arm64", "it boots from its disk"],
)
def test_it_is_not_asked(entry: Domain) -> None:
    assert isinstance(outcome(entry), NotApplicable)


def test_a_tap_of_nobodys() -> None:
    tap = target("ovmf", id="tap/vnet3", kind="tap", guest=None, mac=None)
    assert isinstance(check.check(facts(firmware_images=Missing("absent", "")), tap), NotApplicable)


def test_a_second_nic_that_is_not_in_the_order() -> None:
    second = nic(mac="52:54:00:0d:0d:02", position=2)
    entry = guest(nics=(nic(boot_order=1), second), boot=())
    other = target("ovmf", id=f"{GUEST}/{second.mac}", mac=second.mac)
    known = facts(domains=(entry,), firmware_images=FirmwareImages(images=(NEW,)))
    assert isinstance(check.check(known, other), NotApplicable)


def planned(entry: Domain) -> Plan | NoPlan:
    return check.plan(finding(check, outcome(entry)), facts(domains=(entry,)))


def test_the_plan_gives_it_a_device_which_waits_for_a_start_of_a_guest_that_runs() -> None:
    for running, pending in ((False, ""), (True, f"a full shutdown and start of {GUEST}")):
        found = planned(guest(running=running))
        assert isinstance(found, Plan)
        assert found.steps == (AddRng(domain=GUEST),)
        assert (found.safety, found.pending) == (Safety.RISKY, pending)
        assert "RDRAND" in found.other_ways[0]


def test_a_transient_guest_has_no_definition_to_edit() -> None:
    found = planned(guest(persistent=False))
    assert isinstance(found, NoPlan)
    assert "transient" in found.because
