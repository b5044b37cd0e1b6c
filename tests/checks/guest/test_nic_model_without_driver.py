"""nic-model-without-driver: models that QEMU has a boot ROM for, models that it has none for, and others."""

import pytest

from builders import domain, facts, finding, nic, target
from pxedoctor.checks.guest import nic_model_without_driver as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome, Unknown
from pxedoctor.model.boot_rom import WITHOUT_ROM
from pxedoctor.model.libvirt import Domain, Nic
from pxedoctor.plans.plan import NoPlan


def outcome(plugged: Nic, **changes: object) -> Outcome:
    return check.check(facts(domains=(domain(plugged, **changes),)), target())


@pytest.mark.parametrize("firmware", ["bios", "efi"])
@pytest.mark.parametrize("model", WITHOUT_ROM)
def test_nobody_drives_it(model: str, firmware: str) -> None:
    found = outcome(nic(model=model), firmware=firmware, arch="x86_64")
    assert isinstance(found, Broken)
    assert (found.severity, found.certainty) == ("broken", "proven")
    assert found.evidence[0].value == model


def test_after_another_device_it_is_a_risk() -> None:
    found = outcome(nic(model="igb"), boot=("hd", "network"))
    assert isinstance(found, Broken)
    assert found.severity == "risk"


@pytest.mark.parametrize(
    "model",
    ["virtio", "virtio-non-transitional", "e1000", "e1000-82545em", "e1000e", "i82559er", "rtl8139", "vmxnet3"],
)
def test_qemu_has_a_rom_for_it(model: str) -> None:
    assert isinstance(outcome(nic(model=model)), Fine)


def test_ovmf_drives_virtio_without_a_rom() -> None:
    assert isinstance(outcome(nic(model="virtio", rom_off=("enabled",)), firmware="efi"), Fine)


@pytest.mark.parametrize("model", ["", "sungem", "netfront"])
def test_a_model_that_is_not_known_here(model: str) -> None:
    assert isinstance(outcome(nic(model=model)), Unknown)


@pytest.mark.parametrize(
    ("plugged", "changes"),
    [
        (nic(model="igb"), {"boot": ("hd",)}),
        (nic(model="igb", rom_file="/srv/igb.rom"), {}),
        (nic(model="igb", rom_off=("enabled",)), {}),
        (nic(model="igb", kind="hostdev"), {}),
        (nic(model="igb"), {"arch": "aarch64"}),
        (nic(model="igb"), {"loader": "/usr/lib/u-boot/qemu-x86_64/u-boot.rom"}),
    ],
    ids=["not in the order", "a ROM of a person's", "its ROM is off", "a NIC of the host's", "no PC", "U-Boot"],
)
def test_it_is_not_asked(plugged: Nic, changes: dict[str, object]) -> None:
    assert isinstance(outcome(plugged, **changes), NotApplicable)


def test_a_tap_of_nobodys() -> None:
    tap = target(id="tap/vnet3", kind="tap", guest=None, mac=None)
    assert isinstance(check.check(facts(), tap), NotApplicable)


def test_there_is_no_plan() -> None:
    entry: Domain = domain(nic(model="tulip"))
    planned = check.plan(finding(check, check.check(facts(domains=(entry,)), target())), facts(domains=(entry,)))
    assert isinstance(planned, NoPlan)
    assert "model=virtio" in planned.instead[0]
