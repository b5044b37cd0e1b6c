"""Whether a guest does Secure Boot: its variables before its definition, and a firmware that cannot."""

import pytest

from builders import domain, host
from pxedoctor.model.fact import Missing
from pxedoctor.model.firmware_image import FirmwareImage, FirmwareImages, Variables
from pxedoctor.model.libvirt import Domain
from pxedoctor.road.secure_boot import secure_boot_of

CODE, VARS, TEMPLATE = "/usr/share/OVMF/CODE.fd", "/nvram/web01.fd", "/usr/share/OVMF/VARS.ms.fd"
CAN = FirmwareImage(path=CODE, needs_random=False, drivers=("SecureBootConfigDxe",))
CANNOT = FirmwareImage(path=CODE, needs_random=False, drivers=("UefiPxeBcDxe",))


def guest(told: bool | None = None) -> Domain:
    return domain(firmware="efi", loader=CODE, nvram=VARS, nvram_template=TEMPLATE, secure_boot=told)


def found(
    entry: Domain, *variables: Variables, image: FirmwareImage | None = CAN, absent: tuple[str, ...] = ()
) -> tuple[bool | None, bool]:
    images = FirmwareImages(images=(image,) if image else (), variables=variables, absent=absent)
    told = secure_boot_of(host(firmware_images=images), entry)
    return told.on, told.certain


@pytest.mark.parametrize("told", [None, True, False])
def test_the_variables_count_before_the_definition(told: bool | None) -> None:
    assert found(guest(told), Variables(path=VARS, keys=True)) == (True, True)
    assert found(guest(told), Variables(path=VARS, keys=False)) == (False, True)
    assert found(guest(told), Variables(path=VARS, keys=True, switched_off=True)) == (False, True)


def test_before_the_first_start_the_template_counts() -> None:
    assert found(guest(), Variables(path=TEMPLATE, keys=True), absent=(VARS,)) == (True, True)


def test_a_firmware_that_cannot() -> None:
    assert found(guest(True), Variables(path=VARS, keys=True), image=CANNOT) == (False, True)


def test_keys_in_front_of_a_firmware_that_was_not_looked_into() -> None:
    assert found(guest(), Variables(path=VARS, keys=True), image=None) == (True, False)
    assert found(guest(True), Variables(path=VARS, keys=True), image=None) == (True, True)


@pytest.mark.parametrize("told", [None, True, False])
def test_without_the_variables_the_definition_counts(told: bool | None) -> None:
    assert found(guest(told)) == (told, told is not None)
    unread = secure_boot_of(host(firmware_images=Missing("forbidden", "")), guest(told))
    assert unread.on is told


def test_a_bios() -> None:
    assert found(domain(secure_boot=False), Variables(path="", keys=True)) == (False, True)
