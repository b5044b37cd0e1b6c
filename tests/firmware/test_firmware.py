"""The founding causes with a real guest: QEMU, SeaBIOS and iPXE, which really gives up and then really boots.

Each test's first failing and first booting attempt are printed at the end of the run, in the guest's own words.
"""

import os
from collections.abc import Callable

import msgspec
import pytest

from pxedoctor.lab import loader
from pxedoctor.lab.case import Attempt, Case
from pxedoctor.lab.catalogue import decoys, faults, firmware
from pxedoctor.lab.runner import run_decoy, run_fault
from pxedoctor.lab.site import Site

pytestmark = pytest.mark.firmware

# iPXE's error of a boot without any configuration, and EDK2's (UefiPxeBcDxe, no answer in time).
GAVE_UP = ("ipxe.org/040ee119", "PXE-E18: Server response timeout")
# What a guest says once it has the file: the loader's own word, or EDK2's before it refuses what is no EFI program.
HAS_IT = (loader.WORD, "NBP file downloaded successfully")


def listening_to(case: Case, heard: list[Attempt]) -> Case:
    """The same case, its guest's words written down."""

    def attempt(site: Site) -> Attempt:
        heard.append(case.attempt(site))
        return heard[-1]

    return msgspec.structs.replace(case, attempt=attempt)


@pytest.mark.parametrize("case", firmware(faults()), ids=lambda case: case.name)
def test_a_real_guest_gives_up_and_then_boots(case: Case, record_property: Callable[[str, object], None]) -> None:
    assert os.geteuid() == 0, "the lab makes network namespaces: run the tests as root"
    record_property("fault", case.name)
    heard: list[Attempt] = []

    result = run_fault(listening_to(case, heard), print)

    assert result.ok, "\n".join(result.why_not)
    healthy, broken, repaired, undone = heard
    record_property("words", f"{case.name}, before the repair:\n{broken.said}")
    record_property("words", f"{case.name}, after it:\n{repaired.said}")
    for gave_up in (broken, undone):
        assert any(word in gave_up.said for word in GAVE_UP)
    for booted in (healthy, repaired):
        assert any(word in booted.said for word in HAS_IT)


@pytest.mark.parametrize("case", firmware(decoys()), ids=lambda case: case.name)
def test_a_real_guest_that_only_looks_ill_boots(case: Case, record_property: Callable[[str, object], None]) -> None:
    assert os.geteuid() == 0, "the lab makes network namespaces: run the tests as root"
    record_property("decoy", case.name)

    result = run_decoy(case, print)

    assert result.ok, "\n".join(result.why_not)
