"""dhcp-reply-masqueraded: a rule of NAT that may choose the reply's port, and clients that hear port 67 alone."""

import pytest

from boots import ON_BR0, ON_DEFAULT, in_lan, on_libvirt, on_own_bridge, with_dhcpd
from builders import client, finding, offer, probed, target, with_probes
from pxedoctor.checks.filter import dhcp_reply_masqueraded as check
from pxedoctor.findings.outcome import Broken, Fine, Hop, NotApplicable
from pxedoctor.model.netfilter import RulesText
from pxedoctor.model.observation import Probed
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan, Plan, simulate
from pxedoctor.plans.safety import Safety
from rulesets import LIBVIRT, native, own_chain, saved

WITHOUT_RETURN = "\n".join(line for line in LIBVIRT.splitlines() if "255.255.255.255" not in line) + "\n"
UEFI = target("ovmf", bridge="virbr0", network="default")


def nat(rule: str) -> RulesText:
    chains = ":PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n"
    return saved(f"*nat\n{chains}-A POSTROUTING {rule}\nCOMMIT\n")


def nft_nat(rule: str) -> RulesText:
    return native("ip", "n", own_chain("post", "type nat hook postrouting priority 100; policy accept;", rule))


def test_libvirts_masquerade_without_its_return_is_fatal_to_ovmf() -> None:
    outcome = check.check(on_libvirt(saved(WITHOUT_RETURN)), UEFI)
    assert isinstance(outcome, Broken)
    assert outcome.headline == (
        "A rule of ip nat LIBVIRT_PRT (libvirt) gives the server's replies to everybody another port than 67 on "
        "virbr0; OVMF PXE takes them from port 67 alone."
    )
    assert (outcome.severity, outcome.hop) == ("broken", Hop.POSTROUTING)


@pytest.mark.parametrize("name", ["ipxe", "windows", None])
def test_for_others_it_is_a_risk(name: str | None) -> None:
    outcome = check.check(on_libvirt(saved(WITHOUT_RETURN)), target(name, bridge="virbr0", network="default"))
    assert isinstance(outcome, Broken)
    assert outcome.severity == "risk"


@pytest.mark.parametrize(
    "rules",
    [
        nat("-s 10.9.0.0/24 -j MASQUERADE --random"),
        nat("-s 10.9.0.0/24 -j MASQUERADE --random-fully"),
        nat("-p udp -j SNAT --to-source 192.0.2.1:1024-65535"),
        nft_nat("masquerade random"),
        nft_nat("udp dport 68 masquerade to :1024-65535"),
        nft_nat("ip protocol udp snat to 192.0.2.1:1024-65535"),
    ],
    ids=lambda rules: rules.text.splitlines()[-2].strip(),
)
def test_rules_that_choose_a_port(rules: RulesText) -> None:
    outcome = check.check(on_own_bridge(rules), target("ovmf"))
    assert isinstance(outcome, Broken)
    assert outcome.severity == "broken"


@pytest.mark.parametrize(
    "rules",
    [
        nat("-s 10.9.0.0/24 -j MASQUERADE"),
        nat("-s 10.9.0.0/24 ! -o br0 -j MASQUERADE --random"),
        nat("-p tcp -j MASQUERADE --to-ports 1024-65535"),
        nat("-d 255.255.255.255/32 -j RETURN\n-A POSTROUTING ! -d 10.9.0.0/24 -j MASQUERADE --random"),
        nft_nat("masquerade"),
    ],
    ids=["it keeps the port", "another device", "TCP", "with the RETURN", "nft's keeps it too"],
)
def test_rules_that_leave_the_port_alone(rules: RulesText) -> None:
    assert isinstance(check.check(on_own_bridge(rules), target("ovmf")), Fine)


def test_libvirts_own_rules_are_fine() -> None:
    assert isinstance(check.check(on_libvirt(saved(LIBVIRT)), UEFI), Fine)


@pytest.mark.parametrize("known", [with_dhcpd(nft_nat("masquerade random")), in_lan(nft_nat("masquerade random"))])
def test_only_a_socket_of_this_host_is_concerned(known: Facts) -> None:
    assert isinstance(check.check(known, ON_BR0), NotApplicable)


@pytest.mark.parametrize("rules", [saved(WITHOUT_RETURN), nft_nat("masquerade random")], ids=["iptables", "nft"])
def test_the_replies_are_accepted_before_the_rule(rules: RulesText) -> None:
    known = on_libvirt(rules)
    plan = check.plan(finding(check, check.check(known, UEFI), UEFI), known)
    assert isinstance(plan, Plan)
    assert plan.safety is Safety.SAFE
    after, assumed = simulate(plan, known.host)
    assert not assumed
    assert isinstance(check.check(Facts(host=after), UEFI), Fine)


def test_the_client_is_told() -> None:
    assert client("ovmf").title == "OVMF PXE"
    outcome = check.check(on_libvirt(saved(WITHOUT_RETURN)), ON_DEFAULT)
    assert isinstance(outcome, Broken)
    assert outcome.evidence[-1].value == "iPXE"


MOVED = probed(bridge="virbr0", profile="ovmf", offers=(offer(source_port=5442, refused="it is not from port 67"),))


def test_an_offer_that_came_from_another_port_proves_it() -> None:
    outcome = check.check(with_probes(on_libvirt(saved(WITHOUT_RETURN)), MOVED), UEFI)
    assert isinstance(outcome, Broken)
    assert outcome.headline == (
        "The server's replies come from another port than 67 on virbr0; OVMF PXE takes port 67 alone."
    )
    assert (outcome.severity, outcome.certainty) == ("broken", "proven")
    first, rule = outcome.evidence
    assert (first.text, first.origin) == (
        "an offer of 192.168.122.1 came from port 5442",
        "a probe of virbr0 as ovmf",
    )
    assert "MASQUERADE" in rule.value


def test_the_replies_that_a_probe_heard_are_accepted_before_the_rule() -> None:
    known = with_probes(on_libvirt(saved(WITHOUT_RETURN)), MOVED)
    assert isinstance(check.plan(finding(check, check.check(known, UEFI), UEFI), known), Plan)


def test_a_port_that_no_known_rule_rewrites_is_told_without_a_plan() -> None:
    known = with_probes(in_lan(), MOVED)
    outcome = check.check(known, target("ovmf"))
    assert isinstance(outcome, Broken)
    assert len(outcome.evidence) == 1
    assert isinstance(check.plan(finding(check, outcome, target("ovmf")), known), NoPlan)


@pytest.mark.parametrize(
    ("about", "severity"), [("ipxe", "risk"), ("windows", "risk"), (None, "broken")], ids=["iPXE", "Windows", "unknown"]
)
def test_where_no_client_is_known_it_is_the_one_that_the_probe_acted(about: str | None, severity: str) -> None:
    known = with_probes(on_libvirt(saved(WITHOUT_RETURN)), MOVED)
    outcome = check.check(known, target(about, bridge="virbr0", network="default"))
    assert isinstance(outcome, Broken)
    assert outcome.severity == severity


@pytest.mark.parametrize(
    "seen",
    [
        probed(bridge="virbr0"),
        probed(bridge="virbr0", offers=(offer(source="fe80::1", source_port=547),)),
        probed(bridge="virbr0", offers=(offer(source_port=4011, proxy=True),)),
    ],
    ids=["port 67", "DHCPv6", "a proxy"],
)
def test_offers_that_came_as_they_should_change_nothing(seen: Probed) -> None:
    assert isinstance(check.check(with_probes(on_libvirt(saved(LIBVIRT)), seen), UEFI), Fine)
