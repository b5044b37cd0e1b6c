"""Setting a device up: what it does, and its way back."""

from builders import host, link
from pxedoctor.model.fact import Missing
from pxedoctor.plans.link import SetLinkUp
from pxedoctor.plans.request import Run
from pxedoctor.plans.step import Assumed, Inverse, Nothing

STEP = SetLinkUp(device="eno1")


def test_whether_it_then_has_carrier_its_other_end_decides() -> None:
    down = host(links=(link("eno1", kind="", up=False, carrier=False),))
    assert isinstance(STEP.simulate(down), Assumed)
    assert STEP.request() == Run(("ip", "link", "set", "dev", "eno1", "up"))
    undo = STEP.undo(down)
    assert isinstance(undo, Inverse)
    assert undo.argv == ("ip", "link", "set", "dev", "eno1", "down")


def test_a_device_that_is_up_stays_as_it_is() -> None:
    up = host(links=(link("eno1", kind=""),))
    assert STEP.simulate(up) is up
    assert isinstance(STEP.undo(up), Nothing)


def test_what_was_not_seen_has_no_way_back() -> None:
    for there in (host(links=()), host(links=Missing("failed", "no"))):
        assert isinstance(STEP.undo(there), Nothing)
