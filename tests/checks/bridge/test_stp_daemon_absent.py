"""stp-daemon-absent: whose the spanning tree is, whether that program runs, and what its ports show."""

import msgspec
import pytest

from builders import bridge, domain, facts, finding, link, nic, port, target
from pxedoctor.checks.bridge import stp_daemon_absent as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Unknown
from pxedoctor.model.bridge import Bridge, PortState, Stp
from pxedoctor.model.fact import Missing, MissingFactError, Unmodelled
from pxedoctor.model.process import Process
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan, simulate
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Inverse

BLOCKS, FORWARDS = PortState.BLOCKING, PortState.FORWARDING
MSTPD = Process(pid=71, parent=1, state="S", name="mstpd", command="/sbin/mstpd")


def left_to_user_space(**ports: PortState) -> Bridge:
    return bridge(stp=Stp.USER, ports=tuple(port(name, state) for name, state in ports.items()))


def seen(here: Bridge, *processes: Process) -> Facts:
    links = tuple(link(entry.name, kind="" if entry.name.startswith("eno") else "tun") for entry in here.ports)
    return facts(bridges=(here,), links=(link("br0", kind="bridge"), *links), processes=processes)


def broken(here: Bridge, of: Target | None = None) -> Broken:
    outcome = check.check(seen(here), of or target())
    assert isinstance(outcome, Broken), outcome
    return outcome


def test_ports_that_block_and_nobody_to_move_them_are_the_proof() -> None:
    found = broken(left_to_user_space(vnet0=BLOCKS), target(tap="vnet0"))
    assert (found.severity, found.certainty, found.subject, found.scope) == ("broken", "proven", "br0", "bridge")
    assert found.headline == (
        "br0 leaves its STP to a program in user space, and none runs: a new port blocks for ever."
    )
    assert [(entry.origin, entry.value) for entry in found.evidence[::2]] == [
        ("/sys/class/net/br0/bridge/stp_state", "2"),
        ("/sys/class/net/vnet0/brport/state", "4"),
    ]


def test_a_bridge_without_ports_may_be_a_strangers() -> None:
    assert broken(left_to_user_space()).certainty == "likely"


def test_a_port_that_forwards_was_moved_by_somebody() -> None:
    found = broken(left_to_user_space(vnet0=BLOCKS, vnet1=FORWARDS), target(tap="vnet0"))
    assert (found.severity, found.certainty) == ("broken", "likely")


def test_a_guest_whose_port_forwards_fails_at_its_next_start() -> None:
    found = broken(left_to_user_space(vnet0=FORWARDS), target(tap="vnet0"))
    assert found.severity == "risk"
    assert "at its next cold start it blocks for ever" in found.headline


@pytest.mark.parametrize(
    "daemon",
    [
        msgspec.structs.replace(MSTPD, state="Z"),
        msgspec.structs.replace(MSTPD, elsewhere=True),
        msgspec.structs.replace(MSTPD, name="dnsmasq"),
    ],
    ids=["dead", "a container's", "another program"],
)
def test_a_process_that_runs_no_tree_here(daemon: Process) -> None:
    assert isinstance(check.check(seen(left_to_user_space(vnet0=BLOCKS), daemon), target()), Broken)


def test_its_program_runs() -> None:
    outcome = check.check(seen(left_to_user_space(vnet0=BLOCKS), MSTPD), target())
    assert outcome == Fine("mstpd, to which br0 leaves its STP, runs (pid 71)")


@pytest.mark.parametrize("stp", [Stp.OFF, Stp.KERNEL])
def test_the_kernels_own_tree_needs_no_program(stp: Stp) -> None:
    assert isinstance(check.check(seen(bridge(stp=stp, ports=(port(state=BLOCKS),))), target()), Fine)


def test_no_bridge_and_one_that_was_not_understood() -> None:
    assert isinstance(check.check(facts(processes=()), target()), NotApplicable)
    strange = Unmodelled(kind="bridge", name="br0", origin="/sys/class/net/br0/bridge", why="no stp_state")
    outcome = check.check(facts(processes=(), unmodelled=(strange,)), target())
    assert isinstance(outcome, Unknown)
    assert outcome.on_road


def test_without_the_list_of_processes_nothing_is_said() -> None:
    known = facts(bridges=(left_to_user_space(vnet0=BLOCKS),), processes=Missing("forbidden", "hidepid"))
    with pytest.raises(MissingFactError):
        check.check(known, target())


def planned(here: Bridge, **others: object) -> Plan:
    known = seen(here)
    known = msgspec.structs.replace(known, host=msgspec.structs.replace(known.host, **others))
    plan = check.plan(finding(check, check.check(known, target())), known)
    assert isinstance(plan, Plan)
    return plan


def test_stp_goes_off_and_every_port_is_let_forward() -> None:
    here = left_to_user_space(vnet0=BLOCKS, eno1=BLOCKS)
    plan = planned(here)
    assert plan.safety is Safety.SAFE
    assert [" ".join(step.argv()) for step in plan.steps] == [
        "bridge link set dev vnet0 state 3",
        "bridge link set dev eno1 state 3",
        "ip link set dev br0 type bridge stp_state 0",
    ]
    after, assumed = simulate(plan, seen(here).host)
    assert not assumed
    assert isinstance(check.check(Facts(host=after), target()), Fine)


def test_the_way_back_lets_the_kernel_ask_user_space_again() -> None:
    here = left_to_user_space(vnet0=BLOCKS)
    back = planned(here).steps[-1].undo(seen(here).host)
    assert isinstance(back, Inverse)
    assert back.argv == ("ip", "link", "set", "dev", "br0", "type", "bridge", "stp_state", "1")


def test_the_way_back_makes_a_port_that_blocked_block_again() -> None:
    """No timer would have let it forward; and STP is on again by then, for without it the kernel lets it forward."""
    here = left_to_user_space(vnet0=BLOCKS)
    backs = [step.undo(seen(here).host) for step in reversed(planned(here).steps)]
    assert [" ".join(back.argv) for back in backs if isinstance(back, Inverse)] == [
        "ip link set dev br0 type bridge stp_state 1",
        "bridge link set dev vnet0 state 4",
    ]


def test_where_a_loop_may_be_it_is_risky() -> None:
    here = left_to_user_space(eno1=BLOCKS, eno2=BLOCKS)
    plan = planned(here)
    assert plan.safety is Safety.RISKY
    assert (
        plan.may_lose
        == "With STP off a loop may close: eno1 and eno2 both lead out of this host and may meet elsewhere."
    )
    two = planned(left_to_user_space(vnet0=BLOCKS), domains=(domain(nic(), nic(mac="52:54:00:0d:0d:02")),))
    assert two.safety is Safety.RISKY


def test_no_plan_once_the_tree_is_the_kernels_again() -> None:
    made = finding(check, broken(left_to_user_space(vnet0=BLOCKS)))
    assert isinstance(check.plan(made, facts(bridges=(bridge(),))), NoPlan)
