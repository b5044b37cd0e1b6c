"""The states of a network's dnsmasq (their evidence and repair: tests/checks/server/test_dhcp_server_dead.py)."""

import pytest

from builders import host, network
from pxedoctor.model.fact import Missing
from pxedoctor.model.process import Process
from pxedoctor.road.server import DhcpServer, ServerState, dhcp_server

COMMAND = "dnsmasq --conf-file=/var/lib/libvirt/dnsmasq/default.conf"


def process(pid: int = 100, state: str = "S", name: str = "dnsmasq", command: str = COMMAND) -> Process:
    return Process(pid=pid, parent=1, state=state, name=name, command=command)


def server(*processes: Process, pid: int | Missing = 100) -> DhcpServer:
    found = dhcp_server(host(processes=processes), network(server_pid=pid))
    assert isinstance(found, DhcpServer)
    return found


@pytest.mark.parametrize(
    ("processes", "state"),
    [
        ((process(),), ServerState.ALIVE),
        ((process(pid=7),), ServerState.ALIVE),
        ((), ServerState.GONE),
        ((process(state="Z"),), ServerState.ZOMBIE),
        ((process(state="X"),), ServerState.ZOMBIE),
        ((process(name="bash", command=""),), ServerState.REUSED),
        ((process(command="dnsmasq --conf-file=/var/lib/libvirt/dnsmasq/default.conf.old"),), ServerState.REUSED),
    ],
)
def test_state(processes: tuple[Process, ...], state: ServerState) -> None:
    assert server(*processes).state is state


def test_no_pid_file() -> None:
    assert server(pid=Missing("absent", "no such file")).state is ServerState.NO_PID_FILE


def test_a_network_whose_name_is_the_end_of_anothers() -> None:
    """The server of `my-default` is not that of `default`."""
    other = process(pid=7, command="dnsmasq --conf-file=/var/lib/libvirt/dnsmasq/my-default.conf")
    assert server(other).state is ServerState.GONE


@pytest.mark.parametrize("status", ["failed", "forbidden"])
def test_a_pid_file_that_could_not_be_read(status: str) -> None:
    closed = Missing(status, "why")  # type: ignore[arg-type]
    assert dhcp_server(host(processes=()), network(server_pid=closed)) == closed


def test_processes_that_are_not_known() -> None:
    hidden = Missing("forbidden", "hidepid")
    assert dhcp_server(host(processes=hidden), network()) == hidden


def test_of_many_networks_each_has_its_own_server_found_by_its_files() -> None:
    names = [f"net{number}" for number in range(12)] + ["net 1", "net1.conf"]
    processes = tuple(
        Process(
            pid=100 + place, parent=1, state="S", name="dnsmasq", command=f"dnsmasq --conf-file=/d/dnsmasq/{name}.conf"
        )
        for place, name in enumerate(names)
    )
    networks = tuple(network(name=name, server_pid=Missing("absent", "no file", "")) for name in names)
    known = host(processes=processes, networks=networks)
    assert [dhcp_server(known, one) for one in networks] == [
        DhcpServer(state=ServerState.ALIVE, pid=process.pid, process=process) for process in processes
    ]
