"""Routes of all tables and the neighbour table, as iproute2 6.1 prints them."""

from pxedoctor.access.answer import Absent, Answer, Failed, Text
from pxedoctor.collect import neighbours, routes
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


def test_routes_of_both_families() -> None:
    texts: dict[str, Answer] = {ROUTES: Text(V4), ROUTES6: Text(V6)}
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
