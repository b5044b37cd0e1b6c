"""Room for neighbours: three thresholds, each with its way back."""

import pytest

from builders import host
from pxedoctor.plans.neighbours import room, threshold
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Inverse


@pytest.mark.parametrize(("number", "before", "after"), [(1, "128", 512), (2, "512", 2048), (3, "1024", 4096)])
def test_each_threshold_is_raised_and_taken_back(number: int, before: str, after: int) -> None:
    name = threshold("ipv4", number)
    step = room("ipv4", number, after)
    assert step.argv() == ("sysctl", "-w", f"net/ipv4/neigh/default/gc_thresh{number}={after}")
    assert step.safety is Safety.SAFE
    undo = step.undo(host(sysctls={name: before}))
    assert isinstance(undo, Inverse)
    assert undo.argv == ("sysctl", "-w", f"{name}={before}")


def test_it_says_what_it_costs() -> None:
    assert room("ipv6", 3, 4096).describe() == "let the kernel know 4096 neighbours, up to 2097 kB (ipv6)"
