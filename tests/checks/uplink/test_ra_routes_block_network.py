"""ra-routes-block-network: a network with IPv6 that libvirt does not start."""

import pytest

from builders import facts, finding, network, target
from pxedoctor.checks.uplink import ra_routes_block_network as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Unknown
from pxedoctor.model.fact import Missing
from pxedoctor.model.libvirt import Network, Subnet
from pxedoctor.model.route import Route
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.safety import Safety

V4 = Subnet(family="ipv4", address="192.168.122.1", prefix=24)
V6 = Subnet(family="ipv6", address="fd00::1", prefix=64)
RA = Route(family="inet6", destination="fd00:77::/64", device="eno1", protocol="kernel", advertised=True)
MANAGERS = Route(family="inet6", destination="default", device="eno1", protocol="ra")
UNREAD = Route(family="inet6", destination="default", device="eno1", protocol="ra", advertised=None)
GUEST = target(network="default", bridge="virbr0")


def inactive(**changes: object) -> Network:
    return network(active=False, **({"subnets": (V4, V6)} | changes))


def seen(
    of: Network | None = None, accepts: str | None = "1", everywhere: str = "1", routes: tuple[Route, ...] = (RA,)
) -> Facts:
    sysctls = {"net/ipv6/conf/all/accept_ra": everywhere}
    if accepts is not None:
        sysctls["net/ipv6/conf/eno1/accept_ra"] = accepts
    return facts(networks=(of or inactive(),), routes=routes, sysctls=sysctls)


def test_routes_from_a_router_keep_a_network_with_ipv6_from_starting() -> None:
    found = check.check(seen(), GUEST)
    assert isinstance(found, Broken)
    assert (found.severity, found.certainty, found.subject, found.scope) == ("broken", "proven", "default", "network")
    assert found.headline == (
        "libvirt does not start the network default: turning IPv6 forwarding on would cost this host the routes that "
        "eno1 learned from a router."
    )
    assert ("/proc/sys/net/ipv6/conf/eno1/accept_ra", "1") in {(e.origin, e.value) for e in found.evidence}


@pytest.mark.parametrize(
    "host_facts",
    [
        pytest.param(seen(accepts="2"), id="they survive"),
        pytest.param(seen(routes=(MANAGERS,)), id="NetworkManager's own, which the kernel does not flush"),
        pytest.param(seen(accepts="0"), id="from before somebody turned advertisements off"),
        pytest.param(seen(everywhere="2"), id="2 for all devices"),
        pytest.param(seen(routes=()), id="no such route"),
        pytest.param(seen(network(subnets=(V4, V6))), id="the network is active"),
    ],
)
def test_fine(host_facts: Facts) -> None:
    assert isinstance(check.check(host_facts, GUEST), Fine)


@pytest.mark.parametrize("of", [inactive(subnets=(V4,)), inactive(forward=""), inactive(forward="open")])
def test_not_applicable(of: Network) -> None:
    assert isinstance(check.check(seen(of), GUEST), NotApplicable)


def test_flags_that_could_not_be_read_are_unknown() -> None:
    assert isinstance(check.check(seen(routes=(UNREAD,)), GUEST), Unknown)


def test_routes_that_could_not_be_read_matter_where_the_network_is_not_active() -> None:
    unread = Missing("failed", "the sosreport holds no routes")
    host = {"routes": unread, "sysctls": Missing("failed", "nor settings")}
    assert isinstance(check.check(facts(networks=(inactive(),), **host), GUEST), Unknown)
    assert isinstance(check.check(facts(networks=(network(subnets=(V4, V6)),), **host), GUEST), Fine)


def test_a_setting_that_could_not_be_read_is_unknown() -> None:
    outcome = check.check(seen(accepts=None), GUEST)
    assert isinstance(outcome, Unknown)
    assert outcome.would_help == "sysctl net.ipv6.conf.eno1.accept_ra"


def test_the_routes_are_kept_and_the_network_started() -> None:
    plan = check.plan(finding(check, check.check(seen(), GUEST), GUEST), seen())
    assert isinstance(plan, Plan)
    assert plan.safety is Safety.SAFE
    assert [" ".join(step.argv()) for step in plan.steps] == [
        "sysctl -w net/ipv6/conf/eno1/accept_ra=2",
        "virsh -c qemu:///system net-start default",
    ]


def test_no_plan_once_the_routes_are_gone() -> None:
    made = finding(check, check.check(seen(), GUEST), GUEST)
    assert isinstance(check.plan(made, seen(routes=())), NoPlan)
