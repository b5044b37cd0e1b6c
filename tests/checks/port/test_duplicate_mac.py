"""duplicate-mac: a guest with the MAC of a device of its bridge, and two that run with one."""

import pytest

from builders import MAC, bridge, domain, facts, finding, link, nic, port, target
from pxedoctor.checks.port import duplicate_mac as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome
from pxedoctor.model.libvirt import Domain
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan

RUNNING = target(tap="vnet0", running=True)
OTHERS = "52:54:00:aa:00:01"


def seen(*guests: Domain, br0: str = OTHERS, eno1: str = "52:54:00:aa:00:02", vnet0: str = OTHERS) -> Facts:
    links = (
        link("br0", kind="bridge", mac=br0),
        link("eno1", kind="", mac=eno1, master="br0"),
        link("vnet0", mac=vnet0, master="br0"),
    )
    ports = (port("eno1"), port("vnet0"))
    return facts(domains=guests or (domain(),), links=links, bridges=(bridge(ports=ports),))


def broken(outcome: Outcome) -> Broken:
    assert isinstance(outcome, Broken), outcome
    return outcome


@pytest.mark.parametrize(
    ("host_facts", "what", "device"),
    [(seen(br0=MAC), "the bridge itself", "br0"), (seen(eno1=MAC.upper()), "eno1, a port of br0", "eno1")],
)
def test_a_guest_with_the_mac_of_a_device_of_its_bridge_is_broken(host_facts: Facts, what: str, device: str) -> None:
    found = broken(check.check(host_facts, target()))
    assert (found.severity, found.certainty, found.subject) == ("broken", "proven", MAC)
    assert f"web01 has the MAC of {what}" in found.headline
    assert [evidence.origin for evidence in found.evidence] == [
        "/etc/libvirt/qemu/web01.xml: devices/interface[1]/mac",
        f"ip -j -d -s -s address show: {device}, address",
    ]


def test_the_guests_own_tap_is_another_cause() -> None:
    assert isinstance(check.check(seen(vnet0=MAC), RUNNING), Fine)


def test_two_guests_that_run_with_one_mac_are_a_risk() -> None:
    twins = (domain(running=True), domain(name="app01", running=True))
    found = broken(check.check(seen(*twins), RUNNING))
    assert (found.severity, found.scope) == ("risk", "bridge")
    assert found.headline == f"app01 and web01 run on br0 with one MAC, {MAC}: each gets what is meant for the other."


def test_both_say_the_same_of_each_other() -> None:
    twins = (domain(running=True), domain(name="app01", running=True))
    one = broken(check.check(seen(*twins), RUNNING))
    assert broken(check.check(seen(*twins), target(guest="app01", tap="vnet1", running=True))) == one


@pytest.mark.parametrize(
    "guests",
    [
        pytest.param((domain(),), id="it alone"),
        pytest.param((domain(running=True), domain(name="app01")), id="the other is off"),
        pytest.param((domain(running=True), domain(nic(source="br1"), name="a", running=True)), id="on another bridge"),
        pytest.param((domain(nic(), nic(position=2), running=True),), id="a bond in one guest"),
    ],
)
def test_fine(guests: tuple[Domain, ...]) -> None:
    assert isinstance(check.check(seen(*guests), RUNNING), Fine)


def test_a_guest_that_is_off_disturbs_nobody() -> None:
    assert isinstance(check.check(seen(domain(), domain(name="app01", running=True)), target()), Fine)


def test_not_applicable_without_a_mac_or_a_bridge() -> None:
    assert isinstance(check.check(seen(), target(kind="tap", guest=None, mac=None, tap="vnet0")), NotApplicable)
    assert isinstance(check.check(facts(domains=(domain(),)), target()), NotApplicable)


def test_which_of_the_two_is_for_a_person_to_say() -> None:
    host_facts = seen(br0=MAC)
    plan = check.plan(finding(check, check.check(host_facts, target())), host_facts)
    assert isinstance(plan, NoPlan)
    assert "virsh edit" in plan.instead[0]
