"""Restart and reload of libvirt's daemons: no inverse; and one rule for how safe each is, wherever it is done."""

import pytest

from builders import bridge, domain, host, network, port
from pxedoctor.model.fact import Missing
from pxedoctor.model.libvirt import Daemon, Libvirt
from pxedoctor.model.netfilter import Netfilter
from pxedoctor.plans.request import Service
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.service import reload_of, restart_of
from pxedoctor.plans.step import Assumed, Nothing
from rulesets import saved

BUSY = domain(job="migration out")


def test_reload() -> None:
    step = reload_of(host(), "libvirtd", "dnsmasq runs")
    assert step.argv() == ("systemctl", "reload", "libvirtd")
    assert step.describe() == "reload libvirtd: dnsmasq runs"
    assert step.request() == Service("libvirtd", "reload")
    assert step.simulate(host()) == Assumed("dnsmasq runs")
    assert step.undo(host()) == Nothing("a reload has no inverse")
    assert step.safety is Safety.SAFE


@pytest.mark.parametrize(
    ("daemon", "domains", "lost"),
    [
        ("libvirtd", (domain(),), ""),
        ("libvirtd", (domain(), BUSY), "libvirtd breaks off what it does for web01 (migration out)."),
        ("libvirtd", Missing("forbidden", "not for this user"), "A migration or another job of a guest, if one runs"),
        ("virtnetworkd", (BUSY,), ""),
    ],
    ids=["idle", "a migration", "nobody can tell", "a daemon that runs no guests"],
)
def test_a_restart_is_risky_where_it_breaks_a_job_off(daemon: str, domains: object, lost: str) -> None:
    step = restart_of(host(domains=domains), daemon, "dnsmasq runs")
    assert step.may_lose.startswith(lost)
    assert step.safety is (Safety.RISKY if lost else Safety.SAFE)
    assert bool(step.may_lose) is bool(lost)


def test_who_sleeps_does_nothing_that_could_break_off() -> None:
    asleep = Libvirt(daemons=(Daemon(name="libvirtd", asleep=True),))
    unread = Missing("forbidden", "not for this user")
    assert restart_of(host(libvirt=asleep, domains=unread), "libvirtd", "it runs").safety is Safety.SAFE


LIBVIRTS = (
    "*filter\n:LIBVIRT_FWI - [0:0]\n-A LIBVIRT_FWI -o virbr0 -m conntrack --ctstate ESTABLISHED -j ACCEPT\nCOMMIT\n"
)
A_FIREWALLS = "*filter\n:INPUT DROP [0:0]\n-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT\nCOMMIT\n"
NO_STATE = "*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp --dport 22 -j ACCEPT\nCOMMIT\n"


def behind_nat(rules: str | None, *taps: str, forward: str = "nat") -> dict[str, object]:
    listed = Netfilter(listings=(saved(rules),)) if rules else None
    return {
        "networks": (network(forward=forward),),
        "bridges": (bridge("virbr0", ports=tuple(port(tap) for tap in taps)),),
        "netfilter": listed or Missing("forbidden", "not for this user"),
    }


@pytest.mark.parametrize(
    ("facts", "lost"),
    [
        (behind_nat(LIBVIRTS, "vnet0"), True),
        (behind_nat(NO_STATE, "vnet0"), True),
        (behind_nat(None, "vnet0"), True),
        (behind_nat(A_FIREWALLS, "vnet0"), False),
        (behind_nat(LIBVIRTS), False),
        (behind_nat(LIBVIRTS, "vnet0", forward="route"), False),
    ],
    ids=["libvirt's alone", "a firewall without state", "not read", "a firewall", "no guest runs", "no NAT"],
)
def test_connections_through_nat_are_reset_where_nobody_else_tracks_them(facts: dict[str, object], lost: bool) -> None:
    """Seen: the last rule that tracks takes the kernel's hooks with it, and the host answers for the guest."""
    for step in (reload_of(host(**facts), "virtnetworkd", "it runs"), restart_of(host(**facts), "libvirtd", "it runs")):
        assert step.safety is (Safety.RISKY if lost else Safety.SAFE)
        assert ("guests of default have through NAT" in step.may_lose) is lost
