"""host-firewall-drops-dhcpv6: IPv6 has rules of its own, and what a network serves decides whether they matter."""

import pytest

from boots import ON_BR0, ON_DEFAULT, in_lan, on_libvirt, on_own_bridge
from builders import finding, network, target
from pxedoctor.checks.filter import host_firewall_drops_dhcpv6 as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome, Unknown
from pxedoctor.model.libvirt import Subnet
from pxedoctor.model.netfilter import RulesText
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan, Plan, simulate
from rulesets import base_chain, native

STATEFUL = Subnet(family="ipv6", address="fd00::1", prefix=64, ranges=(("fd00::10", "fd00::ff"),))
RANGE = Subnet(family="ipv4", address="192.168.122.1", prefix=24, ranges=(("192.168.122.2", "192.168.122.99"),))
BOTH = (network(subnets=(RANGE, STATEFUL)),)
ICMPV6 = "meta l4proto ipv6-icmp accept"


def shut(*rules: str, hook: str = "input") -> RulesText:
    return native("inet", "host", base_chain(hook, *rules, hook=hook, policy="drop"))


def on_both(*listings: RulesText) -> Facts:
    return on_libvirt(*listings, networks=BOTH)


def broken(outcome: Outcome) -> Broken:
    assert isinstance(outcome, Broken), outcome
    return outcome


def test_a_solicit_that_nobody_let_in() -> None:
    found = broken(check.check(on_both(shut("udp dport 67 accept", ICMPV6)), ON_DEFAULT))
    assert (found.severity, found.certainty, found.subject) == ("broken", "proven", "virbr0")
    assert found.headline == "The policy DROP of inet host input drops the SOLICIT of virbr0's guests."


def test_an_advertise_that_does_not_get_out() -> None:
    found = broken(check.check(on_both(shut("udp sport 67 accept", hook="output")), ON_DEFAULT))
    assert "drops the ADVERTISE" in found.headline


def test_router_solicitations_alone_are_a_risk() -> None:
    found = broken(check.check(on_both(shut("udp dport 547 accept")), ON_DEFAULT))
    assert found.severity == "risk"
    assert "ROUTER-SOLICITATION" in found.headline


def test_where_addresses_are_made_of_what_is_advertised_its_loss_breaks() -> None:
    prefix = Subnet(family="ipv6", address="fd00::1", prefix=64)
    alone = on_libvirt(shut("udp dport 547 accept"), networks=(network(subnets=(prefix,)),))
    guest = target(None, bridge="virbr0", network="default")
    found = broken(check.check(alone, guest))
    assert (found.severity, "ROUTER-SOLICITATION" in found.headline) == ("broken", True)
    why = check.plan(finding(check, found, guest), alone)
    assert isinstance(why, NoPlan)
    assert "133 to 136" in why.instead[0]


@pytest.mark.parametrize("listings", [(), (shut("udp dport { 67, 547 } accept", ICMPV6),)], ids=["no rules", "opened"])
def test_what_passes_is_fine(listings: tuple[RulesText, ...]) -> None:
    assert isinstance(check.check(on_both(*listings), ON_DEFAULT), Fine)


def test_rules_that_nobody_models_are_unknown() -> None:
    outcome = check.check(on_both(shut("meta skuid 7 accept", ICMPV6, "socket transparent 1 accept")), ON_DEFAULT)
    assert isinstance(outcome, Unknown)


def test_no_question_where_no_ipv6_is_served_from_here() -> None:
    closed = shut()
    assert isinstance(check.check(on_libvirt(closed), ON_DEFAULT), NotApplicable)
    assert isinstance(check.check(on_own_bridge(closed), ON_BR0), NotApplicable)
    assert isinstance(check.check(in_lan(closed), ON_BR0), NotApplicable)


@pytest.mark.parametrize("listing", [shut(ICMPV6), shut(ICMPV6, hook="output")], ids=["in", "out"])
def test_one_accept_clears_it_on_the_model(listing: RulesText) -> None:
    host_facts = on_both(listing)
    plan = check.plan(finding(check, check.check(host_facts, ON_DEFAULT), ON_DEFAULT), host_facts)
    assert isinstance(plan, Plan), plan
    after, assumed = simulate(plan, host_facts.host)
    assert not assumed
    assert isinstance(check.check(Facts(host=after), ON_DEFAULT), Fine)


def test_router_advertisements_have_no_word_in_any_language() -> None:
    host_facts = on_both(shut("udp dport 547 accept"))
    plan = check.plan(finding(check, check.check(host_facts, ON_DEFAULT), ON_DEFAULT), host_facts)
    assert isinstance(plan, NoPlan)
    assert "133 to 136" in plan.instead[0]
