"""Room for more connections: what it says and does, and back."""

from builders import host
from pxedoctor.plans.conntrack import MAX, track
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Inverse

STEP = track(1_048_576)


def test_it_is_what_a_person_would_type() -> None:
    assert STEP.argv() == ("sysctl", "-w", "net/netfilter/nf_conntrack_max=1048576")
    assert STEP.describe() == "let the kernel track 1048576 connections (up to 419 MB)"
    assert STEP.safety is Safety.SAFE


def test_taken_back() -> None:
    back = STEP.undo(host(sysctls={MAX: "262144"}))
    assert isinstance(back, Inverse)
    assert back.argv == ("sysctl", "-w", "net/netfilter/nf_conntrack_max=262144")
