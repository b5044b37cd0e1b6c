"""dhcp-reply-dropped: which rule ends the OFFER or the ACK, and for which clients."""

import pytest

from boots import ON_BR0, ON_DEFAULT, in_lan, on_libvirt, on_own_bridge, with_dhcpd
from builders import finding, target
from pxedoctor.checks.filter import dhcp_reply_dropped as check
from pxedoctor.findings.outcome import Broken, Fine, Hop, NotApplicable, Unknown
from pxedoctor.model.netfilter import RulesText
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan, simulate
from rulesets import LIBVIRT, base_chain, filter_table, native, saved

SHUT = filter_table("-A OUTPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT").replace(
    ":OUTPUT ACCEPT", ":OUTPUT DROP"
)
BEHIND_LIBVIRT = LIBVIRT.replace(
    "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT",
    "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT DROP",
)
NO_BROADCAST = filter_table("-A OUTPUT -d 255.255.255.255/32 -j DROP")
NO_UNICAST = filter_table("-A OUTPUT -d 10.9.0.0/24 -p udp -m udp --sport 67 -j DROP")
ON_PORTS = native("bridge", "guests", base_chain("out", "udp dport 68 drop", hook="output", priority=-200))


def broken(known: Facts, of: Target = ON_BR0) -> Broken:
    outcome = check.check(known, of)
    assert isinstance(outcome, Broken), outcome
    return outcome


def test_established_lets_no_offer_out() -> None:
    outcome = broken(on_own_bridge(saved(SHUT)))
    assert outcome.headline == (
        "The policy DROP of ip filter OUTPUT drops the OFFER to br0's guests: the server answers in vain."
    )
    assert (outcome.hop, outcome.severity) == (Hop.OUTPUT, "broken")


@pytest.mark.parametrize("known", [on_own_bridge(ON_PORTS), with_dhcpd(ON_PORTS)], ids=["a socket", "frames"])
def test_a_filter_of_the_bridge_stops_every_kind_of_server(known: Facts) -> None:
    outcome = broken(known)
    assert outcome.hop is Hop.BRIDGE_OUTPUT
    assert isinstance(check.plan(finding(check, outcome, ON_BR0), known), NoPlan)


@pytest.mark.parametrize(
    ("rules", "client", "severity"),
    [
        (NO_BROADCAST, "ovmf", "broken"),
        (NO_BROADCAST, "ipxe", None),
        (NO_BROADCAST, "windows", "risk"),
        (NO_BROADCAST, None, "risk"),
        (NO_UNICAST, "ipxe", "broken"),
        (NO_UNICAST, "ovmf", None),
    ],
)
def test_where_one_kind_of_reply_dies_the_client_decides(rules: str, client: str | None, severity: str | None) -> None:
    outcome = check.check(on_own_bridge(saved(rules)), target(client))
    if severity is None:
        assert isinstance(outcome, Fine)
    else:
        assert isinstance(outcome, Broken)
        assert outcome.severity == severity


@pytest.mark.parametrize(
    ("known", "of"),
    [
        (on_libvirt(saved(BEHIND_LIBVIRT)), ON_DEFAULT),
        (on_own_bridge(), ON_BR0),
        (with_dhcpd(saved(SHUT)), ON_BR0),
        (in_lan(saved(SHUT)), ON_BR0),
    ],
    ids=["LIBVIRT_OUT accepts first", "no rules", "a packet socket", "the server is in the LAN"],
)
def test_what_comes_through_is_fine(known: Facts, of: Target) -> None:
    assert isinstance(check.check(known, of), Fine)


def test_nobody_serves() -> None:
    assert isinstance(check.check(on_own_bridge(saved(SHUT), processes=(), sockets=()), ON_BR0), NotApplicable)


def test_a_rule_that_nobody_models_is_unknown() -> None:
    strange = filter_table("-A OUTPUT -p udp -m quota2 --name x -j DROP")
    assert isinstance(check.check(on_own_bridge(saved(strange)), ON_BR0), Unknown)


@pytest.mark.parametrize("others", [(), (native("inet", "host", base_chain("out", hook="output", policy="drop")),)])
def test_after_the_plan_it_comes_through_on_the_model(others: tuple[RulesText, ...]) -> None:
    known = on_own_bridge(saved(SHUT), *others)
    plan = check.plan(finding(check, broken(known), ON_BR0), known)
    assert isinstance(plan, Plan)
    assert len(plan.steps) == 1 + len(others)
    after, assumed = simulate(plan, known.host)
    assert not assumed
    assert isinstance(check.check(Facts(host=after), ON_BR0), Fine)
