"""bridge-without-uplink: a bridge that leads nowhere, and nobody on this host who serves it."""

import pytest

from boots import in_lan, on_own_bridge, with_dhcpd
from builders import bridge, facts, finding, link, network, port, target
from pxedoctor.checks.bridge import bridge_without_uplink as check
from pxedoctor.findings.outcome import Broken, Fine, Hop, NotApplicable, Unknown
from pxedoctor.model.link import Link
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.safety import Safety

NIC = link("eno1", kind="", index=2)
ADDRESSED = link("eno2", kind="", index=3)


def lan(*ports: str, links: tuple[Link, ...] = (NIC,), **others: object) -> Facts:
    """br0 with these ports, and nobody who serves it."""
    here = bridge(ports=tuple(port(name) for name in ports))
    known = (link("br0", kind="bridge"), link("lo", kind="", index=1), *links)
    return facts(**({"bridges": (here,), "links": known, "processes": (), "sockets": (), "networks": ()} | others))


def broken(known: Facts) -> Broken:
    outcome = check.check(known, target())
    assert isinstance(outcome, Broken), outcome
    return outcome


def test_a_bridge_without_a_port_that_leads_out() -> None:
    outcome = broken(lan())
    assert outcome.headline == (
        "br0 leads to no DHCP server: it has no port that leads out, and this host serves none there."
    )
    assert (outcome.severity, outcome.certainty, outcome.hop, outcome.scope) == (
        "broken",
        "proven",
        Hop.UPLINK,
        "bridge",
    )


def test_the_guests_own_tap_leads_nowhere() -> None:
    known = lan("vnet0", links=(NIC, link("vnet0", master="br0")))
    assert isinstance(check.check(known, target(tap="vnet0")), Broken)


def test_a_guest_that_does_not_boot_from_it_may_live_with_addresses_of_its_own() -> None:
    outcome = check.check(lan(), target("dhclient"))
    assert isinstance(outcome, Broken)
    assert outcome.severity == "risk"


@pytest.mark.parametrize(
    ("uplink", "words"),
    [
        (link("eno1", kind="", up=False, carrier=False), "eno1 is down"),
        (link("eno1", kind="", carrier=False), "eno1 is up and has no carrier"),
    ],
)
def test_an_uplink_that_is_dead(uplink: Link, words: str) -> None:
    outcome = broken(lan("eno1", links=(uplink,)))
    assert "eno1, its only way out, is dead" in outcome.headline
    assert outcome.evidence[1].text == words


@pytest.mark.parametrize(
    "known", [in_lan(), lan("gone"), on_own_bridge(), with_dhcpd()], ids=["uplink", "unknown port", "dnsmasq", "dhcpd"]
)
def test_a_way_out_or_a_server_here_is_fine(known: Facts) -> None:
    assert isinstance(check.check(known, target()), Fine)


def test_one_of_two_uplinks_is_enough() -> None:
    dead = link("eno1", kind="", carrier=False)
    assert isinstance(check.check(lan("eno1", "eno2", links=(dead, ADDRESSED)), target()), Fine)


def test_another_guest_may_be_the_server() -> None:
    outcome = check.check(lan("vnet7", links=(NIC, link("vnet7", master="br0"))), target())
    assert isinstance(outcome, Unknown)
    assert "vnet7" in outcome.missing
    assert not outcome.on_road


def test_networks_of_libvirts_and_bridges_without_guests_are_not_asked_about() -> None:
    made = network(bridge="br0", forward="")
    assert isinstance(check.check(lan(networks=(made,)), target()), NotApplicable)
    assert isinstance(check.check(lan(), target(kind="bridge")), NotApplicable)
    assert isinstance(check.check(lan(), target(bridge="ovs0")), NotApplicable)


def test_an_uplink_that_is_down_is_set_up() -> None:
    known = lan("eno1", links=(link("eno1", kind="", up=False, carrier=False),))
    plan = check.plan(finding(check, broken(known)), known)
    assert isinstance(plan, Plan)
    assert plan.safety is Safety.SAFE
    assert [step.argv() for step in plan.steps] == [("ip", "link", "set", "dev", "eno1", "up")]


def test_which_nic_leads_to_the_server_is_for_a_person_to_say() -> None:
    known = lan(links=(NIC, ADDRESSED))
    plan = check.plan(finding(check, broken(known)), known)
    assert isinstance(plan, NoPlan)
    assert plan.instead == (
        "if it is eno1: ip link set dev eno1 master br0",
        "if it is eno2: ip link set dev eno2 master br0",
    )


def test_no_plan_for_a_cable_or_a_bridge_that_is_gone() -> None:
    known = lan("eno1", links=(link("eno1", kind="", carrier=False),))
    made = finding(check, broken(known))
    assert isinstance(check.plan(made, known), NoPlan)
    assert isinstance(check.plan(made, facts(bridges=())), NoPlan)
