"""What a guest's firmware boots, and in which order; and what it says of its architecture."""

import pytest

from builders import domain, facts, nic, target
from pxedoctor.road.netboot import Netboot, architecture_of, netboot_of

ORDERED = nic(boot_order=2)


@pytest.mark.parametrize(
    ("guest", "kind"),
    [
        (domain(boot=("network",)), Netboot.ALONE),
        (domain(boot=("network", "hd")), Netboot.FIRST),
        (domain(boot=("hd", "network")), Netboot.LATER),
        (domain(boot=("hd",)), Netboot.NEVER),
        (domain(nic(), nic(mac="52:54:00:0d:0d:02", position=2), boot=("network",)), Netboot.ALONE),
        (domain(ORDERED, boot=()), Netboot.ALONE),
        (domain(ORDERED, boot=(), other_boot_orders=(1,)), Netboot.LATER),
        (domain(ORDERED, boot=(), other_boot_orders=(3,)), Netboot.FIRST),
        (domain(ORDERED, nic(mac="52:54:00:0d:0d:02", boot_order=1), boot=()), Netboot.LATER),
    ],
)
def test_what_it_boots(guest: object, kind: Netboot) -> None:
    assert netboot_of(facts(domains=(guest,)).host, target()) is kind


def test_only_firmware_boots() -> None:
    host = facts(domains=(domain(),)).host
    assert netboot_of(host, target("dhclient")) is Netboot.NEVER
    assert netboot_of(host, target(None)) is Netboot.NEVER


def test_a_tap_of_nobodys_boots_as_the_person_says() -> None:
    tap = target("ipxe", id="tap/vnet3", kind="tap", guest=None, mac=None)
    assert netboot_of(facts().host, tap) is Netboot.ALONE


@pytest.mark.parametrize(
    ("client", "arch", "number"),
    [
        ("ipxe", "x86_64", 0),
        ("ovmf", "x86_64", 7),
        ("ovmf", "", 7),
        ("ovmf", "aarch64", 11),
        ("ovmf-http", "x86_64", 16),
        ("ovmf", "mips", None),
        ("u-boot", "aarch64", None),
        ("dhclient", "x86_64", None),
    ],
)
def test_its_architecture(client: str, arch: str, number: int | None) -> None:
    assert architecture_of(facts(domains=(domain(arch=arch),)).host, target(client)) == number
