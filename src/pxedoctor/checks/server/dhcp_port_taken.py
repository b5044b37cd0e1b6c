"""The DHCP server that should serve the guest could not start: another program has its port.

What it does
    Of a libvirt network whose dnsmasq does not run: does another program listen on TCP port 53 of every address, or
    hold UDP port 67 without sharing it? Of a bridge of the host's own that nobody serves: does a log say that its
    server could not bind, and does somebody hold port 67? Two DHCP servers that share port 67 are no fault: each
    receives every broadcast, and answers on its own bridge.

Why the guest fails
    libvirt's dnsmasq binds its network's address on port 53 and all addresses on port 67. A dnsmasq of the host's own
    without bind-interfaces or bind-dynamic, or a name server on all addresses, leaves it no room: it ends, and libvirt
    does not start the network. Who comes first wins, so it often shows only after a reboot.

What you see
    "dnsmasq: failed to create listening socket for 192.168.122.1: Address already in use", or "failed to bind DHCP
    server socket: Address already in use", from virsh net-start, in libvirt's log, or from systemd.

Fix
    Have the other program leave room: bind-dynamic and except-interface=virbr0 in its dnsmasq.conf, listen-on in
    named.conf, interface in unbound.conf; restart it, and start the network. Or stop it, if nobody needs it. pxedoctor
    does it with a dnsmasq that is a service of its own, in a file that it reads.

Fix safety
    RISKY: the other dnsmasq serves somebody, who gets no answer while it restarts. If it has --local-service and no
    other word about whom it serves, it answers DNS queries of everybody afterwards; the plan says so. Undone in its
    file to the byte, with another restart, while no guest is plugged in. No plan for another program, for a dnsmasq
    that is told to serve this very bridge, or for one that somebody else starts: which of the two should have the port
    is for a person to say.

References
    dnsmasq src/dhcp.c (make_fd), src/network.c (make_sock); linux net/ipv4/inet_connection_sock.c
    (inet_csk_bind_conflict); canonical/lxd#2688, #4191, #1857; SUSE-Cloud/automation#1710
"""

import re

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome, Unknown
from pxedoctor.model.fact import Missing, MissingFactError
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Network
from pxedoctor.model.log import LogLine
from pxedoctor.model.process import Process
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.step import Step
from pxedoctor.road.answering import ServerKind
from pxedoctor.road.exchange import servers
from pxedoctor.road.network import bridge_is_gone, hidden_network, makes_bridge, network_of
from pxedoctor.road.server import ServerState, dhcp_server
from pxedoctor.road.taken_port import BOOTPS, Taken, bootps, taken_ports

META = Meta(
    code="DS003",
    name="dhcp-port-taken",
    stage=Stage.SERVER,
    needs=("sockets", "processes"),
    consults=("networks", "logs", "bridges", "links", "libvirt", "domains", "netfilter"),
    fix="sometimes",
    explains=("network-inactive", "dhcp-server-dead", "bridge-without-uplink"),
)

_COULD_NOT_BIND = (
    r"dnsmasq\S*: failed to bind DHCP server socket: Address already in use"
    r"|dhcpd\S*: Can't bind to dhcp address: Address already in use"
    r"|kea-dhcp4\S*[:\]] .*OPEN_SOCKET_FAIL.*Address already in use"
)
_NO_ROOM = "Address already in use"


def check(facts: Facts, target: Target) -> Outcome:
    host = facts.host
    if isinstance(host.networks, Missing) and host.networks.status != "absent":
        raise MissingFactError(host.networks)
    hidden = hidden_network(host, target)
    if hidden is not None:
        missing = f"the network {hidden.name}: {hidden.why}"
        return Unknown(missing=missing, would_help="run it as root, or mend that file", on_road=True)
    network = network_of(host, target)
    by_bridge = target.network is None and host.bridge(target.bridge or "") is not None
    if network is None or not makes_bridge(network) or (by_bridge and not network.active):
        return _own_server(facts, target)
    if not network.wants_server:
        return NotApplicable(f"libvirt runs no dnsmasq for the network {network.name}")
    server = dhcp_server(host, network)
    if isinstance(server, Missing):
        return Unknown(missing=server.why, would_help=server.would_help, on_road=True)
    if server.state is ServerState.ALIVE:
        return Fine(f"the dnsmasq of the network {network.name} runs: it has its ports")
    said = _said_of(host, network)
    for taken in taken_ports(host, network):
        if taken.sure or said is not None:
            return _broken(network, taken, said)
    return Fine(f"no other program holds a port that the dnsmasq of {network.name} needs")


def _said_of(host: Host, network: Network) -> LogLine | None:
    """The last line that says that this network's dnsmasq found a port taken: by its address or, before it, its file.

    dnsmasq does not name the network when port 67 is taken; libvirt writes its command in the line before.
    """
    lines = () if isinstance(host.logs, Missing) else host.logs
    marks = (f"/dnsmasq/{network.name}.conf", *(f"socket for {subnet.address}:" for subnet in network.subnets))
    found = None
    before = ""
    for line in lines:
        if _NO_ROOM in line.text and any(mark in f"{before} {line.text}" for mark in marks):
            found = line
        before = line.text
    return found


def _broken(network: Network, taken: Taken, said: LogLine | None) -> Broken:
    start = "cannot start" if not network.active else "is dead and cannot start again"
    return Broken(
        headline=f"the dnsmasq of the network {network.name} {start}: {_holder(taken)} has {_port(taken)}.",
        subject=network.name,
        scope="network",
        hop=Hop.SERVER,
        certainty="proven" if taken.sure else "likely",
        evidence=(
            _socket_evidence(taken),
            *_holder_evidence(taken),
            Evidence(f"the dnsmasq of {network.name} does not run", f"/run/libvirt/network/{network.name}.pid"),
            *_log_evidence(said),
        ),
    )


