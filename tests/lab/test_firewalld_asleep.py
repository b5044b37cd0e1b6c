"""A firewalld that is installed and not running stays so: no question of a diagnosis starts it over D-Bus."""

import os
import time

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.normalise import differences
from pxedoctor.lab.parts import cold_start, libvirt_site
from pxedoctor.lab.runner import take
from pxedoctor.lab.site import Site

pytestmark = pytest.mark.lab

# Debian's package brings none; with it any ordinary call to the name starts the daemon (D-Bus specification).
_ACTIVATION = """\
[D-BUS Service]
Name=org.fedoraproject.FirewallD1
Exec=/usr/sbin/firewalld --nofork --nopid
User=root
"""
_SERVICE_FILE = "/usr/share/dbus-1/system-services/org.fedoraproject.FirewallD1.service"
_AN_ORDINARY_CALL = ("busctl", "--system", "call", "org.fedoraproject.FirewallD1", "/org/fedoraproject/FirewallD1")


@pytest.fixture(autouse=True)
def _root() -> None:
    # Not a skip: a lab that did not run proves nothing.
    assert os.geteuid() == 0, "the lab makes network namespaces: run the tests as root"


def _runs(site: Site) -> bool:
    return site.ask("pgrep", "-x", "firewalld").returncode == 0


def test_diagnose_does_not_start_firewalld() -> None:
    with open_site() as site:
        site.write(_SERVICE_FILE, _ACTIVATION)
        site.run("mkdir", "-p", "/run/dbus")
        site.run("dbus-daemon", "--system", "--fork")
        libvirt_site(site)
        # Without counters (-s): they move with what the host itself sends, IGMP among it.
        before, rules = take(site), site.run("nft", "-s", "list", "ruleset")
        told = site.doctor("diagnose")
        assert told.exit_code == 0, told.document
        time.sleep(3)
        assert not _runs(site)
        assert differences(before, take(site)) == []
        assert site.run("nft", "-s", "list", "ruleset") == rules
        assert cold_start(site).ok
        # The same name, asked in the ordinary way, does start it: so the calm above was not the bus's inability.
        site.ask(*_AN_ORDINARY_CALL, "org.fedoraproject.FirewallD1", "getDefaultZone")
        assert _runs(site)
