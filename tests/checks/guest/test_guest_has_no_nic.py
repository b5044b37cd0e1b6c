"""guest-has-no-nic: what a definition names, and what the host has."""

import pytest

from builders import bridge, domain, facts, finding, host, link, network, nic, target
from pxedoctor.checks.guest import guest_has_no_nic as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome, Unknown
from pxedoctor.model.fact import Missing, Unmodelled
from pxedoctor.model.libvirt import Nic
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan

ON_BR0, ON_LAN = nic(), nic(kind="network", source="lan")


def outcome(plugged: Nic = ON_BR0, running: bool = False, **here: object) -> Outcome:
    return check.check(facts(domains=(domain(plugged, running=running),), **here), target())


def test_a_bridge_that_is_not_there() -> None:
    found = outcome()
    assert isinstance(found, Broken)
    assert (found.severity, found.certainty) == ("broken", "proven")
    assert ("/sys/class/net/br0", "does not exist") in [(entry.origin, entry.value) for entry in found.evidence]


@pytest.mark.parametrize("kind", ["", "bond", "vlan"])
def test_a_device_that_is_no_bridge(kind: str) -> None:
    assert isinstance(outcome(links=(link("br0", kind=kind),)), Broken)


def test_open_vswitch_is_somebody_elses() -> None:
    assert isinstance(outcome(links=(link("br0", kind="openvswitch"),)), NotApplicable)
    assert isinstance(outcome(nic(switch="openvswitch"), links=(link("br0", kind="tun"),)), NotApplicable)


@pytest.mark.parametrize(
    "here",
    [
        {"bridges": (bridge("br0"),)},
        {"unmodelled": (Unmodelled(kind="bridge", name="br0", origin="/sys", why="no"),)},
    ],
    ids=["it exists", "it exists, and was not understood"],
)
def test_a_bridge_that_is_there(here: dict[str, object]) -> None:
    assert isinstance(outcome(**here), Fine)


def test_a_bridge_that_a_network_makes() -> None:
    assert isinstance(outcome(networks=(network(bridge="br0", active=False),)), NotApplicable)


def test_a_network_that_is_not_there() -> None:
    found = outcome(ON_LAN, networks=(network(),))
    assert isinstance(found, Broken)
    assert "default" in found.evidence[1].value
    assert isinstance(outcome(ON_LAN, networks=(network("lan"),)), Fine)


@pytest.mark.parametrize(
    "here",
    [
        {"networks": Missing("forbidden", "they may not be read", "run it as root")},
        {"unmodelled": (Unmodelled(kind="network", name="lan", origin="/etc/x", why="it is not XML"),)},
    ],
)
def test_networks_that_are_not_known(here: dict[str, object]) -> None:
    assert isinstance(outcome(ON_LAN, **here), Unknown)


def test_what_it_runs_with_counts() -> None:
    assert isinstance(outcome(running=True), NotApplicable)


@pytest.mark.parametrize("kind", ["direct", "user", "hostdev"])
def test_other_kinds(kind: str) -> None:
    assert isinstance(outcome(nic(kind=kind, source="eth0")), NotApplicable)


def test_a_tap_of_nobodys() -> None:
    tap = target(id="tap/vnet3", kind="tap", guest=None, mac=None, bridge="br7")
    assert isinstance(check.check(Facts(host=host()), tap), NotApplicable)


def test_there_is_no_plan() -> None:
    known = facts(domains=(domain(nic()),), bridges=(bridge("br1"),))
    planned = check.plan(finding(check, check.check(known, target())), known)
    assert isinstance(planned, NoPlan)
    assert "br1" in planned.instead[0]
