"""A local route taken away: what it does, and back."""

from builders import host
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.route import Route
from pxedoctor.plans.route import RemoveLocalRoute
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Nothing

STEP = RemoveLocalRoute(destination="192.0.2.0/24", device="lo", may_lose="What listens there.")
ANY = Route(family="inet", destination="192.0.2.0/24", device="lo", table="local", kind="local", protocol="boot")
OTHER = Route(family="inet", destination="192.0.2.0/24", device="lo", table="100", kind="local")


def test_it_is_what_a_person_would_type() -> None:
    assert " ".join(STEP.argv()) == "ip route del local 192.0.2.0/24 dev lo table local"
    assert STEP.safety is Safety.RISKY


def test_done_and_taken_back() -> None:
    before = host(routes=(ANY, OTHER))
    after = STEP.simulate(before)
    assert isinstance(after, Host)
    assert after.routes == (OTHER,)
    back = STEP.undo(before)
    assert isinstance(back, Inverse)
    assert " ".join(back.argv) == "ip route add local 192.0.2.0/24 dev lo table local proto boot"


def test_routes_that_are_not_there_or_could_not_be_read() -> None:
    assert isinstance(STEP.simulate(host(routes=Missing("failed", "no"))), Assumed)
    assert isinstance(STEP.undo(host(routes=(OTHER,))), Nothing)
