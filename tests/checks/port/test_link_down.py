"""link-down: <link state='down'/>, and taps that are down or held by nobody."""

import pytest

from builders import MAC, TARGET, bridge, domain, facts, finding, link, nic, target
from pxedoctor.checks.port import link_down as check
from pxedoctor.findings.outcome import Broken, Fine, Hop, NotApplicable, Outcome
from pxedoctor.model.libvirt import Domain
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan, simulate
from pxedoctor.plans.safety import Safety
from pxedoctor.road.exchange import roads
from pxedoctor.road.hop import Fate

RUNNING = target(tap="vnet0", running=True)
UNPLUGGED = domain(nic(link_up=False))


def running(link_up: bool = True, defined_up: bool = True) -> Domain:
    return domain(nic(tap="vnet0", link_up=link_up), running=True, defined_nics=(nic(link_up=defined_up),))


def seen(guest: Domain = UNPLUGGED, **tap: object) -> Facts:
    links = (link("vnet0", master="br0", **tap), link("br0", kind="bridge"))
    return facts(domains=(guest,), links=links, bridges=(bridge(),))


def broken(outcome: Outcome) -> Broken:
    assert isinstance(outcome, Broken), outcome
    return outcome


def planned(host_facts: Facts, of: Target) -> Plan | NoPlan:
    return check.plan(finding(check, check.check(host_facts, of), of), host_facts)


def test_a_definition_with_the_link_down_is_broken() -> None:
    found = broken(check.check(seen(), target()))
    assert (found.subject, found.hop, found.severity, found.certainty) == (TARGET, Hop.NIC, "broken", "proven")
    assert found.headline == (
        f"The cable of web01 is out: libvirt holds the link of NIC {MAC} down, and its next start keeps it so."
    )
    assert found.evidence[0].origin == "/etc/libvirt/qemu/web01.xml: devices/interface[1]/link/@state"


def test_its_road_ends_at_the_nic() -> None:
    road = roads(seen(), target())[0]
    assert road.fate is Fate.DROP
    assert road.hops[-1].hop is Hop.NIC


def test_the_cable_is_plugged_in_on_the_model() -> None:
    plan = planned(seen(), target())
    assert isinstance(plan, Plan)
    assert plan.safety is Safety.RISKY
    assert "unplugged" in plan.may_lose
    assert [" ".join(step.argv()[3:]) for step in plan.steps] == [f"domif-setlink web01 {MAC} up --config"]
    after, assumed = simulate(plan, seen().host)
    assert not assumed
    assert isinstance(check.check(Facts(host=after), target()), Fine)


@pytest.mark.parametrize(("defined_up", "steps"), [(True, ["up"]), (False, ["up", "--config"])])
def test_a_running_guest_is_mended_now_and_where_its_definition_says_so_for_good(
    defined_up: bool, steps: list[str]
) -> None:
    host_facts = seen(running(link_up=False, defined_up=defined_up))
    found = broken(check.check(host_facts, RUNNING))
    assert found.headline == f"The cable of web01 is out: libvirt holds the link of NIC {MAC} down."
    plan = planned(host_facts, RUNNING)
    assert isinstance(plan, Plan)
    assert [step.argv()[-1] for step in plan.steps] == steps
    after, _ = simulate(plan, host_facts.host)
    assert isinstance(check.check(Facts(host=after), RUNNING), Fine)


def test_a_tap_that_is_down_is_set_up() -> None:
    host_facts = seen(running(), up=False, carrier=False)
    found = broken(check.check(host_facts, RUNNING))
    assert (found.subject, found.hop) == ("vnet0", Hop.TAP)
    assert found.headline == "vnet0, the tap of web01, is down: no frame of this guest goes anywhere."
    plan = planned(host_facts, RUNNING)
    assert isinstance(plan, Plan)
    assert plan.safety is Safety.SAFE
    assert [" ".join(step.argv()) for step in plan.steps] == ["ip link set dev vnet0 up"]


def test_with_two_nics_on_a_bridge_without_stp_that_is_risky() -> None:
    guest = domain(nic(tap="vnet0"), nic(mac="52:54:00:0d:0d:02", tap="vnet1"), running=True)
    plan = planned(seen(guest, up=False, carrier=False), RUNNING)
    assert isinstance(plan, Plan)
    assert plan.safety is Safety.RISKY
    assert "web01 has 2 NICs on br0" in plan.may_lose


def test_a_tap_that_nobody_holds_open_has_no_plan() -> None:
    host_facts = seen(running(), carrier=False)
    assert "has no carrier" in broken(check.check(host_facts, RUNNING)).headline
    plan = planned(host_facts, RUNNING)
    assert isinstance(plan, NoPlan)
    assert "full shutdown" in plan.instead[0]


@pytest.mark.parametrize(
    ("host_facts", "of"),
    [
        pytest.param(seen(domain()), target(), id="off, the cable is in"),
        pytest.param(seen(running()), RUNNING, id="runs, and its tap is up"),
        pytest.param(seen(running(defined_up=False)), RUNNING, id="only the definition is changed"),
        pytest.param(facts(domains=(running(),)), RUNNING, id="the tap is in another namespace"),
        pytest.param(
            facts(domains=(running(),), links=(link("vnet0", kind="macvtap", carrier=False),)),
            RUNNING,
            id="a macvtap's carrier is that of the device below",
        ),
    ],
)
def test_fine(host_facts: Facts, of: Target) -> None:
    assert isinstance(check.check(host_facts, of), Fine)


def test_a_tap_that_no_guest_of_libvirts_has_is_another_question() -> None:
    other = target(kind="tap", guest=None, mac=None, tap="vnet0")
    assert isinstance(check.check(seen(), other), NotApplicable)


def test_no_plan_once_the_guest_is_gone() -> None:
    made = finding(check, check.check(seen(), target()))
    assert isinstance(check.plan(made, facts()), NoPlan)
