"""ResumeGuest: what it asks for, what it does on the model, and its way back."""

from builders import GUEST, domain, host
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.guest_state import ResumeGuest
from pxedoctor.plans.request import Run
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse

STEP = ResumeGuest(domain=GUEST)
PAUSED = domain(running=True, state="paused", reason="user")
OTHER = domain(name="web02", running=True, state="paused", reason="user")


def test_it_is_resumed_and_nobody_else() -> None:
    after = STEP.simulate(host(domains=(PAUSED, OTHER)))
    assert isinstance(after, Host)
    assert isinstance(after.domains, tuple)
    assert [(entry.name, entry.state) for entry in after.domains] == [(GUEST, "running"), ("web02", "paused")]


def test_of_guests_that_are_not_known_it_is_assumed() -> None:
    assert isinstance(STEP.simulate(host(domains=Missing("failed", "unreadable"))), Assumed)


def test_a_name_may_begin_with_a_dash() -> None:
    assert ResumeGuest(domain="-x").argv()[-1] == "--domain=-x"


def test_the_way_back_is_to_pause_it() -> None:
    undo = STEP.undo(host(domains=(PAUSED,)))
    assert isinstance(undo, Inverse)
    assert isinstance(undo.request, Run)
    assert undo.request.argv == ("virsh", "-c", "qemu:///system", "suspend", f"--domain={GUEST}")
    assert undo.request.only_if[-1] == GUEST, "one that was shut off, or paused, since is as it was"
    assert STEP.request() == Run(STEP.argv())
    assert STEP.safety is Safety.RISKY
    assert STEP.may_lose
