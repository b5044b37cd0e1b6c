"""bridge-forward-delay: twice the delay against the client's patience, and what may be done about it."""

import pytest

from builders import bridge, facts, finding, link, network, port, target
from pxedoctor.checks.bridge import bridge_forward_delay as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Unknown
from pxedoctor.model.bridge import PortState, Stp
from pxedoctor.model.link import Link
from pxedoctor.plans.network import DefineForwardDelay
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.safety import Safety

SLOW = bridge(stp=Stp.KERNEL, forward_delay=15.0)


def test_fifteen_seconds_outlast_ipxe() -> None:
    outcome = check.check(facts(bridges=(SLOW,)), target("ipxe"))
    assert isinstance(outcome, Broken)
    assert outcome.severity == "broken"
    assert outcome.headline == "br0 keeps a new port silent for 30 s; iPXE sends its last DISCOVER 7 s after its first."


@pytest.mark.parametrize(
    ("stp", "delay", "client"),
    [
        pytest.param(Stp.OFF, 15.0, "ipxe", id="STP off: the delay is there and nobody waits for it"),
        pytest.param(Stp.KERNEL, 2.0, "ipxe", id="libvirt's delay='0' is 2 s to the kernel, 4 s of silence"),
        pytest.param(Stp.KERNEL, 15.0, "dhcpcd", id="a client that asks for ever"),
    ],
)
def test_fine(stp: Stp, delay: float, client: str) -> None:
    outcome = check.check(facts(bridges=(bridge(stp=stp, forward_delay=delay),)), target(client))
    assert isinstance(outcome, Fine)


def test_borderline_is_a_risk() -> None:
    """OVMF's fourth DISCOVER leaves at 28 s: whether it lands after 30 s depends on the head start."""
    outcome = check.check(facts(bridges=(SLOW,)), target("ovmf"))
    assert isinstance(outcome, Broken)
    assert outcome.severity == "risk"
    assert "borderline" in outcome.headline


def test_a_guest_whose_port_forwards_is_ill_only_at_its_next_cold_start() -> None:
    running = bridge(stp=Stp.KERNEL, forward_delay=15.0, ports=(port("vnet0"),))
    outcome = check.check(facts(bridges=(running,)), target("ipxe", tap="vnet0", running=True))
    assert isinstance(outcome, Broken)
    assert outcome.severity == "risk"
    assert "next cold start" in outcome.headline


def test_a_port_that_listens_is_ill_now() -> None:
    starting = bridge(stp=Stp.KERNEL, forward_delay=15.0, ports=(port("vnet0", PortState.LISTENING),))
    outcome = check.check(facts(bridges=(starting,)), target("ipxe", tap="vnet0", running=True))
    assert isinstance(outcome, Broken)
    assert outcome.severity == "broken"


def test_an_unknown_client_is_compared_with_the_least_patient() -> None:
    outcome = check.check(facts(bridges=(SLOW,)), target(None))
    assert isinstance(outcome, Broken)
    assert outcome.severity == "risk"
    assert "not known" in outcome.headline


def test_user_space_stp_is_unknown() -> None:
    outcome = check.check(facts(bridges=(bridge(stp=Stp.USER),)), target())
    assert isinstance(outcome, Unknown)
    assert outcome.on_road


@pytest.mark.parametrize("bridges", [(), (bridge(stp=Stp.KERNEL, root_port=1),)], ids=["no bridge", "foreign root"])
def test_not_applicable(bridges: tuple[object, ...]) -> None:
    assert isinstance(check.check(facts(bridges=bridges), target()), NotApplicable)


def _plan(uplink: Link | None, bpdus: int | None, **others: object) -> Plan | NoPlan:
    ports = (port("eno1", bpdus=bpdus),) if uplink else ()
    host_facts = facts(bridges=(bridge(stp=Stp.KERNEL, ports=ports),), links=(uplink,) if uplink else (), **others)
    return check.plan(finding(check, check.check(host_facts, target())), host_facts)


def test_plan_is_safe_where_only_guests_are_plugged_in() -> None:
    plan = _plan(None, None)
    assert isinstance(plan, Plan)
    assert plan.safety is Safety.SAFE
    assert [" ".join(step.argv()) for step in plan.steps] == ["ip link set dev br0 type bridge forward_delay 200"]


@pytest.mark.parametrize(
    ("bpdus", "safety"),
    [
        pytest.param(0, Safety.SAFE, id="no switch was ever heard"),
        pytest.param(12, Safety.RISKY, id="a switch takes part in the tree"),
        pytest.param(None, Safety.RISKY, id="a kernel that does not count proves nothing"),
    ],
)
def test_plan_beside_an_uplink(bpdus: int | None, safety: Safety) -> None:
    plan = _plan(link("eno1", kind=""), bpdus)
    assert isinstance(plan, Plan)
    assert plan.safety is safety


def test_a_libvirt_network_is_mended_for_good_too() -> None:
    plan = _plan(None, None, networks=(network(bridge="br0"),))
    assert isinstance(plan, Plan)
    assert isinstance(plan.steps[1], DefineForwardDelay)
