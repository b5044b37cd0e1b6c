"""secure-boot-refuses-loader: what the variables say, and whether the boot file has a signature."""

import msgspec
import pytest

from boot_hosts import LOADER, efi, known, names, served, web01
from builders import facts, finding, probed, target, with_probes
from pxedoctor.checks.guest import secure_boot_refuses_loader as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome, Unknown
from pxedoctor.model.firmware_image import FirmwareImage, FirmwareImages, Variables
from pxedoctor.model.observation import SeenFetch
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan

CODE, VARS = "/usr/share/OVMF/CODE.fd", "/nvram/web01.fd"
CAN = FirmwareImage(path=CODE, needs_random=False, drivers=("SecureBootConfigDxe",))
ENROLLED = FirmwareImages(images=(CAN,), variables=(Variables(path=VARS, keys=True),))
EMPTY = FirmwareImages(images=(CAN,), variables=(Variables(path=VARS, keys=False),))
CLOSED = FirmwareImages()
UNSIGNED = efi()


def signed() -> bytes:
    """The same header with 16 directories, the fifth of which, the certificate table, has a place and a size."""
    content = bytearray(UNSIGNED)
    optional = 0x98
    content[optional + 108 : optional + 112] = (16).to_bytes(4, "little")
    content[optional + 144 : optional + 152] = (0x1000).to_bytes(4, "little") + (0x800).to_bytes(4, "little")
    return bytes(content)


def host(images: FirmwareImages, content: bytes = UNSIGNED, **guest: object) -> Facts:
    values: dict[str, object] = {"firmware": "efi", "loader": CODE, "nvram": VARS}
    there = known(names(), served("boot.0", content), **(values | guest))
    return msgspec.structs.replace(there, host=msgspec.structs.replace(there.host, firmware_images=images))


def outcome(images: FirmwareImages, content: bytes = UNSIGNED, **guest: object) -> Outcome:
    return check.check(host(images, content, **guest), web01("ovmf"))


def test_keys_and_a_file_that_is_not_signed() -> None:
    found = outcome(ENROLLED)
    assert isinstance(found, Broken)
    assert (found.severity, found.certainty) == ("broken", "proven")
    assert [entry.origin for entry in found.evidence] == [VARS, "/srv/tftp/boot.0"]


def test_the_definition_alone_tells() -> None:
    found = outcome(CLOSED, secure_boot=True)
    assert isinstance(found, Broken)
    assert found.certainty == "proven"


def test_keys_in_front_of_a_firmware_that_was_not_looked_into() -> None:
    found = outcome(FirmwareImages(variables=ENROLLED.variables))
    assert isinstance(found, Broken)
    assert found.certainty == "likely"


def test_after_another_device_it_is_a_risk() -> None:
    found = outcome(ENROLLED, boot=("hd", "network"))
    assert isinstance(found, Broken)
    assert found.severity == "risk"


def test_as_a_probe_fetched_it() -> None:
    url = "http://203.0.113.9/boot"
    fetch = SeenFetch(at=1, seconds=0.1, url=url, outcome="fetched", why="", received=512, first=UNSIGNED)
    seen = with_probes(host(ENROLLED, signed()), probed(profile="ovmf", architecture=7, fetch=True, fetches=(fetch,)))
    assert isinstance(check.check(seen, web01("ovmf")), Broken)


@pytest.mark.parametrize("content", [UNSIGNED, signed()], ids=["not signed", "signed"])
def test_without_keys_anything_runs(content: bytes) -> None:
    assert isinstance(outcome(EMPTY, content, secure_boot=True), Fine)


@pytest.mark.parametrize(
    ("images", "content"),
    [(ENROLLED, signed()), (CLOSED, UNSIGNED), (CLOSED, signed())],
    ids=["who signed it", "whether it does it", "neither"],
)
def test_what_cannot_be_told(images: FirmwareImages, content: bytes) -> None:
    found = outcome(images, content)
    assert isinstance(found, Unknown)
    assert not found.on_road


def test_a_bios_and_another_file() -> None:
    assert isinstance(outcome(ENROLLED, firmware="bios"), NotApplicable)
    assert isinstance(outcome(ENROLLED, LOADER), NotApplicable)


def test_a_tap_of_nobodys() -> None:
    tap = target("ovmf", id="tap/vnet3", kind="tap", guest=None, mac=None)
    assert isinstance(check.check(facts(), tap), NotApplicable)


def test_there_is_no_plan() -> None:
    planned = check.plan(finding(check, outcome(ENROLLED)), host(ENROLLED))
    assert isinstance(planned, NoPlan)
    assert "shim" in planned.instead[0]
