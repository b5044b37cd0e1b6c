"""Light guests with real clients: a lease by each of them, a file by TFTP and by HTTP after it, and what stops them."""

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import cold_start
from pxedoctor.lab.parts_bridge import boot_url, served_bridge_site, start_http

pytestmark = pytest.mark.lab


def test_every_client_gets_its_lease_and_the_file() -> None:
    with open_site() as site:
        served_bridge_site(site, tftp=True, ipv6=True)
        start_http(site)

        tries = {client: cold_start(site, None, client) for client in ("udhcpc", "dhclient", "dhcpcd", "dhclient6")}
        tries |= {scheme: cold_start(site, None, "udhcpc", "--fetch", boot_url(scheme)) for scheme in ("tftp", "http")}

    assert all(attempt.ok for attempt in tries.values()), tries


def test_a_dropped_request_is_a_failed_try() -> None:
    with open_site() as site:
        served_bridge_site(site, tftp=True, ipv6=True)
        site.run("iptables", "-A", "INPUT", "-p", "udp", "--dport", "69", "-j", "DROP")
        site.run("ip6tables", "-A", "INPUT", "-p", "udp", "--dport", "547", "-j", "DROP")

        lease = cold_start(site)
        tftp = cold_start(site, None, "udhcpc", "--fetch", boot_url("tftp"))
        lease6 = cold_start(site, None, "dhclient6")

    assert lease.ok
    assert (tftp.ok, "obtained" in tftp.said) == (False, True)
    assert (lease6.ok, "Solicit on eth0" in lease6.said) == (False, True)
