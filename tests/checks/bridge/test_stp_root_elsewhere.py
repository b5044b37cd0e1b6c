"""stp-root-elsewhere: the root's delay counts, and leaving its tree is never safe and sometimes not offered."""

import msgspec
import pytest

from builders import bridge, domain, facts, finding, link, nic, target
from pxedoctor.checks.bridge import bridge_forward_delay
from pxedoctor.checks.bridge import stp_root_elsewhere as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Unknown
from pxedoctor.model.bridge import Bridge, Port, PortState, Stp
from pxedoctor.model.fact import Missing, Unmodelled
from pxedoctor.model.host import Host
from pxedoctor.model.link import Link
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan, Plan, simulate
from pxedoctor.plans.safety import Safety

ROOT = "1000.5254000d0e02"
UPLINK = Port(name="eno1", state=PortState.FORWARDING, bpdus_received=12, number=1)


def behind(*others: Port, delay: float = 15.0, **changes: object) -> Bridge:
    """br0 with STP on, following ROOT, which it hears through its port number 1."""
    values: dict[str, object] = {
        "stp": Stp.KERNEL,
        "forward_delay": delay,
        "root_id": ROOT,
        "root_port": 1,
        "ports": (UPLINK, *others),
    }
    return bridge(**(values | changes))


def seen(follower: Bridge, *links: Link, **others: object) -> Facts:
    values: dict[str, object] = {"bridges": (follower,), "links": (link("eno1", kind=""), *links)}
    return facts(**(values | others))


def planned(host_facts: Facts) -> Plan | NoPlan:
    return check.plan(finding(check, check.check(host_facts, target())), host_facts)


def test_the_roots_fifteen_seconds_outlast_ipxe() -> None:
    outcome = check.check(seen(behind()), target("ipxe"))
    assert isinstance(outcome, Broken)
    assert outcome.severity == "broken"
    assert outcome.certainty == "proven"
    assert outcome.headline == (
        f"br0 follows the spanning tree root {ROOT}, whose forward delay of 15 s keeps a new port silent for 30 s; "
        "iPXE sends its last DISCOVER 7 s after its first."
    )


def test_evidence_names_the_root_its_port_and_that_a_delay_here_does_nothing() -> None:
    outcome = check.check(seen(behind()), target())
    assert isinstance(outcome, Broken)
    told = {(fact.origin, fact.value): fact.text for fact in outcome.evidence}
    assert ("/sys/class/net/br0/bridge/root_id", ROOT) in told
    assert "eno1" in told["/sys/class/net/br0/bridge/root_port", "1"]
    assert ("/sys/class/net/br0/bridge/forward_delay", "1500") in told
    assert "eno1" in told["ip -j link xstats type bridge_slave dev eno1 stp", ""]
    assert any("has no effect behind that root, and cannot be read" in text for text in told.values())


def test_a_root_port_whose_number_was_not_read_is_named_by_its_number() -> None:
    unread = msgspec.structs.replace(UPLINK, number=None)
    outcome = check.check(seen(behind(ports=(unread,))), target())
    assert isinstance(outcome, Broken)
    assert any("its port number 1" in fact.text for fact in outcome.evidence)


def test_a_short_delay_of_the_root_is_fine() -> None:
    assert isinstance(check.check(seen(behind(delay=2.0)), target("ipxe")), Fine)


def test_borderline_and_a_forwarding_port_are_risks() -> None:
    guest = Port(name="vnet0", state=PortState.FORWARDING, number=2)
    running = check.check(seen(behind(guest), link("vnet0")), target("ipxe", tap="vnet0", running=True))
    for outcome in (check.check(seen(behind()), target("ovmf")), running):
        assert isinstance(outcome, Broken)
        assert outcome.severity == "risk"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(behind(root_port=0), id="this bridge is the root: bridge-forward-delay's question"),
        pytest.param(behind(stp=Stp.OFF), id="STP off: the root port is only remembered"),
        pytest.param(behind(stp=Stp.USER), id="a program in user space runs STP"),
        pytest.param(bridge("br1"), id="the target's bridge does not exist"),
    ],
)
def test_not_applicable(other: Bridge) -> None:
    assert isinstance(check.check(seen(other), target()), NotApplicable)


@pytest.mark.parametrize("follower", [behind(), behind(root_port=0), behind(stp=Stp.OFF)])
def test_never_both_causes_on_one_bridge(follower: Bridge) -> None:
    outcomes = [one.check(seen(follower), target()) for one in (check, bridge_forward_delay)]
    assert sum(isinstance(outcome, Broken) for outcome in outcomes) == (follower.stp is Stp.KERNEL)