def _holder(taken: Taken) -> str:
    return f"{taken.holder.name} (pid {taken.holder.pid})" if taken.holder else "another program"


def _port(taken: Taken) -> str:
    what = "UDP port 67" if taken.port == BOOTPS else "TCP port 53"
    return f"{what} of {'every address' if taken.address == '0.0.0.0' else taken.address}"


def _socket_evidence(taken: Taken) -> Evidence:
    alone = "; it does not share it" if taken.port == BOOTPS and taken.sure else ""
    return Evidence(f"somebody has {_port(taken)}{alone}", taken.origin, f"{taken.address}:{taken.port}")


def _holder_evidence(taken: Taken) -> tuple[Evidence, ...]:
    if taken.holder is None:
        return ()
    name, pid = taken.holder.name, taken.holder.pid
    without = " without bind-interfaces or bind-dynamic" if "dnsmasq" in name else ""
    return (Evidence(f"{name} runs{without}", f"/proc/{pid}/cmdline", taken.holder.command),)


def _log_evidence(said: LogLine | None) -> tuple[Evidence, ...]:
    return (Evidence("what its dnsmasq said when it ended", said.origin, said.text),) if said else ()


def _own_server(facts: Facts, target: Target) -> Outcome:
    """A server that is not libvirt's: which bridge it should have served, no log says."""
    host = facts.host
    lines = () if isinstance(host.logs, Missing) else host.logs
    said = next((line for line in reversed(lines) if re.search(_COULD_NOT_BIND, line.text)), None)
    holders = bootps(host)
    if said is None or not holders or host.bridge(target.bridge or "") is None:
        return NotApplicable("it is in no network whose DHCP server is known to have found its port taken")
    found = servers(facts, target)
    if any(server.here for server in found):
        return Fine(f"{found[0].why}, whatever other server found its port taken")
    taken = holders[0]
    outside = any(server.kind is ServerKind.OUTSIDE for server in found)
    return Broken(
        headline=f"a DHCP server of this host could not start, because {_holder(taken)} has {_port(taken)}, and nobody "
        f"here serves {target.bridge}.",
        subject=target.bridge or "",
        scope="bridge",
        hop=Hop.SERVER,
        severity="risk" if outside else "broken",
        certainty="likely",
        evidence=(_socket_evidence(taken), *_holder_evidence(taken), *_log_evidence(said)),
    )


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    host, subject = facts.host, finding.broken.subject
    network = host.network(subject)
    found = taken_ports(host, network) if network is not None else bootps(host)
    bridge = network.bridge if network is not None else subject
    room = _room(found, bridge)
    back = _back(host, network) if network is not None else "which server could not start, no log says"
    if not isinstance(room, str) and not isinstance(back, str):
        return Plan(steps=(room, *back))
    why = room if isinstance(room, str) else back
    ways = tuple(dict.fromkeys(way for taken in found for way in _ways(taken, bridge)))
    start = (f"then virsh net-start {subject}",) if network is not None else ("then start the server that could not",)
    return NoPlan(
        f"{why}; who has the port serves somebody, and which of the two should have it is for a person to say",
        (*ways, *start),
    )


def _room(found: tuple[Taken, ...], bridge: str) -> Step | str:
    """By the one dnsmasq that has every port that is taken; else in words why not."""
    from pxedoctor.plans.leave_room import LeaveRoom
    from pxedoctor.road.dnsmasq_room import room_on

    holders = {taken.holder.pid if taken.holder else 0: taken.holder for taken in found}
    holder = next(iter(holders.values()), None)
    if len(holders) != 1 or holder is None or not all(taken.sure for taken in found):
        return "which program has it, or each of them, is not known for sure"
    if "dnsmasq" not in holder.name:
        return f"{holder.name} has a language of its own"
    room = room_on(holder, bridge)
    if isinstance(room, str):
        return room
    return LeaveRoom(
        server=f"dnsmasq (pid {holder.pid})",
        device=bridge,
        path=room.path,
        new=room.new,
        lines=room.lines,
        checked_by=room.checked_by,
        service=room.service,
        may_lose=_lost(holder, room.service, room.opens),
    )


def _lost(holder: Process, service: str, opens: bool) -> str:
    lost = f"Nobody whom dnsmasq (pid {holder.pid}) serves gets an answer while {service} restarts."
    opened = " Its --local-service ends: it answers DNS queries from beyond its own networks, too, where they come in."
    return f"{lost}{opened}" if opens else lost


def _back(host: Host, network: Network) -> tuple[Step, ...] | str:
    """How the network's own server starts then; else in words why it is not known."""
    from pxedoctor.plans.network import AutostartNetwork, StartNetwork
    from pxedoctor.plans.service import restart_of

    owner = None if isinstance(host.libvirt, Missing) else host.libvirt.network_owner
    if owner is None:
        return "no libvirt daemon is known to run or to wait behind a socket"
    if bridge_is_gone(host, network):
        return f"the bridge of {network.name} is gone, too"
    if not network.active:
        start = StartNetwork(network=network.name, bridge=network.bridge)
        return (start,) if network.autostart else (start, AutostartNetwork(network=network.name))
    return (restart_of(host, owner.name, f"libvirt starts the dnsmasq of {network.name}"),)


def _ways(taken: Taken, bridge: str) -> tuple[str, ...]:
    if taken.holder is not None and "dnsmasq" in taken.holder.name:
        return (f"bind-dynamic and except-interface={bridge} in the settings of pid {taken.holder.pid}; restart it",)
    protocol = "u" if taken.port == BOOTPS else "t"
    return (
        f"ss -ln{protocol}p 'sport = :{taken.port}' names the program: have it listen on other addresses, or stop it",
    )
