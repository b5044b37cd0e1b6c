"""host-firewall-drops-http-boot: a boot file by URL on this host, and the port that nobody opened."""

import msgspec
import pytest

from boots import ON_DEFAULT, on_libvirt
from builders import finding, network
from pxedoctor.checks.filter import host_firewall_drops_http_boot as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome, Unknown
from pxedoctor.model.libvirt import Subnet
from pxedoctor.model.netfilter import RulesText
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import Plan, simulate
from rulesets import base_chain, native

BY_URL = Subnet(
    family="ipv4",
    address="192.168.122.1",
    prefix=24,
    ranges=(("192.168.122.2", "192.168.122.99"),),
    boot_file="http://192.168.122.1/boot.efi",
)
KNOWN = "ct state established,related accept"


def shut(*rules: str, hook: str = "input") -> RulesText:
    return native("inet", "host", base_chain(hook, *rules, hook=hook, policy="drop"))


def netboots(*listings: RulesText, url: str = BY_URL.boot_file) -> Facts:
    subnet = msgspec.structs.replace(BY_URL, boot_file=url)
    return on_libvirt(*listings, networks=(network(subnets=(subnet,)),))


def broken(outcome: Outcome) -> Broken:
    assert isinstance(outcome, Broken), outcome
    return outcome


def test_a_connection_that_nobody_let_in() -> None:
    found = broken(check.check(netboots(shut("udp dport 67 accept", "tcp dport 22 accept")), ON_DEFAULT))
    assert found.severity == "broken"
    assert found.headline == (
        "The policy DROP of inet host input drops the guest's connection to the boot server (HTTP boot) on virbr0."
    )


@pytest.mark.parametrize(("url", "port"), [("http://192.168.122.1/a", 80), ("http://192.168.122.1:8080/a", 8080)])
def test_the_port_is_the_urls(url: str, port: int) -> None:
    opened = shut("udp dport 67 accept", f"tcp dport {port} accept", KNOWN)
    assert isinstance(check.check(netboots(opened, url=url), ON_DEFAULT), Fine)
    assert isinstance(check.check(netboots(shut("tcp dport 443 accept"), url=url), ON_DEFAULT), Broken)


def test_the_answer_is_established() -> None:
    assert isinstance(check.check(netboots(shut(KNOWN, hook="output")), ON_DEFAULT), Fine)
    assert "the server's answer" in broken(check.check(netboots(shut(hook="output")), ON_DEFAULT)).headline


def test_a_guest_that_does_not_boot_from_the_network_is_a_risk() -> None:
    other = msgspec.structs.replace(ON_DEFAULT, client=None)
    assert broken(check.check(netboots(shut()), other)).severity == "risk"


def test_no_question_without_a_url() -> None:
    assert isinstance(check.check(on_libvirt(shut()), ON_DEFAULT), NotApplicable)


def test_rules_that_nobody_models_are_unknown() -> None:
    assert isinstance(check.check(netboots(shut("meta skuid 7 accept")), ON_DEFAULT), Unknown)


def test_port_80_from_this_bridge_clears_it_on_the_model() -> None:
    host_facts = netboots(shut("udp dport 67 accept", KNOWN))
    plan = check.plan(finding(check, check.check(host_facts, ON_DEFAULT), ON_DEFAULT), host_facts)
    assert isinstance(plan, Plan), plan
    after, assumed = simulate(plan, host_facts.host)
    assert not assumed
    assert isinstance(check.check(Facts(host=after), ON_DEFAULT), Fine)
