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

GAVE_UP = "ipxe.org/040ee119"


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
    assert GAVE_UP in broken.said
    assert GAVE_UP in undone.said
    assert loader.WORD in healthy.said
    assert loader.WORD in repaired.said


@pytest.mark.parametrize("case", firmware(decoys()), ids=lambda case: case.name)
def test_a_real_guest_that_only_looks_ill_boots(case: Case, record_property: Callable[[str, object], None]) -> None:
    assert os.geteuid() == 0, "the lab makes network namespaces: run the tests as root"
    record_property("decoy", case.name)

    result = run_decoy(case, print)

    assert result.ok, "\n".join(result.why_not)
