"""Where the main table sends a packet."""

from ipaddress import IPv4Address, IPv4Network

import pytest

from builders import host
from pxedoctor.model.fact import Missing
from pxedoctor.model.route import Route
from pxedoctor.road.routed_to import main_routes, route_to


def route(destination: str, device: str, **changes: object) -> Route:
    return Route(**({"family": "inet", "destination": destination, "device": device} | changes))  # type: ignore[arg-type]


def way(address: str, *routes: Route) -> str:
    best = route_to(IPv4Address(address), main_routes(host(routes=routes)))
    return best.device if best else ""


@pytest.mark.parametrize(
    ("routes", "device"),
    [
        pytest.param((route("default", "eth0"), route("10.0.0.0/8", "eth1")), "eth1", id="longest prefix"),
        pytest.param((route("10.0.0.0/8", "eth0"), route("10.1.2.3", "tun0")), "tun0", id="a single address"),
        pytest.param((route("10.0.0.0/8", "a", metric=100), route("10.0.0.0/8", "b")), "b", id="smallest metric"),
        pytest.param((route("10.0.0.0/8", "a"), route("10.0.0.0/8", "b")), "a", id="the first of equals"),
        pytest.param((route("10.0.0.0/8", "a", table="vpn"), route("default", "b")), "b", id="another table"),
        pytest.param((route("10.0.0.0/8", "a", kind="blackhole"),), "", id="another kind"),
        pytest.param((route("default", "a", family="inet6"),), "", id="the other protocol's default"),
        pytest.param((), "", id="none"),
    ],
)
def test_the_way(routes: tuple[Route, ...], device: str) -> None:
    assert way("10.1.2.3", *routes) == device


def test_only_ipv4_and_only_what_is_known() -> None:
    six = route("fd00::/64", "eth0", family="inet6")
    own = route("10.0.0.0/8", "eth0")
    assert main_routes(host(routes=(six, own))) == ((IPv4Network("10.0.0.0/8"), own),)
    assert main_routes(host(routes=Missing("failed", "ip is not here"))) == ()
