"""dhcp-server-dead: what counts as dead, and which repair does no harm."""

import pytest

from builders import facts, finding, network, target
from pxedoctor.checks.server import dhcp_server_dead as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome, Unknown
from pxedoctor.model.fact import Missing, Unmodelled
from pxedoctor.model.libvirt import Daemon, Libvirt, Network, Subnet
from pxedoctor.model.process import Process
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.service import ControlService

LIBVIRTD = Libvirt(daemons=(Daemon(name="libvirtd", pid=10),))
VIRTNETWORKD = Libvirt(daemons=(Daemon(name="virtnetworkd", pid=11),))
ASLEEP = Libvirt(daemons=(Daemon(name="virtnetworkd", asleep=True),))
GUEST = target(bridge="virbr0", network="default")
NO_PID_FILE = Missing("absent", "/run/libvirt/network/default.pid does not exist")


def process(
    pid: int = 100, state: str = "S", name: str = "dnsmasq", net: str = "default", **changes: object
) -> Process:
    command = f"/usr/sbin/dnsmasq --conf-file=/var/lib/libvirt/dnsmasq/{net}.conf --leasefile-ro" if net else ""
    values = {"pid": pid, "parent": 1, "state": state, "name": name, "command": command}
    return Process(**(values | changes))  # type: ignore[arg-type]


DEAD = process(state="Z", net="", parent=8)
STRANGER = process(name="sleep", net="")


def outcome(*processes: Process, one: Network | None = None) -> Outcome:
    return check.check(facts(networks=(one or network(),), processes=processes), GUEST)


def plan(*processes: Process, libvirt: object = LIBVIRTD, one: Network | None = None) -> Plan | NoPlan:
    host = facts(networks=(one or network(),), processes=processes, libvirt=libvirt)
    return check.plan(finding(check, check.check(host, GUEST)), host)


@pytest.mark.parametrize(
    ("processes", "said"),
    [
        pytest.param((), "no process has that pid", id="killed"),
        pytest.param((DEAD,), "zombie", id="a zombie holds its pid and serves nobody"),
        pytest.param((STRANGER,), "another program has that pid", id="its pid is another program's"),
        pytest.param((process(net="other"),), "another program has that pid", id="another network's dnsmasq"),
        pytest.param((process(pid=200, elsewhere=True),), "no process has that pid", id="a container's of that name"),
    ],
)
def test_dead(processes: tuple[Process, ...], said: str) -> None:
    found = outcome(*processes)
    assert isinstance(found, Broken)
    assert (found.severity, found.certainty, found.subject, found.hop.value) == (
        "broken",
        "proven",
        "default",
        "server",
    )
    assert any(said in evidence.text for evidence in found.evidence)
    assert ("/run/libvirt/network/default.pid", "100") in [(e.origin, e.value) for e in found.evidence]


def test_a_guest_that_names_the_networks_bridge_instead_of_the_network() -> None:
    found = check.check(facts(networks=(network(),), processes=()), target(bridge="virbr0"))
    assert isinstance(found, Broken)
    assert found.subject == "default"


def test_no_pid_file_and_no_dnsmasq() -> None:
    found = outcome(one=network(server_pid=NO_PID_FILE))
    assert isinstance(found, Broken)
    assert any("no pid file" in evidence.text for evidence in found.evidence)


@pytest.mark.parametrize(
    ("processes", "one"),
    [
        pytest.param((process(),), network(), id="as libvirt starts it"),
        pytest.param((process(),), network(server_pid=NO_PID_FILE), id="its pid file was deleted"),
        pytest.param((process(pid=200),), network(), id="its pid file is of an earlier one"),
        pytest.param((process(net=""),), network(), id="its arguments are closed to us"),
        pytest.param((process(name=".dnsmasq-wrappe"),), network(), id="wrapped, as on NixOS"),
        pytest.param(
            (process(command="dnsmasq --pid-file=/var/run/libvirt/network/default.pid --conf-file="),),
            network(),
            id="as libvirt before 1.0 started it",
        ),
        pytest.param((process(net="my net"),), network("my net"), id="a name with a space"),
    ],
)
def test_alive(processes: tuple[Process, ...], one: Network) -> None:
    host = facts(networks=(one,), processes=processes)
    assert isinstance(check.check(host, target(bridge="virbr0", network=one.name)), Fine)


def test_where_another_server_runs_it_is_not_proven_that_nobody_answers() -> None:
    own = process(pid=300, command="dnsmasq --conf-file=/etc/dnsmasq.conf", net="")
    found = outcome(own)
    assert isinstance(found, Broken)
    assert found.certainty == "likely"
    assert any(evidence.origin == "/proc/300/cmdline" for evidence in found.evidence)


