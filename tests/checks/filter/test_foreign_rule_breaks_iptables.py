"""foreign-rule-breaks-iptables: what iptables cannot read, and what becomes of libvirt's network."""

import pytest

from boots import ON_BR0, ON_DEFAULT, on_libvirt
from builders import finding, network
from pxedoctor.checks.filter import foreign_rule_breaks_iptables as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome
from pxedoctor.model.libvirt import Network
from pxedoctor.model.log import LogLine
from pxedoctor.model.netfilter import RulesText
from pxedoctor.plans.plan import NoPlan
from rulesets import LIBVIRT, base_chain, native, own_chain, saved

WORDS = "# Table `filter' is incompatible, use 'nft' tool."
SAID = RulesText(
    family="ip",
    dialect="iptables-save",
    variant="nft",
    origin="iptables-nft-save",
    text=f"{WORDS}\n",
    except_tables=frozenset({"filter"}),
)
INSTEAD = native("ip", "filter", base_chain("INPUT", 'iif "lo" accept', "tcp dport { 22, 443 } accept", policy="drop"))
RUNNING = native(
    "ip",
    "filter",
    base_chain("INPUT", "counter packets 0 bytes 0 jump LIBVIRT_INP"),
    own_chain("LIBVIRT_INP", 'iifname "virbr0" udp dport 67 counter packets 0 bytes 0 accept'),
    base_chain("FORWARD", "ct state vmap { invalid : drop }", hook="forward"),
)
DOWN = network(active=False)
FAILED = "internal error: Failed to apply firewall rules: table `filter' is incompatible, use 'nft' tool."


def judged(*listings: RulesText, of: Network | None = None, **others: object) -> Outcome:
    return check.check(on_libvirt(*listings, networks=(of or network(),), **others), ON_DEFAULT)


def broken(*listings: RulesText, of: Network | None = None, **others: object) -> Broken:
    outcome = judged(*listings, of=of, **others)
    assert isinstance(outcome, Broken), outcome
    return outcome


def test_a_network_that_is_down_cannot_start() -> None:
    outcome = broken(SAID, INSTEAD, of=DOWN)
    assert outcome.headline == (
        "iptables cannot read table ip filter, which holds rules of nft: libvirt fails to write its rules, and the "
        "network default does not start."
    )
    assert (outcome.severity, outcome.scope) == ("broken", "host")
    assert [fact.value for fact in outcome.evidence] == [WORDS, 'iif "lo" accept', "tcp dport { 22, 443 } accept"]


def test_libvirts_own_words_are_evidence() -> None:
    outcome = broken(SAID, INSTEAD, of=DOWN, logs=(LogLine(origin="/var/log/libvirt/libvirtd.log", text=FAILED),))
    assert outcome.evidence[-1].value == FAILED


def test_rules_that_are_gone_cannot_come_back() -> None:
    outcome = broken(SAID, INSTEAD)
    assert outcome.severity == "broken"
    assert "libvirt's rules for default are gone, and it cannot write them anew" in outcome.headline


def test_beside_a_network_that_runs_it_is_a_risk() -> None:
    outcome = broken(SAID, RUNNING)
    assert outcome.severity == "risk"
    assert outcome.evidence[-1].value == "ct state vmap { invalid : drop }"


@pytest.mark.parametrize(
    "listings",
    [(saved(LIBVIRT),), (saved(LIBVIRT), native("inet", "host", base_chain("input", "tcp dport { 22, 443 } accept")))],
    ids=["iptables' own", "a table of its own beside"],
)
def test_what_iptables_can_read_is_fine(listings: tuple[RulesText, ...]) -> None:
    assert isinstance(judged(*listings), Fine)


@pytest.mark.parametrize(
    "of", [network(backend="nftables"), network(forward="open"), network(forward="bridge", bridge="br9")]
)
def test_libvirt_writes_no_rules_of_iptables_there(of: Network) -> None:
    assert isinstance(judged(SAID, INSTEAD, of=of), NotApplicable)


def test_a_bridge_of_the_hosts_own_is_not_concerned() -> None:
    assert isinstance(check.check(on_libvirt(SAID, INSTEAD), ON_BR0), NotApplicable)


def test_there_is_no_repair_and_it_says_what_to_do() -> None:
    known = on_libvirt(SAID, INSTEAD, networks=(DOWN,))
    plan = check.plan(finding(check, check.check(known, ON_DEFAULT), ON_DEFAULT), known)
    assert isinstance(plan, NoPlan)
    assert plan.instead[0].startswith("nft -a list table ip filter")


def test_it_comes_before_what_it_explains() -> None:
    assert set(check.META.explains) == {"network-inactive", "libvirt-rules-missing", "host-firewall-drops-dhcp"}
