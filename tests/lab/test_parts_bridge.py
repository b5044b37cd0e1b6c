"""A guest whose server is in the LAN: only the bridge decides, until br_netfilter lets iptables decide too."""

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts_bridge import attempt, bridge_netfilter_off, bridge_netfilter_on, lan_site, set_uplink
from pxedoctor.lab.site import Site

pytestmark = pytest.mark.lab


def rpfilter(site: Site, action: str) -> None:
    site.run("iptables", "-t", "raw", action, "PREROUTING", "-m", "rpfilter", "--invert", "-j", "DROP")


def test_iptables_sees_bridged_frames_only_with_br_netfilter() -> None:
    with open_site() as site:
        lan_site(site)
        site.run("iptables", "-P", "FORWARD", "DROP")

        without = attempt(site)
        bridge_netfilter_on(site)
        with_it = attempt(site)
        bridge_netfilter_off(site)
        again = attempt(site)

    assert (without.ok, with_it.ok, again.ok) == (True, False, True)


def test_rpfilter_drops_a_bridged_offer_that_the_host_has_no_route_to() -> None:
    with open_site() as site:
        lan_site(site)
        rpfilter(site, "-A")
        without = attempt(site)
        bridge_netfilter_on(site)
        with_it = attempt(site)
        # The DISCOVER itself comes from 0.0.0.0 and is exempt (xt_rpfilter.c): with a route back all is well.
        site.run("ip", "route", "add", "192.168.160.0/24", "dev", site.bridge)
        with_route = attempt(site)

    assert (without.ok, with_it.ok, with_route.ok) == (True, False, True)


@pytest.mark.parametrize(("word", "bad", "good"), [("bcast_flood", "off", "on"), ("state", "0", "3")])
def test_a_port_that_does_not_let_the_broadcast_out(word: str, bad: str, good: str) -> None:
    with open_site() as site:
        lan_site(site)
        set_uplink(site, word, bad)
        closed = attempt(site)
        set_uplink(site, word, good)
        opened = attempt(site)

    assert (closed.ok, opened.ok) == (False, True)
