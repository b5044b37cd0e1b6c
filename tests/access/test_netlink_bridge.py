"""The dump of queriers, asked of the kernel itself in a site: of a bridge that queries, and of one that does not."""

import json
import sys

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.site import Site

pytestmark = pytest.mark.lab

_ASKS = "from pxedoctor.access.netlink import dump; print(dump('bridges multicast queriers').text, end='')"


def asked(site: Site) -> dict[str, int | None]:
    return dict(map(json.loads, site.run(sys.executable, "-c", _ASKS).splitlines()))


def test_a_querier_is_told_by_the_port_through_which_it_is_heard() -> None:
    with open_site() as site:
        quiet, loud, hears = (site.device(name) for name in ("qa", "qb", "qc"))
        for name in (quiet, loud, hears):
            site.run("ip", "link", "add", name, "type", "bridge")
            site.run("sysctl", "-q", "-w", f"net.ipv6.conf.{name}.accept_dad=0")
            site.run("ip", "link", "set", "dev", name, "up")
        site.run("ip", "link", "add", site.device("v0"), "type", "veth", "peer", "name", site.device("v1"))
        site.run("ip", "link", "set", "dev", site.device("v0"), "master", loud, "up")
        site.run("ip", "link", "set", "dev", site.device("v1"), "master", hears, "up")
        assert asked(site)[hears] is None
        site.run("ip", "link", "set", "dev", loud, "type", "bridge", "mcast_startup_query_interval", "100")
        site.run("ip", "link", "set", "dev", loud, "type", "bridge", "mcast_querier", "1")
        index = int(site.run("cat", f"/sys/class/net/{site.device('v1')}/ifindex"))
        for _ in range(50):
            if asked(site)[hears] is not None:
                break
            site.run("sleep", "0.2")
        assert asked(site) == {quiet: None, loud: 0, hears: index}
