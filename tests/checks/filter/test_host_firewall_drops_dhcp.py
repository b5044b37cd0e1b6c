"""host-firewall-drops-dhcp: which rule of whom ends a DISCOVER, and the accept in its owner's words."""

import pytest

from boots import ON_BR0, ON_DEFAULT, in_lan, on_libvirt, on_own_bridge, with_dhcpd
from builders import finding, network
from pxedoctor.checks.filter import host_firewall_drops_dhcp as check
from pxedoctor.findings.outcome import Broken, Fine, Hop, NotApplicable, Outcome, Unknown
from pxedoctor.model.fact import Missing
from pxedoctor.model.firewalld import Firewalld, Zone
from pxedoctor.model.netfilter import RulesText
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.firewall_rule import InsertIptablesRule, InsertNftRule
from pxedoctor.plans.firewall_ufw import AllowInUfw
from pxedoctor.plans.plan import NoPlan, Plan, simulate
from rulesets import CLOSED, LIBVIRT, UFW, base_chain, filter_table, native, own_chain, saved

SHUT = filter_table("-A INPUT -i lo -j ACCEPT", policy="DROP")
HOST_TABLE = native("inet", "host", base_chain("input", "tcp dport 22 accept", policy="drop"))
ABOVE = LIBVIRT.replace("-A INPUT -j LIBVIRT_INP", "-A INPUT -p udp -m udp --dport 67 -j DROP\n-A INPUT -j LIBVIRT_INP")
BY_ZONES = native(
    "inet",
    "zones",
    '\tmap zones {\n\t\ttype ifname : verdict\n\t\telements = { "virbr0" : jump guests }\n\t}\n',
    base_chain("input", "iifname vmap @zones"),
    own_chain("guests", "tcp dport 22 accept", "drop"),
)


def broken(known: Facts, of: Target) -> Broken:
    outcome: Outcome = check.check(known, of)
    assert isinstance(outcome, Broken), outcome
    return outcome


def planned(known: Facts, of: Target) -> Plan | NoPlan:
    return check.plan(finding(check, broken(known, of), of), known)


@pytest.mark.parametrize(
    ("known", "of", "headline"),
    [
        pytest.param(
            on_own_bridge(saved(UFW)),
            ON_BR0,
            "The rule `-A ufw-skip-to-policy-input -j DROP` of ip filter ufw-skip-to-policy-input (ufw) drops the "
            "DISCOVER of br0's guests.",
            id="ufw on the host's own bridge",
        ),
        pytest.param(
            on_own_bridge(saved(SHUT)),
            ON_BR0,
            "The policy DROP of ip filter INPUT drops the DISCOVER of br0's guests.",
            id="a policy, of nobody that is known",
        ),
        pytest.param(
            on_libvirt(saved(LIBVIRT), HOST_TABLE),
            ON_DEFAULT,
            "The policy DROP of inet host input drops the DISCOVER of virbr0's guests.",
            id="a table beside the one in which libvirt accepts",
        ),
        pytest.param(
            on_libvirt(saved(ABOVE)),
            ON_DEFAULT,
            "The rule `-A INPUT -p udp -m udp --dport 67 -j DROP` of ip filter INPUT drops the DISCOVER of virbr0's "
            "guests.",
            id="above libvirt's jump",
        ),
        pytest.param(
            on_libvirt(saved(SHUT), networks=(network(backend="nftables"),)),
            ON_DEFAULT,
            "The policy DROP of ip filter INPUT drops the DISCOVER of virbr0's guests.",
            id="beside libvirt's nftables backend",
        ),
    ],
)
def test_the_rule_and_its_owner_are_named(known: Facts, of: Target, headline: str) -> None:
    outcome = broken(known, of)
    assert outcome.headline == headline
    assert (outcome.hop, outcome.severity, outcome.certainty) == (Hop.INPUT, "broken", "proven")


def test_evidence_holds_the_rule_verbatim_and_its_line() -> None:
    rule = next(fact for fact in broken(on_libvirt(saved(ABOVE)), ON_DEFAULT).evidence if "ip input" in fact.text)
    assert rule.value == "-A INPUT -p udp -m udp --dport 67 -j DROP"
    line = ABOVE.splitlines().index(rule.value) + 1
    assert rule.origin == f"ip filter INPUT, line {line} (`iptables-nft-save`)"


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (on_libvirt(saved(ABOVE)), "libvirt's accept in LIBVIRT_INP stands and does not help"),
        (on_libvirt(saved(SHUT), HOST_TABLE), "libvirt's own accept is gone too, and would not help"),
        (
            on_libvirt(saved(SHUT), networks=(network(backend="nftables"),)),
            "libvirt's nftables backend opens nothing towards this host",
        ),
    ],
    ids=["iptables", "flushed, and shut by another table", "nftables"],
)
def test_what_libvirt_does_about_it_is_told_by_its_backend(known: Facts, words: str) -> None:
    assert any(words in fact.text for fact in broken(known, ON_DEFAULT).evidence)


