"""libvirt-rules-stale-ifindex: a rule that was meant for the bridge and names a number that is gone."""

from boots import ON_DEFAULT, on_libvirt
from builders import finding, target
from pxedoctor.checks.filter import libvirt_rules_stale_ifindex as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome
from pxedoctor.model.libvirt import Libvirt
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan, Plan
from rulesets import base_chain, native

STALE = native("inet", "host", base_chain("input", "iif 99 udp dport 67 accept", policy="drop"))
OF_LIBVIRT = native("ip", "libvirt_network", base_chain("forward", "iif 99 counter accept", hook="forward"))


def broken(outcome: Outcome) -> Broken:
    assert isinstance(outcome, Broken), outcome
    return outcome


def planned(host_facts: Facts) -> Plan | NoPlan:
    return check.plan(finding(check, check.check(host_facts, ON_DEFAULT), ON_DEFAULT), host_facts)


def test_the_opening_by_number_is_named_with_its_handle() -> None:
    found = broken(check.check(on_libvirt(STALE), ON_DEFAULT))
    assert (found.severity, found.certainty, found.subject) == ("broken", "proven", "virbr0")
    assert found.headline.startswith(
        "A rule meant for virbr0 names it by the number 99, which no device has any more: the DISCOVER dies"
    )
    assert found.evidence[0].value == "iif 99 udp dport 67 accept"
    assert found.evidence[0].origin.startswith("inet host input, handle ")


def test_libvirts_own_table_is_a_risk_where_nothing_dies() -> None:
    found = broken(check.check(on_libvirt(OF_LIBVIRT), ON_DEFAULT))
    assert found.severity == "risk"
    assert "isolation and NAT of the network default" in found.headline


def test_numbers_of_today_are_fine() -> None:
    listing = native("inet", "host", base_chain("input", "iif 7 udp dport 67 accept", policy="drop"))
    assert isinstance(check.check(on_libvirt(listing), ON_DEFAULT), Fine)


def test_a_stale_rule_that_kills_nothing_is_fine() -> None:
    listing = native("inet", "host", base_chain("input", "iif 99 udp dport 67 accept"))
    assert isinstance(check.check(on_libvirt(listing), ON_DEFAULT), Fine)


def test_no_bridge_no_question() -> None:
    assert isinstance(check.check(on_libvirt(STALE), target(bridge="gone0")), NotApplicable)


def test_libvirts_rules_are_written_anew_by_its_daemon() -> None:
    plan = planned(on_libvirt(OF_LIBVIRT, libvirt=Libvirt()))
    assert isinstance(plan, Plan)
    assert plan.steps[0].argv()[:2] == ("systemctl", "restart")


def test_somebody_elses_file_is_not_loaded_for_him() -> None:
    plan = planned(on_libvirt(STALE))
    assert isinstance(plan, NoPlan)
    assert "iifname" in plan.instead[0]


def test_no_plan_once_the_number_is_back() -> None:
    made = finding(check, check.check(on_libvirt(STALE), ON_DEFAULT), ON_DEFAULT)
    assert isinstance(check.plan(made, on_libvirt()), NoPlan)
