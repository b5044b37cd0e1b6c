"""What shakes the host does not end the keeper: libvirtd restarts, the bridge goes and comes, the clock jumps."""

import time

import pytest

from pxedoctor.lab import parts_firewalld
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import cold_start, libvirt_site, network_xml, restart_libvirt, restart_network
from pxedoctor.lab.watched import watched
from pxedoctor.watch.clock import Clock, seconds_since

NF002 = "host-firewall-drops-dhcp"
DROP = ("INPUT", "-p", "udp", "--dport", "67", "-j", "DROP")


@pytest.mark.lab
def test_libvirtd_restarts_and_the_bridge_is_made_anew_and_the_keeper_goes_on() -> None:
    with open_site() as site:
        libvirt_site(site)
        with watched(site) as keeper:
            restart_libvirt(site)
            site.run("iptables", "-I", *DROP)
            assert keeper.until("appeared", NF002)["who"]["name"] == "iptables"
            site.run("iptables", "-D", *DROP)
            keeper.until_gone(NF002)

            site.run("ip", "link", "delete", "dev", site.bridge)
            lost = keeper.until_broken()
            restart_network(site, network_xml(site, stp="off"))
            keeper.until_gone(lost)
            assert cold_start(site).ok

            # The new bridge has another number; rules and guests of it are heard as before.
            site.run("iptables", "-I", *DROP)
            keeper.until("appeared", NF002)


_POSTINST = """\
#!/bin/sh
iptables -I INPUT 1 -p udp --dport 67 -j DROP
# Longer than a command that is still at work is left to end.
sleep 6
"""


@pytest.mark.lab
def test_a_package_upgrade_is_named_and_its_repair_waits_until_apt_has_ended() -> None:
    """A real package whose script shuts the server's port, installed by the real apt."""
    with open_site() as site:
        libvirt_site(site)
        control = (
            "Package: hardening\nVersion: 1\nArchitecture: all\nMaintainer: nobody <n@example.org>\nDescription: x\n"
        )
        site.write("/tmp/package/DEBIAN/control", control)
        site.write("/tmp/package/DEBIAN/postinst", _POSTINST)
        site.path("/tmp/package/DEBIAN/postinst").chmod(0o755)
        site.run("dpkg-deb", "--build", "/tmp/package", "/tmp/hardening.deb")
        with watched(site, "--repair") as keeper:
            site.run("apt-get", "install", "-y", "-o", "APT::Sandbox::User=root", "/tmp/hardening.deb")
            ended = time.monotonic()
            appeared = keeper.until("appeared", NF002)
            assert appeared["who"]["caller"].startswith("package upgrade (apt-get install"), appeared["who"]
            repaired = keeper.until("repaired", NF002)
            assert repaired["outcome"] == "verified"
            # From the change, in the script's first moment, to the repair.
            assert repaired["seconds"] > 6
            assert time.monotonic() - ended < 60


@pytest.mark.lab
def test_firewalld_restarts_and_the_keeper_goes_on() -> None:
    with open_site() as site:
        parts_firewalld.firewalld_site(site)
        with watched(site) as keeper:
            site.run("sh", "-c", "kill $(pgrep -x firewalld); while pgrep -x firewalld >/dev/null; do sleep 0.1; done")
            parts_firewalld.run_firewalld(site)
            parts_firewalld.wait_for_zone(site, site.bridge, "libvirt")
            site.run("sh", "-c", "kill -9 $(cat /run/libvirt/network/lab.pid)")
            keeper.until("appeared", "dhcp-server-dead")


class Steps:
    """The wall clock and the one that only goes on, as a test sets them.

    A site cannot have a wall clock of its own: a time namespace shifts CLOCK_MONOTONIC and CLOCK_BOOTTIME alone, and
    those once, before its first process (time_namespaces(7)). Set for real it would be the machine's.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall, self.steady = 1000.0, 50.0
        monkeypatch.setattr(time, "time", lambda: self.wall)
        monkeypatch.setattr(time, "clock_gettime", lambda _: self.steady)

    def on(self, wall: float, steady: float) -> None:
        self.wall, self.steady = self.wall + wall, self.steady + steady


def test_a_clock_that_is_set_is_told_once_and_a_night_s_sleep_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = Steps(monkeypatch)
    clock = Clock()
    steps.on(5.0, 5.0)
    assert clock.jumped() == 0
    steps.on(-3600.0, 1.0)
    assert clock.jumped() == -3601.0
    assert clock.jumped() == 0
    steps.on(28800.0, 28800.0)
    assert clock.jumped() == 0, "both clocks count what a suspended host sleeps"


def test_a_time_that_is_yet_to_come_lasted_nothing() -> None:
    assert seconds_since("2999-01-01T00:00:00.000Z") == 0
    assert seconds_since("") == seconds_since("yesterday") == seconds_since("2026-01-01") == 0
