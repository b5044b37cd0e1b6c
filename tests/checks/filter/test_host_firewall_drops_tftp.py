"""host-firewall-drops-tftp: the request to port 69, the first block from a new port, and the acknowledgement."""

import msgspec

from boots import ON_DEFAULT, on_libvirt
from builders import finding, network
from pxedoctor.checks.filter import host_firewall_drops_tftp as check
from pxedoctor.findings.outcome import Broken, Fine, Hop, NotApplicable, Outcome, Unknown
from pxedoctor.model.libvirt import Subnet
from pxedoctor.model.netfilter import RulesText
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan, Plan, simulate
from rulesets import base_chain, native

NETBOOT = Subnet(
    family="ipv4",
    address="192.168.122.1",
    prefix=24,
    ranges=(("192.168.122.2", "192.168.122.99"),),
    tftp_root="/srv/tftp",
    boot_file="boot.0",
)
KNOWN = "ct state established,related accept"


def shut(*rules: str, hook: str = "input") -> RulesText:
    return native("inet", "host", base_chain(hook, *rules, hook=hook, policy="drop"))


def netboots(*listings: RulesText) -> Facts:
    return on_libvirt(*listings, networks=(network(subnets=(NETBOOT,)),))


def broken(outcome: Outcome) -> Broken:
    assert isinstance(outcome, Broken), outcome
    return outcome


def test_a_request_that_nobody_let_in() -> None:
    found = broken(check.check(netboots(shut("udp dport 67 accept")), ON_DEFAULT))
    assert (found.severity, found.hop) == ("broken", Hop.INPUT)
    assert found.headline == "The policy DROP of inet host input drops the request for the boot file on virbr0."


def test_the_first_block_is_new_to_conntrack() -> None:
    found = broken(check.check(netboots(shut(KNOWN, "udp sport 67 accept", hook="output")), ON_DEFAULT))
    assert found.hop is Hop.OUTPUT
    assert "the boot file's first block" in found.headline


def test_what_comes_back_to_the_new_port_is_established() -> None:
    assert isinstance(check.check(netboots(shut("udp dport { 67, 69 } accept", KNOWN)), ON_DEFAULT), Fine)
    found = broken(check.check(netboots(shut("udp dport { 67, 69 } accept")), ON_DEFAULT))
    assert "acknowledgement" in found.headline


def test_a_guest_that_does_not_boot_from_the_network_is_a_risk() -> None:
    other = msgspec.structs.replace(ON_DEFAULT, client=None)
    assert broken(check.check(netboots(shut("udp dport 67 accept")), other)).severity == "risk"


def test_no_question_without_a_boot_file_here() -> None:
    assert isinstance(check.check(on_libvirt(shut()), ON_DEFAULT), NotApplicable)


def test_rules_that_nobody_models_are_unknown() -> None:
    outcome = check.check(netboots(shut("udp dport 67 accept", "meta skuid 7 accept", KNOWN)), ON_DEFAULT)
    assert isinstance(outcome, Unknown)


def planned(host_facts: Facts) -> Plan | NoPlan:
    return check.plan(finding(check, check.check(host_facts, ON_DEFAULT), ON_DEFAULT), host_facts)


def test_port_69_from_this_bridge_clears_it_on_the_model() -> None:
    host_facts = netboots(shut("udp dport 67 accept", KNOWN))
    plan = planned(host_facts)
    assert isinstance(plan, Plan), plan
    after, assumed = simulate(plan, host_facts.host)
    assert not assumed
    assert isinstance(check.check(Facts(host=after), ON_DEFAULT), Fine)


def test_data_from_a_random_port_is_not_opened_for_everybody() -> None:
    plan = planned(netboots(shut(KNOWN, "udp sport 67 accept", hook="output")))
    assert isinstance(plan, NoPlan), plan
