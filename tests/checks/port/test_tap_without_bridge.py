"""tap-without-bridge: what the live XML says against the tap's master in the kernel."""

import pytest

from builders import GUEST, MAC, bridge, domain, facts, finding, link, network, nic, target
from pxedoctor.checks.port import tap_without_bridge as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome, Unknown
from pxedoctor.model.bridge import Stp
from pxedoctor.model.libvirt import Domain, Nic
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan, simulate
from pxedoctor.plans.safety import Safety

LIVE = "/run/libvirt/qemu/web01.xml"
RUNNING = target(tap="vnet0", running=True)


def running(*nics: Nic, name: str = GUEST) -> Domain:
    return domain(*(nics or (nic(tap="vnet0"),)), name=name, running=True, origin=LIVE)


def seen(master: str | None, *guests: Domain, **changes: object) -> Facts:
    """br0, made after the tap vnet0 of the running guest."""
    values: dict[str, object] = {
        "links": (link("vnet0", index=3, master=master), link("br0", kind="bridge", index=4)),
        "bridges": (bridge(),),
        "domains": guests or (running(),),
    }
    return facts(**(values | changes))


def broken(outcome: Outcome) -> Broken:
    assert isinstance(outcome, Broken), outcome
    return outcome


def planned(host_facts: Facts) -> Plan | NoPlan:
    return check.plan(finding(check, check.check(host_facts, RUNNING)), host_facts)


def test_a_tap_without_a_master_is_broken_and_proven() -> None:
    found = broken(check.check(seen(None), RUNNING))
    assert (found.severity, found.certainty, found.scope, found.subject) == ("broken", "proven", "bridge", "br0")
    assert found.headline == (
        "vnet0 of web01 is up and plugged into no bridge: what it sends reaches nobody. libvirt plugged it into br0."
    )


def test_evidence_names_the_xml_and_the_younger_bridge() -> None:
    told = {(fact.origin, fact.value) for fact in broken(check.check(seen(None), RUNNING)).evidence}
    assert (f"{LIVE}: devices/interface[1]", "br0") in told
    assert ("/sys/class/net/br0/ifindex", "4 > 3") in told


def test_a_tap_in_its_bridge_is_fine() -> None:
    assert isinstance(check.check(seen("br0"), RUNNING), Fine)


def test_the_networks_bridge_in_the_live_xml_counts() -> None:
    guest = running(nic(kind="network", source="default", bridge="br0", tap="vnet0"))
    moved = network("default", bridge="virbr9")
    assert isinstance(check.check(seen("br0", guest, networks=(moved,)), RUNNING), Fine)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(target(), id="the guest is off"),
        pytest.param(target(running=True), id="a NIC without a tap"),
        pytest.param(target(tap="vnet0", running=True, bridge=None), id="by design in no bridge"),
        pytest.param(target(kind="tap", tap="vnet0", guest=None), id="a tap that no guest of libvirt's has"),
        pytest.param(target(kind="bridge"), id="a bridge"),
    ],
)
def test_not_applicable(other: Target) -> None:
    assert isinstance(check.check(seen(None), other), NotApplicable)


@pytest.mark.parametrize("kind", ["direct", "user", "ethernet", "hostdev"])
def test_nics_that_are_in_no_bridge_by_design_are_nobodys_lost_taps(kind: str) -> None:
    guest = running(nic(kind=kind, source="eno1", tap="vnet0"))
    assert isinstance(check.check(seen(None, guest), target(tap="vnet0", running=True, bridge=None)), NotApplicable)
    assert isinstance(check.check(seen(None, guest), RUNNING), Unknown)


def test_a_tap_that_is_down_is_another_cause() -> None:
    down = (link("vnet0", up=False), link("br0", kind="bridge"))
    assert isinstance(check.check(seen(None, links=down), RUNNING), NotApplicable)


