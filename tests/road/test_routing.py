"""The host's routes, as rules ask them."""

from builders import host, link
from pxedoctor.model.fact import Missing
from pxedoctor.model.route import Route
from pxedoctor.netfilter.address import address_range
from pxedoctor.netfilter.routes import Prefix
from pxedoctor.road.routing import routes_of

DEFAULT = Route(family="inet", destination="default", device="eno1")
OWN = Route(family="inet", destination="10.9.0.1", device="br0", table="local", kind="local")
DEFAULT6 = Route(family="inet6", destination="default", device="eno1")


def test_default_is_everywhere_in_its_family() -> None:
    routes = routes_of(host(routes=(DEFAULT, DEFAULT6), links=()))
    assert routes is not None
    assert [prefix.net for prefix in routes.prefixes] == [(0, (1 << 32) - 1), (0, (1 << 128) - 1)]
    assert [prefix.version for prefix in routes.prefixes] == [4, 6]


def test_an_address_is_a_net_of_one() -> None:
    routes = routes_of(host(routes=(OWN,), links=(link("br0", kind="bridge", master="blue"), link("eno1"))))
    assert routes is not None
    own = Prefix(version=4, net=address_range("10.9.0.1"), device="br0", kind="local", table="local")
    assert routes.prefixes == (own,)
    assert routes.masters == (("br0", "blue"),)


def test_one_route_that_is_not_understood_leaves_all_open() -> None:
    strange = Route(family="mpls", destination="100", device="eno1")
    assert routes_of(host(routes=(OWN, strange), links=())) is None
    assert routes_of(host(routes=(OWN, Route(family="inet", destination="10/x")), links=())) is None


def test_without_routes_or_devices_nothing_is_known() -> None:
    unknown = Missing("failed", "no such program", "")
    assert routes_of(host(routes=unknown, links=())) is None
    assert routes_of(host(routes=(OWN,), links=unknown)) is None


def test_a_bridge_without_a_guest_has_its_link_local_net_still_to_come() -> None:
    """What its first guest sends from there finds a way back: firewalld's IPv6_rpfilter lets it in (the zoo)."""
    guest = address_range("fe80::1")
    idle = link("br0", kind="bridge", carrier=False)
    routes = routes_of(host(routes=(OWN,), links=(idle,)))
    assert routes is not None
    assert not routes.leads_nowhere(6, "br0", guest)
    for other in (
        host(routes=(OWN,), links=(idle,), sysctls={"net/ipv6/conf/br0/disable_ipv6": "1"}),
        host(routes=(OWN,), links=(link("br0", kind="bridge"),)),
    ):
        found = routes_of(other)
        assert found is not None
        assert found.leads_nowhere(6, "br0", guest)
