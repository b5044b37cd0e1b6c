"""A real ufw with its defaults: harmless to a network of libvirt, whichever came first; not to the host's dnsmasq."""

import pytest

from pxedoctor.lab import parts_ufw
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import libvirt_site
from pxedoctor.lab.parts_bridge import attempt, served_bridge_site

pytestmark = pytest.mark.lab


def test_after_libvirt_its_chains_stand_behind_libvirts() -> None:
    with open_site() as site:
        libvirt_site(site)
        parts_ufw.enable(site)
        rules = site.run("iptables", "-S", "INPUT").splitlines()
        tried = attempt(site)

    assert rules[:2] == ["-P INPUT DROP", "-A INPUT -j LIBVIRT_INP"]
    assert tried.ok


def test_before_libvirt_libvirt_puts_its_jump_first() -> None:
    with open_site() as site:
        parts_ufw.enable(site)
        libvirt_site(site)
        rules = site.run("iptables", "-S", "INPUT").splitlines()
        tried = attempt(site)

    assert rules[:2] == ["-P INPUT DROP", "-A INPUT -j LIBVIRT_INP"]
    assert tried.ok


def test_on_a_bridge_of_the_hosts_own_it_eats_the_discover() -> None:
    with open_site() as site:
        served_bridge_site(site)
        parts_ufw.was_here(site)
        before = attempt(site)
        parts_ufw.enable(site)
        enabled = attempt(site)
        parts_ufw.allow_dhcp(site)
        allowed = attempt(site)
        parts_ufw.forbid_dhcp(site)
        forbidden = attempt(site)
        parts_ufw.disable(site)
        after = attempt(site)

    tried = [each.ok for each in (before, enabled, allowed, forbidden, after)]
    assert tried == [True, False, True, False, True]