@pytest.mark.parametrize(
    "other",
    [
        process(pid=300, command="dnsmasq --interface=lxdbr0 --bind-dynamic"),
        process(pid=300, command="dnsmasq --listen-address=10.42.0.1 --bind-interfaces"),
        process(pid=300, net="other"),
        process(pid=300, command="dnsmasq --conf-file=/etc/dnsmasq.conf", elsewhere=True),
        process(pid=300, command="dnsmasq --conf-file=/etc/dnsmasq.conf", state="Z"),
        process(pid=300, name="firewalld", command="firewalld --nofork"),
    ],
    ids=["another bridge", "another address", "libvirt's for another network", "a container's", "dead", "no server"],
)
def test_a_server_of_something_else_changes_nothing(other: Process) -> None:
    found = outcome(other)
    assert isinstance(found, Broken)
    assert found.certainty == "proven"


@pytest.mark.parametrize("bound", ["--interface=virbr0", "--listen-address=192.168.122.1"])
def test_a_server_bound_to_this_bridge_may_serve_it(bound: str) -> None:
    found = outcome(process(pid=300, command=f"dnsmasq --interface=eth1 {bound}"))
    assert isinstance(found, Broken)
    assert found.certainty == "likely"


@pytest.mark.parametrize(
    "one",
    [
        network(active=False),
        network(subnets=(Subnet(family="ipv4", address="192.168.122.1", prefix=24),)),
        network(subnets=(Subnet(family="ipv4", address="192.168.122.1", prefix=24),), dns=False),
        network("another"),
    ],
    ids=["inactive", "DNS only", "no server at all", "a network of another name"],
)
def test_not_applicable(one: Network) -> None:
    assert isinstance(outcome(one=one), NotApplicable)


def test_what_cannot_be_read_is_unknown() -> None:
    closed = Missing("forbidden", "/run/libvirt/network/default.pid may not be read by this user", "run it as root")
    found = outcome(one=network(server_pid=closed))
    assert isinstance(found, Unknown)
    assert (found.missing, found.would_help, found.on_road) == (closed.why, "run it as root", True)


def test_a_network_that_could_not_be_understood_is_unknown() -> None:
    hidden = Unmodelled(kind="network", name="default", origin="/run/x", why="it is not XML")
    assert isinstance(check.check(facts(unmodelled=(hidden,), processes=()), GUEST), Unknown)


def test_a_reload_starts_a_server_whose_pid_is_free() -> None:
    planned = plan()
    assert isinstance(planned, Plan)
    assert [step.argv() for step in planned.steps] == [("systemctl", "reload", "libvirtd")]
    assert planned.safety is Safety.SAFE


@pytest.mark.parametrize("processes", [(DEAD,), (STRANGER,)], ids=["zombie", "a stranger's pid"])
@pytest.mark.parametrize("libvirt", [LIBVIRTD, VIRTNETWORKD])
def test_a_taken_pid_needs_a_restart(processes: tuple[Process, ...], libvirt: Libvirt) -> None:
    """Seen with libvirt 9.0.0: a reload does nothing for a zombie, and ended the stranger with its SIGHUP."""
    planned = plan(*processes, libvirt=libvirt)
    assert isinstance(planned, Plan)
    (step,) = planned.steps
    assert isinstance(step, ControlService)
    assert step.action == "restart"
    assert planned.safety is Safety.SAFE


def test_the_parent_that_does_not_wait_is_named() -> None:
    planned = plan(DEAD)
    assert isinstance(planned, Plan)
    assert "pid 8" in planned.other_ways[0]


def test_without_a_pid_file_nobody_knows_whose_pid_a_reload_would_signal() -> None:
    planned = plan(one=network(server_pid=NO_PID_FILE))
    assert isinstance(planned, Plan)
    assert planned.steps[0].argv() == ("systemctl", "restart", "libvirtd")


def test_a_sleeping_daemon_is_started() -> None:
    planned = plan(libvirt=ASLEEP)
    assert isinstance(planned, Plan)
    assert planned.steps[0].argv() == ("systemctl", "restart", "virtnetworkd")


@pytest.mark.parametrize("libvirt", [Libvirt(), Missing("absent", "libvirt has not run")])
def test_no_plan_without_a_daemon(libvirt: object) -> None:
    planned = plan(libvirt=libvirt)
    assert isinstance(planned, NoPlan)
    assert planned.instead


def test_who_advertises_is_missed_too() -> None:
    alone = network(subnets=(Subnet(family="ipv6", address="fd00::1", prefix=64),), server_pid=100)
    found = outcome(one=alone)
    assert isinstance(found, Broken)
    assert (found.evidence[0].text, found.evidence[0].value) == (
        "the network is set to advertise its IPv6 prefix",
        "fd00::1/64",
    )
    assert isinstance(outcome(process(), one=alone), Fine)
