"""tap-has-guest-mac: said only where the server is behind another port."""

import pytest

from builders import MAC, bridge, domain, facts, finding, link, nic, port, target
from pxedoctor.checks.port import tap_has_guest_mac as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable
from pxedoctor.model.link import Address
from pxedoctor.model.process import Process
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan, simulate
from pxedoctor.plans.safety import Safety

RUNNING = target(tap="vnet0", running=True)
OTHERS = "52:54:00:aa:00:01"
HERE = Process(
    pid=7, parent=1, state="S", name="dnsmasq", command="dnsmasq --interface=br0 --dhcp-range=10.0.0.2,10.0.0.9"
)


def seen(tap: str = MAC.upper(), br0: str = OTHERS, ports: tuple[str, ...] = ("eno1",), **more: object) -> Facts:
    own = (Address(family="inet", address="10.0.0.1", prefix=24),)
    links = (
        link("br0", kind="bridge", mac=br0, addresses=own),
        link("vnet0", mac=tap, master="br0"),
        *(link(name, kind="", mac="52:54:00:aa:00:02", master="br0") for name in ports),
    )
    made = bridge(ports=tuple(port(name) for name in ("vnet0", *ports)))
    values: dict[str, object] = {
        "links": links,
        "bridges": (made,),
        "domains": (domain(nic(tap="vnet0"), running=True),),
        "processes": (),
    }
    return facts(**(values | more))


def planned(host_facts: Facts) -> Plan | NoPlan:
    return check.plan(finding(check, check.check(host_facts, RUNNING), RUNNING), host_facts)


def test_a_server_behind_another_port_does_not_reach_it() -> None:
    found = check.check(seen(), RUNNING)
    assert isinstance(found, Broken)
    assert (found.severity, found.certainty, found.subject) == ("broken", "proven", "vnet0")
    assert found.headline == (
        f"vnet0 has the MAC of the guest behind it, {MAC.upper()}: answers from outside end at this host."
    )
    assert found.evidence[-1].value == "eno1"


def test_where_nobody_knows_who_serves_it_is_a_risk() -> None:
    found = check.check(seen(ports=()), RUNNING)
    assert isinstance(found, Broken)
    assert found.severity == "risk"


@pytest.mark.parametrize(
    "host_facts",
    [
        pytest.param(seen(tap=f"fe{MAC[2:]}"), id="as libvirt makes it"),
        pytest.param(seen(processes=(HERE,)), id="a server of this host reaches it"),
    ],
)
def test_fine(host_facts: Facts) -> None:
    assert isinstance(check.check(host_facts, RUNNING), Fine)


@pytest.mark.parametrize(
    "of",
    [
        pytest.param(target(), id="off: its tap is still to be made"),
        pytest.param(target(tap="vnet0", kind="tap", guest=None, mac=None), id="whose MAC is not known"),
        pytest.param(target(tap="vnet0", running=True, bridge=None), id="in no bridge"),
    ],
)
def test_not_applicable(of: Target) -> None:
    assert isinstance(check.check(seen(), of), NotApplicable)


def test_the_tap_gets_the_mac_that_libvirt_would_give_it() -> None:
    plan = planned(seen())
    assert isinstance(plan, Plan)
    assert plan.safety is Safety.SAFE
    assert [" ".join(step.argv()) for step in plan.steps] == ["ip link set dev vnet0 address fe:54:00:0d:0d:01"]
    after, assumed = simulate(plan, seen().host)
    assert not assumed
    assert isinstance(check.check(Facts(host=after), RUNNING), Fine)


def test_a_bridge_that_took_the_mac_makes_it_risky() -> None:
    plan = planned(seen(br0=MAC))
    assert isinstance(plan, Plan)
    assert plan.safety is Safety.RISKY
    assert "br0 has the same MAC" in plan.may_lose


def test_no_plan_once_the_tap_is_gone() -> None:
    made = finding(check, check.check(seen(), RUNNING), RUNNING)
    assert isinstance(check.plan(made, facts()), NoPlan)
