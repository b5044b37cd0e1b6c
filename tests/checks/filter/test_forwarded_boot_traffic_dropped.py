"""forwarded-boot-traffic-dropped: a boot server outside, and a FORWARD that refuses the way to it or back."""

import pytest

from boots import ON_DEFAULT, from_outside, on_libvirt
from builders import finding, target
from pxedoctor.checks.filter import forwarded_boot_traffic_dropped as check
from pxedoctor.findings.outcome import Broken, Fine, Hop, NotApplicable, Unknown
from pxedoctor.model.netfilter import RulesText
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan, Plan, simulate
from pxedoctor.plans.safety import Safety
from rulesets import LIBVIRT, base_chain, native, saved

URL = "http://203.0.113.9/boot.efi"
WITHOUT_NAT = LIBVIRT[: LIBVIRT.index("*nat")].replace(" -m conntrack --ctstate RELATED,ESTABLISHED", "")


def forward(*rules: str, policy: str = "drop") -> RulesText:
    return native("inet", "fw", base_chain("forward", *rules, hook="forward", policy=policy))


SHUT = forward()
FILTER = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]"


def broken(known: Facts) -> Broken:
    outcome = check.check(known, ON_DEFAULT)
    assert isinstance(outcome, Broken), outcome
    return outcome


def test_another_tables_policy_is_asked_too() -> None:
    outcome = broken(from_outside(saved(LIBVIRT), SHUT, boot_file=URL))
    assert outcome.headline == (
        "The policy DROP of inet fw forward drops the HTTP-SYN between virbr0's guests and their boot server "
        "203.0.113.9."
    )
    assert (outcome.severity, outcome.hop, outcome.scope, outcome.subject) == (
        "broken",
        Hop.FORWARD,
        "network",
        "default",
    )
    assert outcome.evidence[0].value == "through wan0"


def test_the_way_back_may_be_the_one_that_is_shut() -> None:
    known = from_outside(saved(LIBVIRT), forward('iifname "virbr0" accept'), boot_file=URL)
    assert "drops the HTTP-SYN-ACK between" in broken(known).headline


def test_data_of_tftp_are_no_answer_to_a_firewall() -> None:
    rules = forward('iifname "virbr0" accept', "ct state established,related accept")
    assert "drops the TFTP-DATA between" in broken(from_outside(saved(WITHOUT_NAT), rules)).headline


def test_a_guest_that_needs_no_boot_file_is_only_at_risk() -> None:
    outcome = check.check(
        from_outside(saved(LIBVIRT), SHUT, boot_file=URL), target("dhclient", bridge="virbr0", network="default")
    )
    assert isinstance(outcome, Broken)
    assert outcome.severity == "risk"


@pytest.mark.parametrize(
    "rules",
    [
        (saved(LIBVIRT),),
        (saved(LIBVIRT.replace(FILTER, FILTER.replace("FORWARD ACCEPT", "FORWARD DROP"))),),
        (saved(LIBVIRT), forward('iifname "virbr0" accept', "ct state established,related accept")),
    ],
    ids=["libvirt alone", "its accepts come before the policy", "accepted both ways"],
)
def test_what_passes_is_fine(rules: tuple[RulesText, ...]) -> None:
    assert isinstance(check.check(from_outside(*rules, boot_file=URL), ON_DEFAULT), Fine)


def test_a_rule_that_nobody_models_is_unknown() -> None:
    strange = saved(
        LIBVIRT.replace("-A FORWARD -j LIBVIRT_FWX", "-A FORWARD -m quota2 --name x -j DROP\n-A FORWARD -j LIBVIRT_FWX")
    )
    assert isinstance(check.check(from_outside(strange, boot_file=URL), ON_DEFAULT), Unknown)


@pytest.mark.parametrize("known", [on_libvirt(SHUT), from_outside(SHUT, boot_file="http://192.168.122.1/boot.efi")])
def test_a_boot_server_here_is_another_matter(known: Facts) -> None:
    assert isinstance(check.check(known, ON_DEFAULT), NotApplicable)


def test_both_ways_are_opened_and_that_is_risky() -> None:
    known = from_outside(saved(LIBVIRT), SHUT, boot_file=URL)
    plan = check.plan(finding(check, broken(known), ON_DEFAULT), known)
    assert isinstance(plan, Plan)
    assert (plan.safety, len(plan.steps)) == (Safety.RISKY, 2)
    after, assumed = simulate(plan, known.host)
    assert not assumed
    assert isinstance(check.check(Facts(host=after), ON_DEFAULT), Fine)


@pytest.mark.parametrize("boot_file", ["boot.0", "http://203.0.113.9:8080/boot.efi"])
def test_what_takes_more_than_one_port_is_told(boot_file: str) -> None:
    known = from_outside(saved(WITHOUT_NAT), SHUT, boot_file=boot_file)
    plan = check.plan(finding(check, broken(known), ON_DEFAULT), known)
    assert isinstance(plan, NoPlan)
    assert plan.instead
