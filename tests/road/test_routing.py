"""The host's routes, as rules ask them."""

from builders import host, link
from pxedoctor.model.fact import Missing
from pxedoctor.model.route import Route, RoutingRule
from pxedoctor.netfilter.address import address_range
from pxedoctor.netfilter.routes import Prefix, Rule
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


def test_that_net_surely_comes_where_the_kernel_makes_the_address() -> None:
    idle = link("br0", kind="bridge", carrier=False)
    on = {"net/ipv6/conf/br0/disable_ipv6": "0", "net/ipv6/conf/br0/addr_gen_mode": "0"}
    surely: dict[str, bool] = {}
    for name, settings in {
        "by itself": on,
        "by somebody else": on | {"net/ipv6/conf/br0/addr_gen_mode": "1"},
        "not known how": {"net/ipv6/conf/br0/disable_ipv6": "0"},
        "nothing known": {},
    }.items():
        found = routes_of(host(routes=(OWN,), links=(idle,), sysctls=settings))
        assert found is not None
        surely[name] = found.prefixes[-1].sure
    assert surely == {"by itself": True, "by somebody else": False, "not known how": False, "nothing known": False}


def asked(family: str = "inet6", table: str = "main", **more: object) -> RoutingRule:
    return RoutingRule(family=family, priority=0, table=table, **more)  # type: ignore[arg-type]


def test_rules_that_no_question_for_a_way_back_meets_are_left_out() -> None:
    """It is asked as of the loopback device, whatever the packet came in through."""
    told = (
        asked(device="eno1"),
        asked(table="", others=("l3mdev",)),
        asked(device="lo"),
        asked(device="eno1", others=("not",)),
        asked(others=("src", "srclen")),
        asked("inet", "7", mark=(1, 3)),
    )
    found = routes_of(host(routes=(OWN,), links=(), routing_rules=told))
    assert found is not None
    assert found.rules == (
        *(Rule(version=6, table="main", certain=False) for _ in range(3)),
        Rule(version=4, table="7", mark=(1, 3)),
    )
    unread = routes_of(host(routes=(OWN,), links=(), routing_rules=Missing("failed", "no such program", "")))
    assert unread is not None
    assert unread.rules is None
