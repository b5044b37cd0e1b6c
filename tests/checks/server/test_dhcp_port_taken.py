"""dhcp-port-taken: only where the wanted server does not run, and somebody has its port."""

import msgspec
import pytest

from builders import bridge, facts, finding, link, network, target
from pxedoctor.checks.server import dhcp_port_taken as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome, Unknown
from pxedoctor.model.fact import Missing, Unmodelled
from pxedoctor.model.libvirt import Daemon, Libvirt, Network, Subnet
from pxedoctor.model.link import Address
from pxedoctor.model.log import LogLine
from pxedoctor.model.process import Process, ReadFrom, Socket
from pxedoctor.model.target import Facts
from pxedoctor.plans.leave_room import LeaveRoom
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.safety import Safety

GUEST = target(bridge="virbr0", network="default")
INACTIVE = network(active=False, server_pid=Missing("absent", "no pid file"))
TCP53 = Socket(kind="tcp", port=53, address="0.0.0.0")
UDP67 = Socket(kind="udp", port=67, address="0.0.0.0")
GREEDY = Process(
    pid=9, parent=1, state="S", name="dnsmasq", command="dnsmasq --interface=lxdbr0 --dhcp-range=10.0.0.1,10.0.0.9"
)
OURS = Process(
    pid=100,
    parent=1,
    state="S",
    name="dnsmasq",
    command="/usr/sbin/dnsmasq --conf-file=/var/lib/libvirt/dnsmasq/default.conf",
)
COMMAND = "libvirtd[7]: internal error: Child process (dnsmasq --conf-file=/var/lib/libvirt/dnsmasq/{}.conf) status 2:"
NO_BIND = "dnsmasq[12]: failed to bind DHCP server socket: Address already in use"


HOST_DNSMASQ = Process(
    pid=9,
    parent=1,
    state="S",
    name="dnsmasq",
    command="/usr/sbin/dnsmasq -x /run/dnsmasq/dnsmasq.pid -u dnsmasq -7 /etc/dnsmasq.d,.dpkg-dist --local-service",
    read_from=(
        ReadFrom(option="conf-file", value="/etc/dnsmasq.conf", argument=False),
        ReadFrom(option="conf-dir", value="/etc/dnsmasq.d,.dpkg-dist", argument=True),
    ),
    unit="dnsmasq.service",
)


def changed(**changes: object) -> Process:
    return msgspec.structs.replace(HOST_DNSMASQ, **changes)


def log(*texts: str) -> tuple[LogLine, ...]:
    return tuple(LogLine(origin="journalctl --boot", text=text) for text in texts)


def host(
    one: Network = INACTIVE, *processes: Process, sockets: tuple[Socket, ...], said: tuple[str, ...] = ()
) -> Facts:
    return facts(networks=(one,), processes=processes, sockets=sockets, logs=log(*said))


def own(*texts: str, processes: tuple[Process, ...] = (GREEDY,), address: str = "192.168.160.1") -> Outcome:
    """A bridge of the host's own, and what the log says of its server."""
    br0 = link("br0", kind="bridge", addresses=(Address(family="inet", address=address, prefix=24),))
    here = facts(
        networks=Missing("absent", "no libvirt"),
        bridges=(bridge(),),
        links=(br0,),
        processes=processes,
        sockets=(UDP67,),
        logs=log(*texts),
    )
    return check.check(here, target())


def test_a_name_server_on_every_address() -> None:
    found = check.check(host(sockets=(TCP53,)), GUEST)
    assert isinstance(found, Broken)
    assert (found.subject, found.certainty, found.severity) == ("default", "proven", "broken")
    assert ("/proc/net/tcp", "0.0.0.0:53") in [(e.origin, e.value) for e in found.evidence]


def test_a_dhcp_server_that_does_not_share() -> None:
    here = host(INACTIVE, GREEDY, sockets=(UDP67,))
    found = check.check(here, GUEST)
    assert isinstance(found, Broken)
    assert "dnsmasq (pid 9) has UDP port 67" in found.headline
    planned = check.plan(finding(check, found), here)
    assert isinstance(planned, NoPlan)
    assert planned.instead == (
        "bind-dynamic and except-interface=virbr0 in the settings of pid 9; restart it",
        "then virsh net-start default",
    )


def test_a_dead_server_whose_port_was_taken_meanwhile() -> None:
    found = check.check(host(network(), sockets=(TCP53,)), GUEST)
    assert isinstance(found, Broken)
    assert "is dead and cannot start again" in found.headline


def test_a_stranger_on_port_67_needs_the_log_to_be_named() -> None:
    said = (COMMAND.format("default"), NO_BIND)
    found = check.check(host(sockets=(UDP67,), said=said), GUEST)
    assert isinstance(found, Broken)
    assert found.certainty == "likely"
    assert NO_BIND in [evidence.value for evidence in found.evidence]
    planned = check.plan(finding(check, found), host(sockets=(UDP67,), said=said))
    assert isinstance(planned, NoPlan)
    assert "ss -lnup 'sport = :67'" in planned.instead[0]


@pytest.mark.parametrize(
    ("sockets", "said"),
    [
        pytest.param((), (COMMAND.format("default"), NO_BIND), id="it is free by now"),
        pytest.param((UDP67,), (), id="somebody has port 67, who may share it"),
        pytest.param((UDP67,), (COMMAND.format("other"), NO_BIND), id="another network's log line"),
    ],
)
def test_fine(sockets: tuple[Socket, ...], said: tuple[str, ...]) -> None:
    assert isinstance(check.check(host(sockets=sockets, said=said), GUEST), Fine)


