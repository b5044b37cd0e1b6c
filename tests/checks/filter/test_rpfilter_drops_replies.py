"""rpfilter-drops-replies: rules that ask for the way back, and a host without a route through the bridge."""

import pytest

from boots import ON_BR0, in_lan, on_own_bridge
from builders import finding
from pxedoctor.checks.filter import bridged_frames_hit_forward
from pxedoctor.checks.filter import rpfilter_drops_replies as check
from pxedoctor.findings.outcome import Broken, Fine, Hop, NotApplicable, Unknown
from pxedoctor.model.route import Route
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan, Plan, simulate
from pxedoctor.plans.safety import Safety
from rulesets import base_chain, native, saved

LO = Route(family="inet", destination="127.0.0.0/8", device="lo", table="local", kind="local")
LO6 = Route(family="inet6", destination="::1", device="lo", table="local", kind="local")
DEFAULT = Route(family="inet", destination="default", device="eth9")
THROUGH_BRIDGE = Route(family="inet", destination="10.9.0.0/24", device="br0")
ROUTES = (LO, LO6, DEFAULT)

RAW = "*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n{rules}COMMIT\n"
RPFILTER = saved(RAW.format(rules="-A PREROUTING -m rpfilter --invert -j DROP\n"))
FIB = native("inet", "strict", base_chain("pre", "fib saddr . iif oif missing drop", hook="prerouting", priority=-300))
NIXOS = saved(
    "*mangle\n:PREROUTING ACCEPT [0:0]\n:nixos-fw-rpfilter - [0:0]\n-A PREROUTING -j nixos-fw-rpfilter\n"
    "-A nixos-fw-rpfilter -m rpfilter --validmark -j RETURN\n"
    "-A nixos-fw-rpfilter -p udp -m udp --sport 67 --dport 68 -j RETURN\n"
    "-A nixos-fw-rpfilter -s 0.0.0.0/32 -d 255.255.255.255/32 -p udp -m udp --sport 68 --dport 67 -j RETURN\n"
    "-A nixos-fw-rpfilter -j DROP\nCOMMIT\n"
)


def broken(known: Facts) -> Broken:
    outcome = check.check(known, ON_BR0)
    assert isinstance(outcome, Broken), outcome
    return outcome


def test_an_offer_from_the_lan_has_no_way_back() -> None:
    outcome = broken(in_lan(RPFILTER, routes=ROUTES))
    assert outcome.headline == (
        "The rule `-A PREROUTING -m rpfilter --invert -j DROP` of ip raw PREROUTING drops the OFFER-BROADCAST of br0's "
        "guests: this host has no route through br0, so no source there has a way back."
    )
    assert (outcome.severity, outcome.hop, outcome.scope) == ("broken", Hop.PREROUTING, "bridge")
    assert (outcome.evidence[0].origin, outcome.evidence[1].value) == (
        "ip route show table all",
        "-A PREROUTING -m rpfilter --invert -j DROP",
    )


def test_nfts_question_is_the_same() -> None:
    assert "`fib saddr . iif oif missing drop` of inet strict pre" in broken(in_lan(FIB, routes=ROUTES)).headline


def test_nixos_lets_replies_go_on_and_drops_renewals() -> None:
    outcome = broken(in_lan(NIXOS, routes=ROUTES))
    assert outcome.severity == "risk"
    assert "drops the RENEW of br0's guests" in outcome.headline


@pytest.mark.parametrize(
    "known",
    [
        in_lan(RPFILTER, routes=ROUTES, calls_iptables=False),
        in_lan(routes=ROUTES),
        in_lan(saved(RAW.format(rules="-A PREROUTING -i br0 -j ACCEPT\n-A PREROUTING -m rpfilter --invert -j DROP\n"))),
    ],
    ids=["br_netfilter is off", "no rules", "accepted before"],
)
def test_what_passes_is_fine(known: Facts) -> None:
    assert isinstance(check.check(known, ON_BR0), Fine)


@pytest.mark.parametrize("routes", [(*ROUTES, THROUGH_BRIDGE), ()], ids=["a route through the bridge", "none listed"])
def test_where_routes_decide_it_is_unknown(routes: tuple[Route, ...]) -> None:
    outcome = check.check(in_lan(RPFILTER, routes=routes), ON_BR0)
    assert isinstance(outcome, Unknown)
    assert outcome.missing.startswith("whether there is a way back to the source of OFFER-BROADCAST")


def test_the_discover_of_a_served_bridge_needs_none() -> None:
    sysctls = {"net/bridge/bridge-nf-call-iptables": "1"}
    outcome = check.check(on_own_bridge(RPFILTER, routes=(*ROUTES, THROUGH_BRIDGE), sysctls=sysctls), ON_BR0)
    assert not isinstance(outcome, Broken)


def test_without_a_bridge_there_is_nothing_to_say() -> None:
    assert isinstance(check.check(in_lan(RPFILTER, bridges=()), ON_BR0), NotApplicable)


def test_the_more_general_cause_leaves_it_alone() -> None:
    assert isinstance(bridged_frames_hit_forward.check(in_lan(RPFILTER, routes=ROUTES), ON_BR0), Fine)


@pytest.mark.parametrize("rules", [RPFILTER, FIB], ids=["iptables", "nft"])
def test_what_comes_in_through_the_bridge_is_accepted_before(rules: object) -> None:
    known = in_lan(rules, routes=ROUTES)  # type: ignore[arg-type]
    plan = check.plan(finding(check, broken(known), ON_BR0), known)
    assert isinstance(plan, Plan)
    assert plan.safety is Safety.RISKY
    assert any("bridge-nf-call-iptables=0" in way for way in plan.other_ways)
    after, assumed = simulate(plan, known.host)
    assert not assumed
    assert isinstance(check.check(Facts(host=after), ON_BR0), Fine)


def test_firewalld_is_told_in_its_own_file() -> None:
    chain = base_chain(
        "mangle_PREROUTING",
        "meta nfproto ipv6 fib saddr . mark . iif oif missing drop",
        hook="prerouting",
        priority=-140,
    )
    sysctls = {"net/bridge/bridge-nf-call-ip6tables": "1"}
    known = in_lan(native("inet", "firewalld", chain), routes=ROUTES, sysctls=sysctls)
    outcome = broken(known)
    assert outcome.severity == "risk"
    plan = check.plan(finding(check, outcome, ON_BR0), known)
    assert isinstance(plan, NoPlan)
    assert plan.instead == ("IPv6_rpfilter=no in /etc/firewalld/firewalld.conf, then firewall-cmd --reload",)
