"""multicast-snooping-loses-member: a querier, and an uplink that has asked for nothing."""

import pytest

from builders import bridge, facts, finding, link, network, port, target
from pxedoctor.checks.bridge import multicast_snooping_loses_member as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome, Unknown
from pxedoctor.model.bridge import Snooping
from pxedoctor.model.fact import Missing
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan

UPLINK = link("eno1", kind="")


def snooped(snooping: Snooping | Missing | None, *uplinks: str, **others: object) -> Facts:
    ports = (port("vnet0"), *(port(name) for name in uplinks or ("eno1",)))
    values = {"bridges": (bridge(snooping=snooping, ports=ports),), "links": (link("vnet0"), UPLINK)}
    return facts(**(values | others))


def outcome(known: Facts) -> Outcome:
    return check.check(known, target())


@pytest.mark.parametrize("querier", ["br0", "vnet0"])
def test_what_nobody_out_there_has_asked_for_stays_here(querier: str) -> None:
    found = outcome(snooped(Snooping(querier=querier, members=("vnet0",))))
    assert isinstance(found, Broken)
    assert (found.severity, found.certainty) == ("risk", "likely")
    assert "from eno1" in found.headline
    assert found.evidence[1].value in {"1", "vnet0"}


@pytest.mark.parametrize(
    "snooping",
    [
        pytest.param(Snooping(querier=""), id="nobody queries, so it floods"),
        pytest.param(Snooping(querier="br0", members=("eno1",)), id="the uplink is a member or leads to a router"),
        pytest.param(Snooping(querier="eno1", members=()), id="the querier is out there"),
    ],
)
def test_it_leaves_the_bridge(snooping: Snooping) -> None:
    assert isinstance(outcome(snooped(snooping)), Fine)


def test_one_way_out_of_two_is_enough() -> None:
    assert isinstance(outcome(snooped(Snooping(querier="br0", members=("eno2",)), "eno1", "eno2")), Fine)


def test_where_it_cannot_be_told_it_is_not_guessed() -> None:
    old = Missing("absent", "this kernel does not tell")
    for snooping in (old, Snooping(querier="br0", members=None)):
        found = outcome(snooped(snooping))
        assert isinstance(found, Unknown)
        assert not found.on_road


def test_it_does_not_arise() -> None:
    lost = Snooping(querier="br0")
    assert isinstance(outcome(snooped(None)), NotApplicable)
    assert isinstance(outcome(snooped(lost, links=(link("vnet0"), link("eno1")))), NotApplicable)
    assert isinstance(outcome(snooped(lost, networks=(network(bridge="br0"),))), NotApplicable)
    assert isinstance(check.check(snooped(lost), target(bridge=None)), NotApplicable)


def test_the_ways_out_are_for_a_person() -> None:
    known = snooped(Snooping(querier="br0"))
    plan = check.plan(finding(check, outcome(known)), known)
    assert isinstance(plan, NoPlan)
    assert "ip link set dev eno1 type bridge_slave mcast_router 2" in plan.instead[1]
