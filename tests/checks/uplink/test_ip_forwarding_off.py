"""ip-forwarding-off: somebody turned routing off after libvirt had turned it on."""

import pytest

from boots import ON_DEFAULT, from_outside, on_libvirt
from builders import finding, network
from pxedoctor.checks.uplink import ip_forwarding_off as check
from pxedoctor.findings.outcome import Broken, Fine, Hop, NotApplicable, Unknown
from pxedoctor.model.fact import Missing
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan, Plan, simulate
from pxedoctor.plans.safety import Safety

VIRBR0, WAN0 = "net/ipv4/conf/virbr0/forwarding", "net/ipv4/conf/wan0/forwarding"
URL = "http://203.0.113.9/boot.efi"


def routed(virbr0: str = "1", wan0: str = "1", whole: str = "1", **others: object) -> Facts:
    sysctls = {VIRBR0: virbr0, WAN0: wan0, "net/ipv4/ip_forward": whole}
    return from_outside(boot_file=URL, **({"sysctls": sysctls} | others))


def broken(known: Facts) -> Broken:
    outcome = check.check(known, ON_DEFAULT)
    assert isinstance(outcome, Broken), outcome
    return outcome


def test_nothing_is_routed_any_more() -> None:
    outcome = broken(routed("0", "0", "0"))
    assert outcome.headline == (
        "This host does not route what comes in from virbr0: the guests of default do not reach their boot server "
        "203.0.113.9."
    )
    assert (outcome.severity, outcome.hop, outcome.scope, outcome.subject) == (
        "broken",
        Hop.ROUTE,
        "network",
        "default",
    )
    assert [entry.origin for entry in outcome.evidence[1:]] == [
        f"/proc/sys/{VIRBR0}",
        f"/proc/sys/{WAN0}",
        "/proc/sys/net/ipv4/ip_forward",
    ]


def test_only_the_way_back_is_off() -> None:
    outcome = broken(routed(wan0="0"))
    assert "does not route what comes back through wan0" in outcome.headline
    assert [entry.origin for entry in outcome.evidence[1:]] == [f"/proc/sys/{WAN0}"]


def test_guests_that_boot_from_this_host_are_only_cut_off_from_others() -> None:
    outcome = broken(on_libvirt(sysctls={VIRBR0: "0"}))
    assert outcome.severity == "risk"
    assert outcome.headline.endswith("the guests of default do not reach others.")


def test_a_host_that_routes_is_fine() -> None:
    assert isinstance(check.check(routed(), ON_DEFAULT), Fine)


def test_a_switch_that_could_not_be_read() -> None:
    outcome = check.check(routed(sysctls={VIRBR0: "1"}), ON_DEFAULT)
    assert isinstance(outcome, Unknown)
    assert "wan0" in outcome.missing


@pytest.mark.parametrize("changes", [{"forward": ""}, {"forward": "bridge"}, {"active": False}, {"subnets": ()}])
def test_networks_that_route_nothing(changes: dict[str, object]) -> None:
    known = on_libvirt(networks=(network(**changes),), sysctls={VIRBR0: "0"})
    assert isinstance(check.check(known, ON_DEFAULT), NotApplicable)


def test_a_bridge_of_no_network() -> None:
    assert isinstance(check.check(on_libvirt(networks=()), ON_DEFAULT), NotApplicable)


def test_the_plan_turns_on_what_is_on_the_way_and_nothing_else() -> None:
    known = routed("0", "0", "0")
    plan = check.plan(finding(check, broken(known), ON_DEFAULT), known)
    assert isinstance(plan, Plan)
    assert plan.safety is Safety.RISKY
    assert [step.argv() for step in plan.steps] == [
        ("sysctl", "-w", f"{VIRBR0}=1"),
        ("sysctl", "-w", f"{WAN0}=1"),
    ]
    after, assumed = simulate(plan, known.host)
    assert not assumed
    assert isinstance(check.check(Facts(host=after), ON_DEFAULT), Fine)


def test_no_plan_once_the_network_is_gone() -> None:
    known = routed("0")
    made = finding(check, broken(known), ON_DEFAULT)
    assert isinstance(check.plan(made, routed("0", networks=())), NoPlan)
    assert isinstance(check.plan(made, routed("0", networks=Missing("failed", "no"))), NoPlan)