def test_a_bridge_that_was_not_understood_is_unknown() -> None:
    strange = Unmodelled(kind="bridge", name="br0", origin="/sys/class/net/br0/bridge", why="root_port is 'x'")
    outcome = check.check(Facts(host=Host(links=(), bridges=(), unmodelled=(strange,))), target())
    assert isinstance(outcome, Unknown)
    assert outcome.on_road


def test_plan_is_stp_off_risky_and_names_root_and_port() -> None:
    plan = planned(seen(behind()))
    assert isinstance(plan, Plan)
    assert plan.safety is Safety.RISKY
    assert [" ".join(step.argv()) for step in plan.steps] == ["ip link set dev br0 type bridge stp_state 0"]
    assert ROOT in plan.may_lose
    assert "eno1" in plan.may_lose
    assert "BPDU guard" in plan.may_lose


def test_plan_never_sets_a_delay_here() -> None:
    plan = planned(seen(behind()))
    assert isinstance(plan, Plan)
    assert all("forward_delay" not in step.argv() for step in plan.steps)


def test_other_ways_are_the_roots_delay_and_a_warm_reset() -> None:
    plan = planned(seen(behind()))
    assert isinstance(plan, Plan)
    assert any(ROOT in way and "shorter forward delay" in way for way in plan.other_ways)
    assert any("rebootTimeout" in way for way in plan.other_ways)


def test_plan_clears_the_finding_on_the_model() -> None:
    host_facts = seen(behind())
    plan = planned(host_facts)
    assert isinstance(plan, Plan)
    after, assumed = simulate(plan, host_facts.host)
    assert not assumed
    assert not isinstance(check.check(Facts(host=after), target()), Broken)


def test_a_guests_port_that_still_listens_is_released_but_the_uplink_never() -> None:
    starting = Port(name="vnet0", state=PortState.LISTENING, number=2)
    learning = msgspec.structs.replace(UPLINK, state=PortState.LEARNING)
    plan = planned(seen(behind(ports=(learning, starting)), link("vnet0")))
    assert isinstance(plan, Plan)
    assert [" ".join(step.argv()) for step in plan.steps[1:]] == ["bridge link set dev vnet0 state 3"]


TWO_NICS = domain(nic(), nic(mac="52:54:00:0d:0d:02", position=2))


@pytest.mark.parametrize(
    ("others", "changes", "reason"),
    [
        pytest.param((Port(name="eno2", state=PortState.BLOCKING),), {}, "eno2 is blocked", id="a loop is open now"),
        pytest.param((Port(name="eno2", state=PortState.FORWARDING),), {}, "eno1 and eno2 both", id="two uplinks"),
        pytest.param((), {"domains": (TWO_NICS,)}, "web01 has 2 NICs on br0", id="a guest with two NICs here"),
        pytest.param(
            (), {"domains": Missing("forbidden", "not root")}, "not known: not root", id="guests not readable"
        ),
    ],
)
def test_no_plan_where_a_loop_could_close(others: tuple[Port, ...], changes: dict[str, object], reason: str) -> None:
    plan = planned(seen(behind(*others), **changes))
    assert isinstance(plan, NoPlan)
    assert reason in plan.because
    assert "does nothing behind the root" in plan.because
    assert any("rebootTimeout" in way for way in plan.instead)


def test_two_taps_of_nobody_known_may_be_one_guests() -> None:
    strangers = tuple(Port(name=name, state=PortState.FORWARDING) for name in ("tap1", "tap2"))
    plan = planned(seen(behind(*strangers), link("tap1"), link("tap2")))
    assert isinstance(plan, NoPlan)
    assert "tap1 and tap2" in plan.because


def test_a_guest_that_is_the_root_can_be_kept_from_it() -> None:
    guest = Port(name="vnet0", state=PortState.FORWARDING, number=1)
    host_facts = facts(bridges=(behind(ports=(guest,)),), links=(link("vnet0"),))
    plan = planned(host_facts)
    assert isinstance(plan, Plan)
    assert "BPDU guard" not in plan.may_lose
    assert any("bridge link set dev vnet0 root_block on" in way for way in plan.other_ways)


def test_no_plan_once_the_root_is_gone() -> None:
    made = finding(check, check.check(seen(behind()), target()))
    assert isinstance(check.plan(made, seen(behind(root_port=0))), NoPlan)
