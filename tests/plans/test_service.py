"""Restart and reload of a daemon: no inverse, and a restart of libvirtd costs what it carries."""

from builders import host
from pxedoctor.plans.request import Service
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.service import ControlService, restart_of
from pxedoctor.plans.step import Assumed, Nothing


def test_reload() -> None:
    step = ControlService(name="libvirtd", action="reload", afterwards="dnsmasq runs")
    assert step.argv() == ("systemctl", "reload", "libvirtd")
    assert step.describe() == "reload libvirtd: dnsmasq runs"
    assert step.request() == Service("libvirtd", "reload")
    assert step.simulate(host()) == Assumed("dnsmasq runs")
    assert step.undo(host()) == Nothing("a reload has no inverse")


def test_a_restart_of_the_one_daemon_that_does_everything_is_risky() -> None:
    step = restart_of("libvirtd", "dnsmasq runs")
    assert step.safety is Safety.RISKY
    assert "migrations" in step.may_lose


def test_a_restart_of_the_daemon_that_owns_networks_alone_is_safe() -> None:
    step = restart_of("virtnetworkd", "dnsmasq runs")
    assert (step.safety, step.may_lose) == (Safety.SAFE, "")
