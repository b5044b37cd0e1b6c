"""Routes of all tables and the neighbour table, as iproute2 6.1 prints them."""

from pxedoctor.access.answer import Absent, Answer, Failed, Text
from pxedoctor.collect import neighbours, routes
from pxedoctor.collect.ask.routes import advertised
from pxedoctor.model.fact import Missing
from pxedoctor.model.route import Neighbour, Route

ROUTES = "run ip -j -4 route show table all"
ROUTES6 = "run ip -j -6 route show table all"
NEIGHBOURS = "run ip -j neigh show"

V4 = """\
[{"dst":"default","gateway":"192.0.2.1","dev":"eth0","metric":100,"flags":[]},
 {"dst":"192.168.150.0/24","dev":"vbe00c","protocol":"kernel","scope":"link","prefsrc":"192.168.150.1",
  "flags":["linkdown"]},
 {"type":"broadcast","dst":"192.168.150.255","dev":"vbe00c","table":"local","protocol":"kernel","scope":"link",
  "prefsrc":"192.168.150.1","flags":["linkdown"]}]
"""
V6 = """\
[{"type":"local","dst":"::1","dev":"lo","table":"local","protocol":"kernel","metric":0,"flags":[],"pref":"medium"}]
"""


FLAGS = "read /proc/net/ipv6_route"
# Linux 6.18, behind a router that advertises: its prefix, the link's own, the way out; and the loopback's.
KERNELS = """\
fd000077000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00040001 eno1
fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001 eno2
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe80000000000000c01150fffefb112c 00000400 00000001 00000000 00450003 eno1
00000000000000000000000000000001 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000002 00000000 80200001 lo
"""  # noqa: E501


def test_of_the_kernels_own_list_only_the_devices_of_advertised_routes_are_kept() -> None:
    kept = advertised(KERNELS)
    assert kept == "00040000 eno1\n"
    assert advertised(kept) == kept
    assert advertised("nonsense\nx y\n") == ""


def test_a_route_of_a_device_behind_a_router_that_advertises() -> None:
    both = '[{"dst":"fd00:77::/64","dev":"eno1","protocol":"kernel"},{"dst":"fd00:78::/64","dev":"eno2"}]'
    told: dict[str, Answer] = {ROUTES: Text("[]"), ROUTES6: Text(both), FLAGS: Text("00040000 eno1\n")}
    assert [route.advertised for route in _parsed(told)] == [True, False]
    assert [route.advertised for route in _parsed(told | {FLAGS: Absent("no IPv6")})] == [False, False]
    assert [route.advertised for route in _parsed(told | {FLAGS: Failed("no")})] == [None, None]


def _parsed(texts: dict[str, Answer]) -> tuple[Route, ...]:
    found = routes.parse(texts)
    assert not isinstance(found, Missing)
    return found


def test_routes_of_both_families() -> None:
    texts: dict[str, Answer] = {ROUTES: Text(V4), ROUTES6: Text(V6), FLAGS: Text("")}
    assert routes.parse(texts) == (
        Route(family="inet", destination="default", device="eth0", gateway="192.0.2.1", metric=100),
        Route(family="inet", destination="192.168.150.0/24", device="vbe00c", protocol="kernel"),
        Route(
            family="inet",
            destination="192.168.150.255",
            device="vbe00c",
            table="local",
            kind="broadcast",
            protocol="kernel",
        ),
        Route(family="inet6", destination="::1", device="lo", table="local", kind="local", protocol="kernel", metric=0),
    )


def test_a_kernel_without_ipv6() -> None:
    texts: dict[str, Answer] = {ROUTES: Text("[]"), ROUTES6: Failed("ip ended with 1: not supported")}
    assert routes.parse(texts) == ()


def test_without_ip() -> None:
    gone = Absent("ip is not installed")
    assert isinstance(routes.parse({ROUTES: gone, ROUTES6: gone}), Missing)
    assert isinstance(neighbours.parse({NEIGHBOURS: gone}), Missing)


def test_neighbours() -> None:
    text = """[{"dst":"192.0.2.1","dev":"eth0","lladdr":"02:fc:00:00:00:05","state":["STALE"]},
              {"dst":"fd00::1","dev":"eth0","state":["FAILED"]}]"""
    assert neighbours.parse({NEIGHBOURS: Text(text)}) == (
        Neighbour(address="192.0.2.1", device="eth0", mac="02:fc:00:00:00:05", states=("STALE",)),
        Neighbour(address="fd00::1", device="eth0", states=("FAILED",)),
    )