def test_a_server_that_runs_has_its_ports() -> None:
    assert isinstance(check.check(host(network(), OURS, GREEDY, sockets=(TCP53, UDP67)), GUEST), Fine)


@pytest.mark.parametrize(
    "said",
    [
        NO_BIND,
        "dhcpd: Can't bind to dhcp address: Address already in use",
        "kea-dhcp4[7]: WARN DHCPSRV_OPEN_SOCKET_FAIL failed to open socket: reason: Address already in use",
    ],
    ids=["dnsmasq", "ISC dhcpd", "Kea"],
)
def test_a_server_of_the_hosts_own_that_could_not_bind(said: str) -> None:
    found = own(said)
    assert isinstance(found, Broken)
    assert (found.subject, found.certainty, found.scope) == ("br0", "likely", "bridge")


def test_nobody_said_so() -> None:
    assert isinstance(own(), NotApplicable)


def test_another_one_serves_the_bridge() -> None:
    serves = Process(
        pid=9,
        parent=1,
        state="S",
        name="dnsmasq",
        command="dnsmasq --interface=br0 --dhcp-range=192.168.160.9,192.168.160.99",
    )
    assert isinstance(own(NO_BIND, processes=(serves,)), Fine)


@pytest.mark.parametrize(
    "one",
    [
        network(active=False, forward="bridge"),
        network(active=False, dns=False, subnets=(Subnet(family="ipv4", address="10.0.0.1", prefix=24),)),
    ],
    ids=["a network on a bridge of the host's", "no dnsmasq is wanted"],
)
def test_not_applicable(one: Network) -> None:
    assert isinstance(check.check(host(one, sockets=(TCP53,)), GUEST), NotApplicable)


def test_what_cannot_be_read_is_unknown() -> None:
    closed = network(server_pid=Missing("forbidden", "not for this user", "run it as root"))
    assert isinstance(check.check(host(closed, sockets=(TCP53,)), GUEST), Unknown)


def test_a_network_that_could_not_be_understood_is_unknown() -> None:
    hidden = Unmodelled(kind="network", name="default", origin="/run/x", why="it is not XML")
    assert isinstance(check.check(facts(unmodelled=(hidden,), processes=(), sockets=()), GUEST), Unknown)


LIBVIRTD = Libvirt(daemons=(Daemon(name="libvirtd", pid=10),))


def planned(
    holder: Process, one: Network = INACTIVE, libvirt: object = LIBVIRTD, port: Socket = TCP53
) -> Plan | NoPlan:
    here = facts(networks=(one,), processes=(holder,), sockets=(port,), libvirt=libvirt, bridges=(bridge("virbr0"),))
    found = check.check(here, GUEST)
    assert isinstance(found, Broken)
    return check.plan(finding(check, found), here)


def test_the_hosts_own_dnsmasq_leaves_the_bridge_alone() -> None:
    plan = planned(HOST_DNSMASQ)
    assert isinstance(plan, Plan)
    room, start = plan.steps
    assert isinstance(room, LeaveRoom)
    assert (room.path, room.new) == ("/etc/dnsmasq.d/pxedoctor-not-virbr0.conf", True)
    assert room.lines[1:] == ("bind-dynamic", "except-interface=virbr0")
    assert room.checked_by == ("dnsmasq", "--test", "--conf-dir=/etc/dnsmasq.d,.dpkg-dist")
    assert start.argv()[-2:] == ("net-start", "default")
    assert plan.safety is Safety.RISKY


def test_debians_dnsmasq_would_answer_everybody_afterwards_and_the_plan_says_so() -> None:
    """dnsmasq forgets --local-service as soon as anything says whom it serves (src/option.c)."""
    plan = planned(HOST_DNSMASQ)
    assert "--local-service ends" in getattr(plan, "may_lose", "")
    told = planned(changed(settings=("interface=lo",)))
    assert "--local-service" not in getattr(told, "may_lose", "--local-service")


def test_without_a_folder_the_lines_go_on_top_of_its_file() -> None:
    alone = (ReadFrom(option="conf-file", value="/etc/other.conf", argument=True),)
    plan = planned(changed(read_from=alone, command="dnsmasq -C /etc/other.conf", unit=None))
    assert isinstance(plan, Plan)
    room = plan.steps[0]
    assert isinstance(room, LeaveRoom)
    assert (room.path, room.new, room.service) == ("/etc/other.conf", False, "dnsmasq")


def test_an_active_network_gets_its_server_back_by_its_daemon() -> None:
    plan = planned(HOST_DNSMASQ, one=network(server_pid=Missing("absent", "no pid file")))
    assert isinstance(plan, Plan)
    assert plan.steps[1].argv() == ("systemctl", "restart", "libvirtd")


@pytest.mark.parametrize(
    ("holder", "why"),
    [
        (changed(unit="NetworkManager.service"), "NetworkManager.service started it"),
        (changed(unit=""), "somebody started it"),
        (changed(unit=None, command="dnsmasq -x /run/x.pid"), "somebody started it"),
        (changed(read_from=()), "in no file"),
        (changed(settings=("interface=virbr*",)), "it is told to serve virbr0 itself"),
        (changed(settings=None), "is not known for sure"),
        (changed(name="named", command="named -f", read_from=()), "named has a language of its own"),
    ],
)
def test_no_plan_where_a_person_must_say(holder: Process, why: str) -> None:
    plan = planned(holder)
    assert isinstance(plan, NoPlan)
    assert why in plan.because


def test_no_plan_without_a_daemon_that_would_start_the_network() -> None:
    plan = planned(HOST_DNSMASQ, libvirt=Libvirt())
    assert isinstance(plan, NoPlan)
    assert "no libvirt daemon" in plan.because
