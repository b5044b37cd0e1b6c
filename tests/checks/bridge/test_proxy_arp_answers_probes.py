"""proxy-arp-answers-probes: who answers for the offered address, and what this host itself answers for."""

import pytest

from builders import MAC, bridge, domain, facts, finding, link, nic, probed, target, with_probes
from pxedoctor.checks.bridge import proxy_arp_answers_probes as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable
from pxedoctor.model.link import Address
from pxedoctor.model.observation import Probed, SeenArp
from pxedoctor.model.route import Route
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan, Plan, simulate
from pxedoctor.plans.safety import Safety

BR0_MAC = "52:54:00:00:00:01"
OFFERED = "192.168.160.57"


def any_ip(destination: str = "192.168.160.0/24", **changes: object) -> Route:
    """What `ip route add local PREFIX dev lo` makes."""
    values: dict[str, object] = {"family": "inet", "device": "lo", "table": "local", "kind": "local"}
    return Route(destination=destination, **(values | changes))  # type: ignore[arg-type]


def known(*routes: Route, addresses: tuple[Address, ...] = (), **more: object) -> Facts:
    br0 = link("br0", kind="bridge", mac=BR0_MAC, addresses=addresses)
    return facts(bridges=(bridge(),), links=(br0,), routes=routes, **more)


def asked(mac: str, **changes: object) -> Probed:
    """A probe as dhcpcd that was offered an address and asked who has it."""
    arp = SeenArp(at=0.5, asked="offered", address=OFFERED, mac=mac)
    return probed(**({"profile": "dhcpcd", "arps": (arp,)} | changes))


STRANGER = asked("02:00:5e:00:00:09")


def broken(on: Facts, client: str | None = "dhcpcd") -> Broken:
    outcome = check.check(on, target(client))
    assert isinstance(outcome, Broken), outcome
    return outcome


def test_a_stranger_who_answers_makes_the_client_decline() -> None:
    outcome = broken(with_probes(known(), STRANGER))
    assert outcome.headline == (
        "02:00:5e:00:00:09 answers for the address that is offered on br0, 192.168.160.57: dhcpcd declines it."
    )
    assert (outcome.severity, outcome.certainty) == ("broken", "proven")
    assert outcome.evidence[0].origin == "a probe of br0 as dhcpcd"


@pytest.mark.parametrize(("client", "severity"), [("windows", "broken"), ("ipxe", "risk"), (None, "broken")])
def test_whether_it_is_fatal_is_the_clients(client: str | None, severity: str) -> None:
    """Where no client is known, it is the one that the probe acted."""
    assert broken(with_probes(known(), STRANGER), client).severity == severity


def test_another_guest_is_named() -> None:
    db01 = domain(nic(mac="52:54:00:aa:00:09"), name="db01", running=True)
    outcome = broken(with_probes(known(domains=(db01,)), asked("52:54:00:AA:00:09")))
    assert outcome.headline.startswith("The guest db01 (52:54:00:AA:00:09) answers")


def test_this_host_is_named_with_the_route_that_makes_it_answer() -> None:
    outcome = broken(with_probes(known(any_ip()), asked(BR0_MAC)))
    assert outcome.headline.startswith("This host answers for the address that is offered on br0")
    assert outcome.evidence[1].value == "local 192.168.160.0/24 dev lo"


@pytest.mark.parametrize("mac", ["", MAC, MAC.upper()], ids=["nobody", "the guest itself", "in capitals"])
def test_nobody_else_answers(mac: str) -> None:
    assert isinstance(check.check(with_probes(known(), asked(mac)), target("dhcpcd")), Fine)


def test_answers_about_the_boot_server_are_as_they_should_be() -> None:
    arp = SeenArp(at=0.5, asked="boot-server", address="192.168.160.1", mac=BR0_MAC)
    assert isinstance(check.check(with_probes(known(), asked("", arps=(arp,))), target("dhcpcd")), Fine)


ADDRESS = (Address(family="inet", address="192.168.160.1", prefix=24),)


def test_without_a_probe_a_local_route_over_the_guests_network_is_a_risk() -> None:
    outcome = broken(known(any_ip("192.168.160.0/25"), addresses=ADDRESS))
    assert (outcome.severity, outcome.certainty) == ("risk", "likely")
    assert outcome.headline == "This host takes all of 192.168.160.0/25 for its own, and answers for it on br0."


def test_a_route_for_everything_is_one_for_the_guests_too() -> None:
    assert broken(known(any_ip("default"), addresses=ADDRESS)).severity == "risk"


@pytest.mark.parametrize(
    "route",
    [
        any_ip("192.168.160.1"),
        any_ip("127.0.0.0/8"),
        any_ip("10.0.0.0/8"),
        any_ip(table="100"),
        any_ip(kind="unicast", table="main"),
        any_ip("fd00::/64", family="inet6"),
    ],
    ids=["one address", "loopback", "another network", "a table that TPROXY uses", "an ordinary route", "IPv6"],
)
def test_routes_that_make_nobody_answer(route: Route) -> None:
    assert isinstance(check.check(known(route, addresses=ADDRESS), target("dhcpcd")), Fine)


def test_a_probe_that_nobody_answered_refutes_the_risk() -> None:
    on = with_probes(known(any_ip("192.168.160.0/25"), addresses=ADDRESS), asked(""))
    assert isinstance(check.check(on, target("dhcpcd")), Fine)


def test_no_bridge() -> None:
    assert isinstance(check.check(facts(), target()), NotApplicable)


def planned(on: Facts) -> Plan | NoPlan:
    return check.plan(finding(check, broken(on)), on)


@pytest.mark.parametrize(
    "on",
    [with_probes(known(any_ip()), asked(BR0_MAC)), known(any_ip(), addresses=ADDRESS)],
    ids=["seen by a probe", "from the routes"],
)
def test_the_route_is_taken_away_at_a_risk(on: Facts) -> None:
    plan = planned(on)
    assert isinstance(plan, Plan)
    assert [" ".join(step.argv()) for step in plan.steps] == ["ip route del local 192.168.160.0/24 dev lo table local"]
    assert plan.safety is Safety.RISKY
    after, assumed = simulate(plan, on.host)
    assert not assumed
    assert isinstance(check.check(Facts(host=after), target("dhcpcd")), Fine)


@pytest.mark.parametrize(
    "on",
    [with_probes(known(any_ip()), STRANGER), with_probes(known(), asked(BR0_MAC))],
    ids=["another machine", "an address of a device of this host"],
)
def test_what_is_not_a_route_of_this_host_has_no_plan(on: Facts) -> None:
    plan = planned(on)
    assert isinstance(plan, NoPlan)
    assert "bridge fdb show br br0" in plan.instead[0]
