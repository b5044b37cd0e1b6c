"""bond-mode-breaks-bridging: which bond carries the bridge, its mode, and how many NICs it has."""

import pytest

from builders import bridge, facts, finding, link, port, target
from pxedoctor.checks.bridge import bond_mode_breaks_bridging as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome
from pxedoctor.model.link import Link
from pxedoctor.plans.plan import NoPlan


def bond(mode: str) -> Link:
    return link("bond0", kind="bond", master="br0", bond_mode=mode)


def nic(name: str, up: bool = True) -> Link:
    return link(name, kind="", master="bond0", up=up)


TWO = (nic("eno1"), nic("eno2"))


def outcome(*links: Link, ports: tuple[str, ...] = ("vnet0", "bond0")) -> Outcome:
    here = bridge(ports=tuple(map(port, ports)))
    return check.check(facts(bridges=(here,), links=(link("br0", kind="bridge"), link("vnet0"), *links)), target())


@pytest.mark.parametrize(
    ("mode", "why"),
    [
        ("balance-rr", "may send a guest's frames back"),
        ("broadcast", "may send a guest's frames back"),
        ("balance-tlb", "with the MAC of one of its NICs"),
        ("balance-alb", "with the MAC of one of its NICs"),
    ],
)
def test_modes_that_do_not_go_with_a_bridge_are_a_risk_at_most(mode: str, why: str) -> None:
    found = outcome(bond(mode), *TWO)
    assert isinstance(found, Broken)
    assert (found.severity, found.certainty, found.subject) == ("risk", "likely", "bond0")
    assert why in found.headline
    assert [entry.value for entry in found.evidence] == [mode, "eno1 eno2"]


@pytest.mark.parametrize("mode", ["active-backup", "balance-xor", "802.3ad"])
def test_modes_that_go_with_a_bridge(mode: str) -> None:
    assert outcome(bond(mode), *TWO) == Fine(f"the bond below br0 goes with a bridge: bond0 ({mode})")


@pytest.mark.parametrize("nics", [(nic("eno1"),), (nic("eno1"), nic("eno2", up=False))], ids=["one", "one that is up"])
def test_a_bond_of_one_nic_sends_nothing_back(nics: tuple[Link, ...]) -> None:
    assert isinstance(outcome(bond("balance-rr"), *nics), Fine)


def test_a_vlan_of_the_bond_is_the_port() -> None:
    vlan = link("bond0.20", kind="vlan", master="br0", lower="bond0", vlan=20)
    found = outcome(link("bond0", kind="bond", bond_mode="balance-alb"), vlan, *TWO, ports=("bond0.20",))
    assert isinstance(found, Broken)
    assert found.subject == "bond0"


def test_a_bond_that_leads_elsewhere() -> None:
    assert isinstance(outcome(link("bond0", kind="bond", bond_mode="balance-rr"), *TWO, ports=("vnet0",)), Fine)


def test_no_bridge_no_question() -> None:
    assert isinstance(check.check(facts(), target()), NotApplicable)


def test_the_mode_is_left_to_a_person() -> None:
    plan = check.plan(finding(check, outcome(bond("balance-rr"), *TWO)), facts())
    assert isinstance(plan, NoPlan)
    assert "off the network meanwhile" in plan.because
    assert "active-backup" in plan.instead[0]