@pytest.mark.parametrize(
    ("known", "of"),
    [
        (on_libvirt(saved(CLOSED)), ON_DEFAULT),
        (on_libvirt(saved(LIBVIRT)), ON_DEFAULT),
        (on_own_bridge(), ON_BR0),
        (on_own_bridge(saved(SHUT.replace("lo", "br0"))), ON_BR0),
        (with_dhcpd(saved(SHUT)), ON_BR0),
    ],
    ids=[
        "libvirt's accept stands first",
        "all is open",
        "no rules",
        "everything from br0 is let in",
        "a packet socket",
    ],
)
def test_what_passes_is_fine(known: Facts, of: Target) -> None:
    assert isinstance(check.check(known, of), Fine)


def test_libvirts_own_rules_that_are_gone_are_another_cause() -> None:
    outcome = check.check(on_libvirt(saved(SHUT)), ON_DEFAULT)
    assert isinstance(outcome, NotApplicable)
    assert "libvirt-rules-missing" in outcome.why


def test_a_zone_of_firewalld_that_refuses_is_another_cause() -> None:
    public = Zone(name="public", interfaces=("br0",), services=())
    firewalld = Firewalld(running=True, default_zone="public", zones=(public,), zone_names=("public",))
    rules = native("inet", "firewalld", base_chain("filter_INPUT", "reject", priority=10))
    outcome = check.check(on_own_bridge(rules, firewalld=firewalld), ON_BR0)
    assert isinstance(outcome, NotApplicable)
    assert "firewalld-zone-lost" in outcome.why


def test_firewalld_with_the_iptables_backend_is_that_cause_too() -> None:
    public = Zone(name="public", interfaces=("br0",), services=())
    firewalld = Firewalld(
        running=True, default_zone="public", zones=(public,), zone_names=("public",), backend="iptables"
    )
    rules = "-A INPUT -j INPUT_direct\n-A INPUT -j REJECT --reject-with icmp-host-prohibited"
    text = filter_table(rules, chains=("INPUT_direct", "INPUT_ZONES"))
    outcome = check.check(on_own_bridge(saved(text), firewalld=firewalld), ON_BR0)
    assert isinstance(outcome, NotApplicable)
    assert "firewalld-zone-lost" in outcome.why


def test_a_rule_that_nobody_models_is_unknown() -> None:
    strange = filter_table("-A INPUT -p udp -m quota2 --name x -j DROP", policy="ACCEPT")
    outcome = check.check(on_own_bridge(saved(strange)), ON_BR0)
    assert isinstance(outcome, Unknown)
    assert outcome.would_help == "see `iptables-nft-save`"


@pytest.mark.parametrize(
    "known",
    [in_lan(saved(SHUT)), on_own_bridge(saved(SHUT), processes=(), sockets=())],
    ids=["in the LAN: INPUT does not see it", "nowhere"],
)
def test_a_server_that_is_not_here_is_not_concerned(known: Facts) -> None:
    assert not isinstance(check.check(known, ON_BR0), Broken)


@pytest.mark.parametrize(
    ("known", "of", "step"),
    [
        (on_own_bridge(saved(UFW)), ON_BR0, AllowInUfw),
        (on_libvirt(saved(ABOVE)), ON_DEFAULT, InsertIptablesRule),
        (on_libvirt(saved(LIBVIRT), HOST_TABLE), ON_DEFAULT, InsertNftRule),
    ],
    ids=["ufw", "iptables", "nft"],
)
def test_the_plan_speaks_the_owners_language(known: Facts, of: Target, step: type) -> None:
    plan = planned(known, of)
    assert isinstance(plan, Plan)
    assert [type(made) for made in plan.steps] == [step]


@pytest.mark.parametrize(
    "others", [(), (HOST_TABLE,), (BY_ZONES,)], ids=["one table", "two tables refuse", "one by a map of zones"]
)
def test_after_the_plan_it_passes_on_the_model(others: tuple[RulesText, ...]) -> None:
    known = on_libvirt(saved(ABOVE), *others)
    plan = planned(known, ON_DEFAULT)
    assert isinstance(plan, Plan)
    after, assumed = simulate(plan, known.host)
    assert not assumed
    assert len(plan.steps) == 1 + len(others)
    assert isinstance(check.check(Facts(host=after), ON_DEFAULT), Fine)


def test_rules_that_could_not_be_read_are_unknown() -> None:
    known = on_own_bridge(netfilter=Missing("forbidden", "only root may list rules"))
    assert isinstance(check.check(known, ON_BR0), Unknown)
