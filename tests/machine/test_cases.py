"""Every fault and every decoy that needs another kernel, each in its own copy of a whole machine."""

from collections.abc import Callable

import pytest

from pxedoctor.lab.case import Case
from pxedoctor.lab.catalogue import decoys, faults, in_machines
from pxedoctor.lab.runner import run_decoy, run_fault

pytestmark = pytest.mark.machine


@pytest.mark.parametrize("case", in_machines(faults()), ids=lambda case: case.name)
def test_fault(case: Case, record_property: Callable[[str, object], None]) -> None:
    record_property("fault", case.name)
    result = run_fault(case, print)
    assert result.ok, "\n".join(result.why_not)


@pytest.mark.parametrize("case", in_machines(decoys()), ids=lambda case: case.name)
def test_decoy(case: Case, record_property: Callable[[str, object], None]) -> None:
    record_property("decoy", case.name)
    result = run_decoy(case, print)
    assert result.ok, "\n".join(result.why_not)
