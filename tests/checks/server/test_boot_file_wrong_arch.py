"""boot-file-wrong-arch: the file on disk, or as a probe fetched it, and the firmware that is to run it."""

import pytest

from boot_hosts import LOADER, SCRIPT, UNDIONLY, efi, known, names, served, web01
from builders import finding, probed, with_probes
from pxedoctor.checks.server import boot_file_wrong_arch as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome, Unknown
from pxedoctor.model.boot_file import BootFile
from pxedoctor.model.observation import Probed, SeenFetch
from pxedoctor.plans.plan import NoPlan

X64, ARM64 = efi(), efi(0xAA64)


def bios(content: bytes) -> Outcome:
    return check.check(known(names(), served("boot.0", content)), web01("ipxe"))


def uefi(content: bytes) -> Outcome:
    return check.check(known(names(), served("boot.0", content), firmware="efi"), web01("ovmf"))


@pytest.mark.parametrize(
    "content", [X64, b"<html></html>", b"", b"hello, world\n"], ids=["EFI", "HTML", "empty", "text"]
)
def test_what_a_bios_cannot_run(content: bytes) -> None:
    found = bios(content)
    assert isinstance(found, Broken)
    assert found.certainty == "proven"
    assert found.evidence[0].origin == "/srv/tftp/boot.0"


@pytest.mark.parametrize("content", [LOADER, ARM64, SCRIPT], ids=["BIOS", "another machine", "a script of iPXE's"])
def test_what_uefi_cannot_run(content: bytes) -> None:
    assert isinstance(uefi(content), Broken)


@pytest.mark.parametrize("outcome", [bios(LOADER), bios(UNDIONLY), bios(SCRIPT), uefi(X64)])
def test_what_fits(outcome: Outcome) -> None:
    assert isinstance(outcome, Fine)


def test_bytes_that_tell_nothing() -> None:
    assert isinstance(bios(b"\x00\x01\x02\x03"), Unknown)


def test_a_file_that_could_not_be_read() -> None:
    file = BootFile(path="/srv/tftp/boot.0", real="/srv/tftp/boot.0", entries=served("boot.0", b"").entries, size=9)
    assert isinstance(check.check(known(names(), file), web01()), Unknown)


@pytest.mark.parametrize("boot", [("hd",), ("hd", "network")])
def test_a_guest_with_a_disk_before_it(boot: tuple[str, ...]) -> None:
    found = check.check(known(names(), served("boot.0", X64), boot=boot), web01())
    assert isinstance(found, Broken if "network" in boot else NotApplicable)
    assert not isinstance(found, Broken) or found.severity == "risk"


def fetched(first: bytes, profile: str = "ipxe", architecture: int | None = 0) -> Probed:
    url = "http://203.0.113.9/boot"
    fetch = SeenFetch(at=1, seconds=0.1, url=url, outcome="fetched", why="", received=len(first), first=first)
    return probed(profile=profile, architecture=architecture, fetch=True, fetches=(fetch,))


def test_a_file_of_another_host_as_a_probe_fetched_it() -> None:
    elsewhere = known(names("http://203.0.113.9/boot"))
    assert isinstance(check.check(elsewhere, web01()), NotApplicable)
    found = check.check(with_probes(elsewhere, fetched(X64)), web01())
    assert isinstance(found, Broken)
    assert "probe" in found.evidence[0].origin
    assert isinstance(check.check(with_probes(elsewhere, fetched(LOADER)), web01()), Fine)


def test_what_a_probe_fetched_counts_before_what_is_on_disk() -> None:
    facts = with_probes(known(names(), served("boot.0", X64)), fetched(LOADER))
    assert isinstance(check.check(facts, web01()), Fine)


def test_there_is_no_plan() -> None:
    facts = known(names(), served("boot.0", X64))
    assert isinstance(check.plan(finding(check, check.check(facts, web01())), facts), NoPlan)
