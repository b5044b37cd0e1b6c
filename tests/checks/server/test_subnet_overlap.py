"""subnet-overlap: which route of the host keeps a network from starting, or takes what is sent to its guests."""

import pytest

from builders import bridge, facts, finding, network, target
from pxedoctor.checks.server import subnet_overlap as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome, Unknown
from pxedoctor.model.fact import Unmodelled
from pxedoctor.model.libvirt import Network, Reservation, Subnet
from pxedoctor.model.route import Route
from pxedoctor.plans.plan import NoPlan

GUEST = target(bridge="virbr0", network="default")
OFF = network(active=False)
OWN = Route(family="inet", destination="192.168.122.0/24", device="virbr0")
HALF = network(
    subnets=(Subnet(family="ipv4", address="192.168.122.1", prefix=24, ranges=(("192.168.122.2", "192.168.122.99"),)),)
)
RESERVED = network(
    subnets=(
        Subnet(
            family="ipv4",
            address="192.168.122.1",
            prefix=24,
            hosts=1,
            reserved=(Reservation(mac="52:54:00:0d:0d:01", address="192.168.122.200"),),
        ),
    )
)


def to(destination: str, device: str = "eth0", metric: int | None = None, **changes: str) -> Route:
    return Route(family="inet", destination=destination, device=device, metric=metric, **changes)


def outcome(one: Network, *routes: Route) -> Outcome:
    return check.check(facts(networks=(one,), routes=routes), GUEST)


def test_a_network_whose_prefix_a_nic_has_cannot_start() -> None:
    found = outcome(OFF, to("default"), to("192.168.122.0/24"))
    assert isinstance(found, Broken)
    assert (found.subject, found.hop.value, found.severity) == ("default", "bridge", "broken")
    assert ("ip -4 route show table main", "192.168.122.0/24 dev eth0") in [(e.origin, e.value) for e in found.evidence]


@pytest.mark.parametrize(
    "route",
    [to("192.168.122.0/25"), to("192.168.0.0/16"), to("192.168.123.0/24"), to("192.168.122.0/24", table="vpn")],
    ids=["longer", "shorter", "the next one", "another table"],
)
def test_libvirt_refuses_the_very_same_prefix_alone(route: Route) -> None:
    assert isinstance(outcome(OFF, to("default"), route), Fine)


@pytest.mark.parametrize(
    ("one", "route"),
    [
        pytest.param(HALF, to("192.168.122.0/25", "tun0"), id="a longer prefix"),
        pytest.param(HALF, to("192.168.122.64/26", "tun0"), id="over a part of the range"),
        pytest.param(HALF, to("192.168.122.7", "tun0"), id="over one address"),
        pytest.param(RESERVED, to("192.168.122.128/25", "tun0"), id="over a reserved address"),
    ],
)
def test_a_better_route_takes_what_is_sent_to_guests(one: Network, route: Route) -> None:
    found = outcome(one, OWN, route)
    assert isinstance(found, Broken)
    assert (found.severity, found.hop.value) == ("broken", "output")
    assert "leaves by tun0" in found.headline


def test_the_first_of_two_equal_routes_wins() -> None:
    found = outcome(network(), to("192.168.122.0/24"), OWN)
    assert isinstance(found, Broken)
    assert found.severity == "broken"


@pytest.mark.parametrize(
    "route", [to("192.168.122.0/24", metric=100), to("192.168.0.0/16")], ids=["a worse metric", "a shorter prefix"]
)
def test_where_the_bridge_wins_it_is_a_risk(route: Route) -> None:
    found = outcome(network(), OWN, route)
    assert isinstance(found, Broken)
    assert found.severity == "risk"


@pytest.mark.parametrize(
    "route",
    [to("192.168.122.128/25", "tun0"), to("192.168.123.0/24"), to("default"), to("192.168.122.0/25", "virbr0")],
    ids=["addresses that are not handed out", "the next prefix", "the default route", "the bridge's own"],
)
def test_no_overlap(route: Route) -> None:
    assert isinstance(outcome(HALF, OWN, route), Fine)


def test_who_keeps_the_prefix_is_for_a_person_to_say() -> None:
    here = facts(networks=(OFF,), routes=(to("192.168.122.0/24"),))
    planned = check.plan(finding(check, check.check(here, GUEST)), here)
    assert isinstance(planned, NoPlan)
    assert "virsh net-edit default" in planned.instead[0]


@pytest.mark.parametrize(
    "one", [network(forward="bridge"), network(subnets=())], ids=["a bridge of the host's", "no address at all"]
)
def test_not_applicable(one: Network) -> None:
    assert isinstance(outcome(one, to("192.168.122.0/24")), NotApplicable)


def test_a_bridge_of_that_name_that_somebody_else_made() -> None:
    here = facts(networks=(OFF,), routes=(to("192.168.122.0/24", "virbr1"),), bridges=(bridge("virbr0"),))
    assert isinstance(check.check(here, target(bridge="virbr0")), NotApplicable)


def test_a_network_that_could_not_be_understood_is_unknown() -> None:
    hidden = Unmodelled(kind="network", name="default", origin="/run/x", why="it is not XML")
    assert isinstance(check.check(facts(unmodelled=(hidden,), routes=()), GUEST), Unknown)
