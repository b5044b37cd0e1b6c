"""port-not-forwarding: the guest's own port, and the ports towards a server outside."""

import pytest

from builders import MAC, bridge, domain, facts, finding, link, network, nic, target
from pxedoctor.checks.port import port_not_forwarding as check
from pxedoctor.findings.outcome import Broken, Fine, Hop, NotApplicable, Outcome, Unknown
from pxedoctor.model.bridge import Port, PortState, Stp
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan, Plan, simulate
from pxedoctor.plans.safety import Safety

RUNNING = target(tap="vnet0", running=True)
FORWARDING = PortState.FORWARDING


def a_port(name: str, state: PortState = FORWARDING, **flags: object) -> Port:
    return Port(**({"name": name, "state": state} | flags))  # type: ignore[arg-type]


def seen(own: Port, *uplinks: Port, stp: Stp = Stp.OFF, **more: object) -> Facts:
    """br0 with web01's tap, and ports that lead out."""
    links = (link("vnet0", master="br0"), *(link(port.name, kind="", master="br0") for port in uplinks))
    values: dict[str, object] = {
        "bridges": (bridge(stp=stp, ports=(own, *uplinks)),),
        "links": links,
        "domains": (domain(nic(tap="vnet0"), running=True),),
    }
    return facts(**(values | more))


def broken(outcome: Outcome) -> Broken:
    assert isinstance(outcome, Broken), outcome
    return outcome


def planned(host_facts: Facts) -> Plan | NoPlan:
    return check.plan(finding(check, check.check(host_facts, RUNNING)), host_facts)


def test_a_port_that_was_blocked_by_hand() -> None:
    found = broken(check.check(seen(a_port("vnet0", PortState.BLOCKING)), RUNNING))
    assert (found.severity, found.certainty, found.subject, found.hop) == ("broken", "proven", "vnet0", Hop.PORT)
    assert found.headline == "On br0, vnet0 is blocking, and no timer will change that."
    assert (found.evidence[0].origin, found.evidence[0].value) == ("/sys/class/net/vnet0/brport/state", "4")


def test_open_ports_are_fine() -> None:
    assert isinstance(check.check(seen(a_port("vnet0"), a_port("eno1")), RUNNING), Fine)


def test_no_bridge_no_question() -> None:
    assert isinstance(check.check(facts(), RUNNING), NotApplicable)


def test_a_tap_that_is_down_is_another_cause() -> None:
    down = (link("vnet0", up=False, master="br0"),)
    assert isinstance(check.check(seen(a_port("vnet0", PortState.DISABLED), links=down), RUNNING), Fine)


def test_entries_that_could_not_be_read_are_unknown() -> None:
    outcome = check.check(seen(a_port("vnet0", locked=True, macs=None)), RUNNING)
    assert isinstance(outcome, Unknown)
    assert outcome.on_road


def test_a_guest_without_broadcasts_is_a_risk() -> None:
    found = broken(check.check(seen(a_port("vnet0", bcast_flood=False)), RUNNING))
    assert found.severity == "risk"


def test_broadcasts_of_this_host_itself_are_flooded_all_the_same() -> None:
    host_facts = seen(a_port("vnet0", bcast_flood=False), networks=(network(bridge="br0"),))
    assert isinstance(check.check(host_facts, RUNNING), Fine)


@pytest.mark.parametrize(
    "uplink",
    [a_port("eno1", bcast_flood=False), a_port("eno1", PortState.DISABLED), a_port("eno1", isolated=True)],
)
def test_the_only_way_out_is_closed(uplink: Port) -> None:
    found = broken(check.check(seen(a_port("vnet0", isolated=True), uplink), RUNNING))
    assert (found.subject, found.scope, found.hop) == ("eno1", "bridge", Hop.EXIT)


def test_one_way_out_of_two_is_enough() -> None:
    uplinks = (a_port("eno1", bcast_flood=False), a_port("eno2"))
    assert isinstance(check.check(seen(a_port("vnet0"), *uplinks), RUNNING), Fine)


