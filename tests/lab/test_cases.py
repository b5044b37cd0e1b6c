"""Every fault and every decoy with a light guest, each on a sandboxed host of its own, judged by the runner."""

import os
from collections.abc import Callable

import pytest

from pxedoctor.lab.case import Case
from pxedoctor.lab.catalogue import decoys, faults, light
from pxedoctor.lab.runner import run_decoy, run_fault
from shares import shared

pytestmark = pytest.mark.lab


@pytest.fixture(autouse=True)
def _root() -> None:
    # Not a skip: a lab that did not run proves nothing.
    assert os.geteuid() == 0, "the lab makes network namespaces: run the tests as root"


@pytest.mark.parametrize("case", shared(light(faults())))
def test_fault(case: Case, record_property: Callable[[str, object], None]) -> None:
    record_property("fault", case.name)
    result = run_fault(case, print)
    assert result.ok, "\n".join(result.why_not)


@pytest.mark.parametrize("case", shared(light(decoys())))
def test_decoy(case: Case, record_property: Callable[[str, object], None]) -> None:
    record_property("decoy", case.name)
    result = run_decoy(case, print)
    assert result.ok, "\n".join(result.why_not)
