"""tftp-through-nat-without-helper: data from a port of the server's choice, which NAT takes for its own."""

import pytest

from boots import ON_DEFAULT, from_outside, on_libvirt
from builders import finding, target
from pxedoctor.checks.filter import tftp_through_nat_without_helper as check
from pxedoctor.findings.outcome import Broken, Fine, Hop, NotApplicable, Unknown
from pxedoctor.model.netfilter import RulesText
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.safety import Safety
from rulesets import LIBVIRT, base_chain, native, saved

WITHOUT_NAT = saved(LIBVIRT[: LIBVIRT.index("*nat")].replace(" -m conntrack --ctstate RELATED,ESTABLISHED", ""))


def with_raw(*rules: str) -> RulesText:
    raw = "".join(f"-A PREROUTING {rule}\n" for rule in rules)
    return saved(f"{LIBVIRT}*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n{raw}COMMIT\n")


HELPED = with_raw("-i virbr0 -p udp -m udp --dport 69 -j CT --helper tftp")
BY_NFT = native("ip", "h", base_chain("pre", 'udp dport 69 ct helper set "t"', hook="prerouting", priority=0))


def broken(known: Facts) -> Broken:
    outcome = check.check(known, ON_DEFAULT)
    assert isinstance(outcome, Broken), outcome
    return outcome


def test_libvirts_masquerade_takes_the_data_for_its_own() -> None:
    outcome = broken(from_outside(saved(LIBVIRT)))
    assert outcome.headline == (
        "TFTP data from 203.0.113.9 do not find back through NAT to default's guests: no helper of conntrack expects "
        "them."
    )
    assert (outcome.severity, outcome.certainty, outcome.hop) == ("broken", "likely", Hop.ROUTE)
    assert "MASQUERADE" in outcome.evidence[1].value


@pytest.mark.parametrize(
    "rules",
    [
        with_raw("-i virbr1 -p udp -m udp --dport 69 -j CT --helper tftp"),
        with_raw("-p tcp -m tcp --dport 21 -j CT --helper ftp"),
    ],
    ids=["for another bridge", "another helper"],
)
def test_a_helper_that_is_not_for_these_requests_does_not_count(rules: RulesText) -> None:
    broken(from_outside(rules))


def test_on_a_modular_kernel_nat_needs_its_own_half_of_the_helper() -> None:
    modules = ("nf_conntrack", "nf_conntrack_tftp")
    assert isinstance(check.check(from_outside(HELPED, modules=modules), ON_DEFAULT), Unknown)
    assert isinstance(check.check(from_outside(HELPED, modules=(*modules, "nf_nat_tftp")), ON_DEFAULT), Fine)


@pytest.mark.parametrize(
    "known",
    [from_outside(HELPED), from_outside(WITHOUT_NAT)],
    ids=["with the helper", "without NAT"],
)
def test_data_that_find_back_are_fine(known: Facts) -> None:
    assert isinstance(check.check(known, ON_DEFAULT), Fine)


@pytest.mark.parametrize(
    "known",
    [
        from_outside(saved(LIBVIRT), BY_NFT),
        from_outside(saved(LIBVIRT), sysctls={"net/netfilter/nf_conntrack_helper": "1"}),
        from_outside(with_raw("-m quota2 --name x -j CT --helper tftp")),
    ],
    ids=["nft's object is not listed", "old kernels give it by themselves", "a rule that nobody models"],
)
def test_where_a_helper_may_follow_it_is_unknown(known: Facts) -> None:
    assert isinstance(check.check(known, ON_DEFAULT), Unknown)


@pytest.mark.parametrize(
    "known", [from_outside(saved(LIBVIRT), boot_file="http://203.0.113.9/boot.efi"), on_libvirt(saved(LIBVIRT))]
)
def test_without_tftp_from_outside_there_is_nothing_to_say(known: Facts) -> None:
    assert isinstance(check.check(known, ON_DEFAULT), NotApplicable)


def test_a_guest_that_needs_no_boot_file_is_only_at_risk() -> None:
    outcome = check.check(from_outside(saved(LIBVIRT)), target("udhcpc", bridge="virbr0", network="default"))
    assert isinstance(outcome, Broken)
    assert outcome.severity == "risk"


def test_the_helper_is_given_to_what_guests_ask_for() -> None:
    known = from_outside(saved(LIBVIRT))
    plan = check.plan(finding(check, broken(known), ON_DEFAULT), known)
    assert isinstance(plan, Plan)
    assert plan.safety is Safety.SAFE
    assert " ".join(plan.steps[0].argv()) == (
        "iptables -w -t raw -A PREROUTING -i virbr0 -p udp -m udp --dport 69 -j CT --helper tftp"
    )


def test_without_nats_half_of_it_there_is_no_plan() -> None:
    known = from_outside(saved(LIBVIRT), modules=("nf_conntrack",))
    plan = check.plan(finding(check, broken(known), ON_DEFAULT), known)
    assert isinstance(plan, NoPlan)
    assert plan.instead[0].startswith("modprobe nf_nat_tftp; iptables -w -t raw -A PREROUTING -i virbr0")