def test_a_container_is_no_way_out_beside_a_wire() -> None:
    """As the road has it, which looks for the server behind the wire."""
    deaf, container = a_port("eno1", bcast_flood=False), a_port("veth0")
    links = (link("eno1", kind="", master="br0"), link("veth0", kind="veth", master="br0", peer_namespace=1))
    assert broken(check.check(seen(a_port("vnet0"), deaf, container, links=links), RUNNING)).subject == "eno1"
    shut = a_port("eno1", PortState.DISABLED)
    assert isinstance(check.check(seen(a_port("vnet0"), shut, container, links=links), RUNNING), Fine)


def test_the_way_out_does_not_matter_where_this_host_serves() -> None:
    host_facts = seen(a_port("vnet0"), a_port("eno1", bcast_flood=False), networks=(network(bridge="br0"),))
    assert isinstance(check.check(host_facts, RUNNING), Fine)


def test_a_guest_that_is_off_is_judged_by_its_definition() -> None:
    isolated = (domain(nic(isolated=True)),)
    uplink = a_port("eno1", isolated=True)
    assert broken(check.check(seen(a_port("vnet0"), uplink, domains=isolated), target())).subject == "eno1"
    assert isinstance(check.check(seen(a_port("vnet0"), uplink, domains=(domain(nic()),)), target()), Fine)


@pytest.mark.parametrize(
    ("own", "uplinks", "safety", "command"),
    [
        (a_port("vnet0", PortState.DISABLED), (), Safety.SAFE, "bridge link set dev vnet0 state 3"),
        (
            a_port("vnet0", PortState.DISABLED),
            (a_port("eno1"), a_port("eno2")),
            Safety.RISKY,
            "bridge link set dev vnet0 state 3",
        ),
        (
            a_port("vnet0", learning=False, flood=False, macs=()),
            (),
            Safety.SAFE,
            f"bridge fdb replace {MAC} dev vnet0 master static",
        ),
        (
            a_port("vnet0", locked=True, macs=()),
            (),
            Safety.RISKY,
            f"bridge fdb replace {MAC} dev vnet0 master static",
        ),
        (a_port("vnet0", bcast_flood=False), (), Safety.RISKY, "bridge link set dev vnet0 bcast_flood on"),
        (
            a_port("vnet0"),
            (a_port("eno1", bcast_flood=False),),
            Safety.RISKY,
            "bridge link set dev eno1 bcast_flood on",
        ),
        (a_port("vnet0"), (a_port("eno1", PortState.DISABLED),), Safety.RISKY, "bridge link set dev eno1 state 3"),
        (
            a_port("vnet0", isolated=True),
            (a_port("eno1", isolated=True),),
            Safety.RISKY,
            "bridge link set dev eno1 isolated off",
        ),
    ],
)
def test_the_cure_clears_it_on_the_model(own: Port, uplinks: tuple[Port, ...], safety: Safety, command: str) -> None:
    host_facts = seen(own, *uplinks)
    plan = planned(host_facts)
    assert isinstance(plan, Plan)
    assert plan.safety is safety
    assert bool(plan.may_lose) is (safety is Safety.RISKY)
    assert [" ".join(step.argv()) for step in plan.steps] == [command]
    after, assumed = simulate(plan, host_facts.host)
    assert not assumed
    assert isinstance(check.check(Facts(host=after), RUNNING), Fine)


def test_a_port_that_the_spanning_tree_blocks_is_left_alone() -> None:
    plan = planned(seen(a_port("vnet0", PortState.BLOCKING), stp=Stp.KERNEL))
    assert isinstance(plan, NoPlan)
    assert "only STP keeps it open" in plan.because


def test_no_plan_without_the_guests_mac() -> None:
    plan = planned(seen(a_port("vnet0", locked=True, macs=()), domains=()))
    assert isinstance(plan, NoPlan)


def test_no_plan_once_it_is_open_or_gone() -> None:
    made = finding(check, check.check(seen(a_port("vnet0", PortState.DISABLED)), RUNNING))
    assert isinstance(check.plan(made, seen(a_port("vnet0"))), NoPlan)
    assert isinstance(check.plan(made, facts()), NoPlan)
