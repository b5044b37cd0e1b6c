"""Restart and reload of libvirt's daemons: no inverse; and one rule for how safe each is, wherever it is done."""

import pytest

from builders import domain, host
from pxedoctor.model.fact import Missing
from pxedoctor.model.libvirt import Daemon, Libvirt
from pxedoctor.plans.request import Service
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.service import reload_of, restart_of
from pxedoctor.plans.step import Assumed, Nothing

BUSY = domain(job="migration out")


def test_reload() -> None:
    step = reload_of("libvirtd", "dnsmasq runs")
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