def test_a_tap_that_is_not_here_is_unknown() -> None:
    outcome = check.check(seen(None, links=()), RUNNING)
    assert isinstance(outcome, Unknown)
    assert outcome.on_road


def test_a_master_that_is_no_linux_bridge_is_unknown() -> None:
    outcome = check.check(seen("ovs-system"), RUNNING)
    assert isinstance(outcome, Unknown)
    assert "ovs-system" in outcome.missing


def test_another_bridge_is_likely_and_its_repair_risky() -> None:
    host_facts = seen("br1", bridges=(bridge(), bridge("br1")))
    found = broken(check.check(host_facts, RUNNING))
    assert (found.certainty, found.subject) == ("likely", "vnet0")
    assert found.headline == "vnet0 of web01 is plugged into br1, but libvirt plugged it into br0."
    plan = planned(host_facts)
    assert isinstance(plan, Plan)
    assert plan.safety is Safety.RISKY
    assert "on purpose" in plan.may_lose


def test_plan_plugs_it_back_and_clears_the_finding_on_the_model() -> None:
    host_facts = seen(None)
    plan = planned(host_facts)
    assert isinstance(plan, Plan)
    assert plan.safety is Safety.SAFE
    assert [" ".join(step.argv()) for step in plan.steps] == ["ip link set dev vnet0 master br0"]
    after, assumed = simulate(plan, host_facts.host)
    assert not assumed
    assert isinstance(check.check(Facts(host=after), RUNNING), Fine)


def test_one_plan_for_all_taps_that_one_bridge_has_lost() -> None:
    second = running(nic(mac="52:54:00:0d:0d:02", tap="vnet1"), name="web02")
    elsewhere = running(nic(mac="52:54:00:0d:0d:03", tap="vnet2", source="br1"), name="web03")
    kept = running(nic(mac="52:54:00:0d:0d:04", tap="vnet3"), name="web04")
    masters = {"vnet0": None, "vnet1": None, "vnet2": None, "vnet3": "br0"}
    links = (*(link(name, master=master) for name, master in masters.items()), link("br0", kind="bridge"))
    host_facts = seen(None, running(), second, elsewhere, kept, links=links)
    plan = planned(host_facts)
    assert isinstance(plan, Plan)
    assert [step.argv()[4] for step in plan.steps] == ["vnet0", "vnet1"]
    headline = broken(check.check(host_facts, RUNNING)).headline
    assert headline.startswith("vnet0 of web01, vnet1 of web02 are up and plugged into no bridge: what they send")


def test_with_stp_the_plan_says_how_long_the_port_stays_silent() -> None:
    plan = planned(seen(None, bridges=(bridge(stp=Stp.KERNEL, forward_delay=2.0),)))
    assert isinstance(plan, Plan)
    assert plan.steps[0].describe() == "plug vnet0 back into br0; STP lets it forward 4 s later"


def test_an_isolated_port_is_isolated_again() -> None:
    plan = planned(seen(None, running(nic(tap="vnet0", isolated=True))))
    assert isinstance(plan, Plan)
    assert [" ".join(step.argv()) for step in plan.steps][1:] == ["bridge link set dev vnet0 isolated on"]


@pytest.mark.parametrize(
    ("networks", "instead"),
    [((), "what makes br0 on this host"), ((network(bridge="br0"),), "virsh net-start default")],
)
def test_no_plan_without_the_bridge(networks: tuple[object, ...], instead: str) -> None:
    host_facts = seen(None, bridges=(), links=(link("vnet0"),), networks=networks)
    assert "br0, which does not exist" in broken(check.check(host_facts, RUNNING)).headline
    plan = planned(host_facts)
    assert isinstance(plan, NoPlan)
    assert plan.instead[0].startswith(instead)


def test_no_plan_once_all_taps_are_back() -> None:
    made = finding(check, check.check(seen(None), RUNNING))
    assert made.targets == (f"{GUEST}/{MAC}",)
    assert isinstance(check.plan(made, seen("br0")), NoPlan)
