"""A real container of podman: netavark's rules stand beside libvirt's, and no guest notices."""

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import libvirt_site
from pxedoctor.lab.parts_bridge import attempt, bridge_netfilter_on, lan_site
from pxedoctor.lab.parts_podman import remove_container, run_container

pytestmark = pytest.mark.lab


def test_beside_a_network_of_libvirt() -> None:
    with open_site() as site:
        libvirt_site(site)
        run_container(site)
        rules = site.run("iptables-save")
        tried = attempt(site)
        remove_container(site)
        after = site.run("iptables-save")

    assert "-A NETAVARK_FORWARD -s 10.88.0.0/16 -j ACCEPT" in rules
    assert ":FORWARD ACCEPT" in rules
    assert tried.ok
    assert "-A NETAVARK_FORWARD" not in after


def test_bridged_guests_under_br_netfilter_pass_too() -> None:
    with open_site() as site:
        lan_site(site)
        run_container(site)
        bridge_netfilter_on(site)
        tried = attempt(site)

    assert tried.ok
