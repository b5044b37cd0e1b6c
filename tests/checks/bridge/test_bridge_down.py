"""bridge-down: the administrative flag of the bridge, not its carrier."""

import msgspec
import pytest

from builders import bridge, facts, finding, link, network, port, target
from pxedoctor.checks.bridge import bridge_down as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable
from pxedoctor.model.bridge import Stp
from pxedoctor.model.fact import Missing
from pxedoctor.model.network_files import NetworkFile, NetworkFiles
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan, Plan, simulate
from pxedoctor.plans.safety import Safety


def seen(up: bool, *ports: str, stp: Stp = Stp.OFF, carrier: bool = True) -> Facts:
    """br0 with ports; a port called eno... is a physical one."""
    links = [link(name, kind="" if name.startswith("eno") else "tun", master="br0") for name in ports]
    here = bridge(stp=stp, ports=tuple(port(name) for name in ports))
    return facts(links=(link("br0", kind="bridge", up=up, carrier=carrier), *links), bridges=(here,))


def test_a_bridge_that_is_down_is_broken_and_proven() -> None:
    outcome = check.check(seen(False, "vnet0"), target())
    assert isinstance(outcome, Broken)
    assert (outcome.severity, outcome.certainty, outcome.scope, outcome.subject) == (
        "broken",
        "proven",
        "bridge",
        "br0",
    )
    assert outcome.headline == "br0 is down: no frame of any guest on it goes anywhere."
    assert "vnet0" in outcome.evidence[1].text


def test_a_bridge_without_carrier_is_up() -> None:
    assert isinstance(check.check(seen(True, carrier=False), target()), Fine)


@pytest.mark.parametrize("name", [None, "ovs0"])
def test_no_linux_bridge_no_question(name: str | None) -> None:
    assert isinstance(check.check(seen(False), target(bridge=name)), NotApplicable)


def test_bringing_it_up_is_safe_where_nothing_can_circle() -> None:
    host_facts = seen(False, "vnet0", "eno1")
    plan = check.plan(finding(check, check.check(host_facts, target())), host_facts)
    assert isinstance(plan, Plan)
    assert plan.safety is Safety.SAFE
    assert plan.steps[0].argv() == ("ip", "link", "set", "dev", "br0", "up")
    after, assumed = simulate(plan, host_facts.host)
    assert not assumed
    assert isinstance(check.check(Facts(host=after), target()), Fine)


@pytest.mark.parametrize(("stp", "safety"), [(Stp.OFF, Safety.RISKY), (Stp.KERNEL, Safety.SAFE)])
def test_two_ways_out_are_risky_where_nobody_runs_stp(stp: Stp, safety: Safety) -> None:
    host_facts = seen(False, "eno1", "eno2", stp=stp)
    plan = check.plan(finding(check, check.check(host_facts, target())), host_facts)
    assert isinstance(plan, Plan)
    assert plan.safety is safety
    assert ("eno1 and eno2" in plan.may_lose) is (safety is Safety.RISKY)


def test_guests_that_cannot_be_listed_may_close_a_loop() -> None:
    host_facts = facts(
        links=(link("br0", kind="bridge", up=False),), bridges=(bridge(),), domains=Missing("forbidden", "no")
    )
    plan = check.plan(finding(check, check.check(host_facts, target())), host_facts)
    assert isinstance(plan, Plan)
    assert plan.safety is Safety.RISKY


def test_no_plan_once_the_bridge_is_gone() -> None:
    made = finding(check, check.check(seen(False), target()))
    assert isinstance(check.plan(made, facts()), NoPlan)


def with_facts(of: Facts, **changes: object) -> Facts:
    return Facts(host=msgspec.structs.replace(of.host, **changes))


def test_for_good_in_the_file_that_makes_it() -> None:
    stanza = NetworkFile(path="/etc/network/interfaces", text="iface br0 inet manual\n  bridge_ports none\n")
    files = NetworkFiles(files=(stanza,), programs=("bridge-utils",))
    host_facts = with_facts(seen(False, "eno1", "eno2"), network_files=files)
    plan = check.plan(finding(check, check.check(host_facts, target())), host_facts)
    assert isinstance(plan, Plan)
    assert plan.steps[1].describe() == "for good: up at the start for br0 in /etc/network/interfaces (ifupdown)"
    assert plan.steps[1].safety is Safety.RISKY


def test_libvirts_own_bridge_comes_up_with_its_network() -> None:
    host_facts = with_facts(seen(False), networks=(network("lab", bridge="br0", autostart=False, persistent=True),))
    plan = check.plan(finding(check, check.check(host_facts, target())), host_facts)
    assert isinstance(plan, Plan)
    assert plan.steps[1].argv()[-2:] == ("net-autostart", "lab")
