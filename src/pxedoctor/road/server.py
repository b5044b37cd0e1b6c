"""The DHCP server that libvirt runs for a virtual network: whether it lives, and why not.

libvirt starts one dnsmasq a network with --conf-file=/var/lib/libvirt/dnsmasq/NET.conf; dnsmasq writes its pid to
/run/libvirt/network/NET.pid, and nobody removes that file when it is killed (src/network/bridge_driver.c). So a pid
file proves nothing: the process that has the pid now decides.

1. ALIVE: the pid is a living dnsmasq, or another living dnsmasq has this network's configuration file.
2. GONE: no process has the pid. NO_PID_FILE: there is none, and no dnsmasq has the configuration.
3. ZOMBIE: the process is dead, and its parent has not waited for it: the pid is taken, nobody serves.
4. REUSED: another program has the pid by now.
"""

import re
from enum import StrEnum

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Network
from pxedoctor.model.process import Process

# The network of a dnsmasq's configuration file, or pid file; what is found is held against the network itself.
_NAMED = r"/(?:dnsmasq|network)/([^/]+?)\.(?:conf|pid) "
_PROGRAMS = ("dnsmasq", "dhcpd", "kea-dhcp4", "udhcpd", "pihole-FTL", "dhcrelay")


class ServerState(StrEnum):
    ALIVE = "alive"
    NO_PID_FILE = "no pid file"
    GONE = "gone"
    ZOMBIE = "zombie"
    REUSED = "reused"


class DhcpServer(msgspec.Struct, frozen=True, kw_only=True):
    """`process` is what has the pid now; `others` are living DHCP servers here that may serve the same bridge."""

    state: ServerState
    pid: int | None = None
    process: Process | None = None
    others: tuple[Process, ...] = ()


def dhcp_server(host: Host, network: Network) -> DhcpServer | Missing:
    """The server of an active network that wants one; Missing where the pid file or the processes are not known."""
    known = host.once(_servers)
    if network not in known:
        known[network] = _server(host, network)
    return known[network]


def _servers(host: Host) -> dict[Network, DhcpServer | Missing]:
    """To be filled: every packet of every guest asks for its network's."""
    return {}


def _server(host: Host, network: Network) -> DhcpServer | Missing:
    if isinstance(host.processes, Missing):
        return host.processes
    # Who names it goes first: of 500 networks, each is sought among the dnsmasq of all.
    alive = host.once(_dnsmasqs)
    for process in (*alive.get(network.name, ()), *alive[""]):
        if _is_of(network, process):
            return DhcpServer(state=ServerState.ALIVE, pid=process.pid, process=process)
    here = tuple(process for process in host.processes if not process.elsewhere)
    pid = network.server_pid
    if isinstance(pid, Missing) and pid.status != "absent":
        return pid
    ours = frozenset({network.bridge, *(subnet.address for subnet in network.subnets)})
    others = tuple(process for process in here if process.alive and may_serve(process, ours))
    if isinstance(pid, Missing):
        return DhcpServer(state=ServerState.NO_PID_FILE, others=others)
    found = next((process for process in here if process.pid == pid), None)
    return DhcpServer(state=_state(found), pid=pid, process=found, others=others)


def _dnsmasqs(host: Host) -> dict[str, list[Process]]:
    """Those that live here, all under "", and under what their arguments seem to name as their network."""
    found: dict[str, list[Process]] = {"": []}
    for process in () if isinstance(host.processes, Missing) else host.processes:
        if process.alive and _is_dnsmasq(process) and not process.elsewhere:
            found[""].append(process)
            for name in re.findall(_NAMED, f"{process.command} "):
                found.setdefault(name, []).append(process)
    return found


def _state(process: Process | None) -> ServerState:
    if process is None:
        return ServerState.GONE
    if not process.alive:
        return ServerState.ZOMBIE
    # Its arguments were closed to us, or it is some other network's server that was given a pid used before.
    own = _is_dnsmasq(process) and not process.command
    return ServerState.ALIVE if own else ServerState.REUSED


def _is_of(network: Network, process: Process) -> bool:
    """Its arguments name the network's configuration file or, as libvirt before 1.0 gave them, its pid file."""
    marks = (f"/dnsmasq/{network.name}.conf ", f"/network/{network.name}.pid ")
    return any(mark in f"{process.command} " for mark in marks)


def _is_dnsmasq(process: Process) -> bool:
    # NixOS wraps it: .dnsmasq-wrapped.
    return "dnsmasq" in process.name


def may_serve(process: Process, names: frozenset[str]) -> bool:
    """A DHCP server that is not libvirt's, unless its arguments bind it to other devices or addresses than these."""
    if not any(program in process.name for program in _PROGRAMS) or "/libvirt/" in process.command:
        return False
    words = process.command.split()
    bound = {word.partition("=")[2] for word in words if word.startswith(("--interface=", "--listen-address="))}
    return not bound or bool(bound & names)
