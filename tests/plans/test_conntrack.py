"""Room for more connections: what it does, and back."""

from builders import host
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.conntrack import MAX, SetConntrackMax
from pxedoctor.plans.step import Assumed, Inverse, Nothing

STEP = SetConntrackMax(most=1_048_576)


def test_it_is_what_a_person_would_type() -> None:
    assert STEP.argv() == ("sysctl", "-w", "net.netfilter.nf_conntrack_max=1048576")
    assert STEP.describe() == "let the kernel track 1048576 connections (up to 419 MB)"


def test_done_and_taken_back() -> None:
    before = host(sysctls={MAX: "262144"})
    after = STEP.simulate(before)
    assert isinstance(after, Host)
    assert after.sysctls == {MAX: "1048576"}
    back = STEP.undo(before)
    assert isinstance(back, Inverse)
    assert back.argv == ("sysctl", "-w", "net.netfilter.nf_conntrack_max=262144")


def test_a_limit_that_could_not_be_read_is_not_put_back() -> None:
    before = host(sysctls=Missing("forbidden", "no"))
    assert isinstance(STEP.simulate(before), Assumed)
    assert isinstance(STEP.undo(before), Nothing)
