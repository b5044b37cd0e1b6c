"""The founding causes with a real guest: QEMU, SeaBIOS and iPXE, which really gives up and then really boots.

Each test's first failing and first booting attempt are printed at the end of the run, in the guest's own words.
"""

import os
from collections.abc import Callable

import msgspec
import pytest

from pxedoctor.lab import loader
from pxedoctor.lab.case import Attempt, Breaks, Case
from pxedoctor.lab.catalogue import decoys, faults, firmware
from pxedoctor.lab.runner import run_decoy, run_fault
from pxedoctor.lab.site import Site
from shares import shared

pytestmark = pytest.mark.firmware

# iPXE's error of a boot without any configuration, and EDK2's (UefiPxeBcDxe, no answer in time).
GAVE_UP = ("ipxe.org/040ee119", "PXE-E18: Server response timeout")
# What a guest says once it has the file: the loader's own word, or EDK2's before it refuses what is no EFI program.
HAS_IT = (loader.WORD, "NBP file downloaded successfully")
# Those of which the firmware hears nothing at all; others give it a lease, or something that it cannot run.
NOBODY_ANSWERS = tuple(
    Breaks(name)
    for name in (
        "bridge-forward-delay",
        "dhcp-reply-masqueraded",
        "libvirt-rules-missing",
        "port-not-forwarding",
        "tap-without-bridge",
    )
)


def listening_to(case: Case, heard: list[Attempt]) -> Case:
    """The same case, its guest's words written down."""

    def attempt(site: Site) -> Attempt:
        heard.append(case.attempt(site))
        return heard[-1]

    return msgspec.structs.replace(case, attempt=attempt)


@pytest.mark.parametrize("case", shared(firmware(faults())))
def test_a_real_guest_gives_up_and_then_boots(case: Case, record_property: Callable[[str, object], None]) -> None:
    assert os.geteuid() == 0, "the lab makes network namespaces: run the tests as root"
    record_property("fault", case.name)
    heard: list[Attempt] = []

    result = run_fault(listening_to(case, heard), print)

    assert result.ok, "\n".join(result.why_not)
    healthy, broken, *later = heard
    record_property("words", f"{case.name}, broken:\n{broken.said}")
    assert (healthy.ok, broken.ok) == (True, False)
    if case.expect in NOBODY_ANSWERS:
        assert any(word in healthy.said for word in HAS_IT)
        assert any(word in broken.said for word in GAVE_UP)
    if case.mended:
        repaired, undone = later
        record_property("words", f"{case.name}, after the repair:\n{repaired.said}")
        assert (repaired.ok, undone.ok) == (True, False)


@pytest.mark.parametrize("case", shared(firmware(decoys())))
def test_a_real_guest_that_only_looks_ill_boots(case: Case, record_property: Callable[[str, object], None]) -> None:
    assert os.geteuid() == 0, "the lab makes network namespaces: run the tests as root"
    record_property("decoy", case.name)

    result = run_decoy(case, print)

    assert result.ok, "\n".join(result.why_not)
