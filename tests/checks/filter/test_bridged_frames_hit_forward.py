"""bridged-frames-hit-forward: br_netfilter and a FORWARD that drops, for a server behind another port."""

import pytest

from boots import ON_BR0, ON_DEFAULT, in_lan, on_libvirt, on_own_bridge
from builders import bridge, finding, port
from pxedoctor.checks.filter import bridged_frames_hit_forward as check
from pxedoctor.findings.outcome import Broken, Fine, Hop, NotApplicable, Unknown
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.firewall_rule import InsertIptablesRule
from pxedoctor.plans.plan import NoPlan, Plan, simulate
from pxedoctor.plans.safety import Safety
from rulesets import LIBVIRT, base_chain, native, saved

DOCKER = """\
*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:DOCKER - [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -o docker0 -j DOCKER
-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
-A DOCKER-USER -j RETURN
COMMIT
"""
ACCEPTED = DOCKER.replace("-A DOCKER-USER", "-A DOCKER-USER -i br0 -o br0 -j ACCEPT\n-A DOCKER-USER")
BACK_ONLY = DOCKER.replace("-A DOCKER-USER", "-A DOCKER-USER -p udp --dport 67 -j ACCEPT\n-A DOCKER-USER")
CALLED_BY_BRIDGE = bridge(ports=(port("eno1"),), nf_call_iptables=True)


def broken(known: Facts) -> Broken:
    outcome = check.check(known, ON_BR0)
    assert isinstance(outcome, Broken), outcome
    return outcome


def test_dockers_policy_ends_a_discover_to_the_lan() -> None:
    outcome = broken(in_lan(saved(DOCKER)))
    assert outcome.headline == (
        "The policy DROP of ip filter FORWARD (Docker) drops the DISCOVER of br0's guests: br_netfilter has frames "
        "that are only bridged pass it."
    )
    assert (outcome.hop, outcome.scope, outcome.certainty) == (Hop.FORWARD, "bridge", "proven")
    assert (outcome.evidence[0].origin, outcome.evidence[0].value) == (
        "/proc/sys/net/bridge/bridge-nf-call-iptables",
        "1",
    )


def test_the_way_back_may_be_the_one_that_is_shut() -> None:
    assert "drops the OFFER-BROADCAST of" in broken(in_lan(saved(BACK_ONLY))).headline


def test_the_switch_of_the_bridge_alone_is_enough() -> None:
    outcome = broken(in_lan(saved(DOCKER), calls_iptables=False, bridges=(CALLED_BY_BRIDGE,)))
    assert outcome.evidence[0].origin == "/sys/class/net/br0/bridge/nf_call_iptables"


@pytest.mark.parametrize(
    ("known", "of"),
    [
        (in_lan(saved(DOCKER), calls_iptables=False), ON_BR0),
        (in_lan(saved(ACCEPTED)), ON_BR0),
        (in_lan(saved(DOCKER.replace("FORWARD DROP", "FORWARD ACCEPT"))), ON_BR0),
        (in_lan(), ON_BR0),
    ],
    ids=["br_netfilter is off", "DOCKER-USER accepts", "the policy is ACCEPT", "no rules"],
)
def test_what_passes_is_fine(known: Facts, of: Target) -> None:
    assert isinstance(check.check(known, of), Fine)


@pytest.mark.parametrize(
    ("known", "of"),
    [(on_libvirt(saved(LIBVIRT), saved(DOCKER)), ON_DEFAULT), (on_own_bridge(saved(DOCKER)), ON_BR0)],
    ids=["libvirt's network", "the host's own dnsmasq"],
)
def test_a_server_of_this_host_is_not_forwarded_to(known: Facts, of: Target) -> None:
    assert isinstance(check.check(known, of), NotApplicable)


def test_what_asks_for_the_way_back_is_another_cause() -> None:
    strict = base_chain("pre", "fib saddr . iif oif missing drop", hook="prerouting", priority=-300)
    assert not isinstance(check.check(in_lan(native("inet", "rp", strict)), ON_BR0), Broken)


def test_a_rule_that_nobody_models_is_unknown() -> None:
    strange = DOCKER.replace("-A DOCKER-USER", "-A DOCKER-USER -m quota2 --name x -j ACCEPT\n-A DOCKER-USER")
    assert isinstance(check.check(in_lan(saved(strange)), ON_BR0), Unknown)


def test_the_plan_goes_through_docker_user_and_is_risky() -> None:
    known = in_lan(saved(DOCKER))
    plan = check.plan(finding(check, broken(known), ON_BR0), known)
    assert isinstance(plan, Plan)
    assert plan.safety is Safety.RISKY
    (step,) = plan.steps
    assert isinstance(step, InsertIptablesRule)
    assert step.chain == "DOCKER-USER"
    assert any("bridge-nf-call-iptables=0" in way for way in plan.other_ways)
    after, assumed = simulate(plan, known.host)
    assert not assumed
    assert isinstance(check.check(Facts(host=after), ON_BR0), Fine)


PROXMOX = """\
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:PVEFW-FORWARD - [0:0]
-A FORWARD -j PVEFW-FORWARD
-A PVEFW-FORWARD -p udp -m udp --dport 67 -j DROP
COMMIT
"""


BANNED = PROXMOX.replace("PVEFW-FORWARD", "f2b-guests")


def test_where_somebody_rests_on_the_switch_there_is_no_plan() -> None:
    known = in_lan(saved(PROXMOX))
    plan = check.plan(finding(check, broken(known), ON_BR0), known)
    assert isinstance(plan, NoPlan)
    assert "Proxmox VE's firewall of guests" in plan.because


def test_where_the_owner_takes_no_accept_the_switch_itself_is_offered() -> None:
    known = in_lan(saved(BANNED))
    plan = check.plan(finding(check, broken(known), ON_BR0), known)
    assert isinstance(plan, Plan)
    assert [step.argv() for step in plan.steps] == [("sysctl", "-w", "net.bridge.bridge-nf-call-iptables=0")]
    assert plan.safety is Safety.RISKY
    assert "where somebody rests on them" in plan.may_lose
    after, assumed = simulate(plan, known.host)
    assert not assumed
    assert isinstance(check.check(Facts(host=after), ON_BR0), Fine)


def test_a_bridge_that_asks_for_it_itself_is_told_not_to() -> None:
    known = in_lan(saved(BANNED), calls_iptables=False, bridges=(CALLED_BY_BRIDGE,))
    plan = check.plan(finding(check, broken(known), ON_BR0), known)
    assert isinstance(plan, Plan)
    assert [step.argv()[-2:] for step in plan.steps] == [("nf_call_iptables", "0")]
