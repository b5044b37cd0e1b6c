"""The network is active, and the dnsmasq that should serve it is dead.

What it does
    Looks at the process whose pid is in the network's pid file, and at every dnsmasq's arguments: is one alive that
    serves this network? A zombie is dead, and a pid that another program has by now is nobody's server.

Why the guest fails
    libvirt starts one dnsmasq a network and never looks at it again: `virsh net-list` says active whatever becomes of
    it. Killed (out of memory, `killall dnsmasq`, a cleaning script), it leaves its pid file behind and answers nobody.

What you see
    The guest's DISCOVERs arrive on the bridge and stay unanswered. `ss -lun` shows no socket on port 67, and
    `ps -p $(cat /run/libvirt/network/NET.pid)` no dnsmasq, or a <defunct> one.

Fix
    Reload the daemon that owns the network: it starts a dnsmasq whose pid is free. Where the pid is taken (a zombie, or
    another program), restart it: only a restarting daemon looks at what the pid is. A reload would do nothing for a
    zombie, and sends SIGHUP, which ends most programs, to whatever has the pid.

Fix safety
    SAFE: guests, taps and the other dnsmasqs outlive the daemon (KillMode=process). RISKY for a restart where a
    monolithic libvirtd migrates a guest or runs another job: that breaks off. Both are RISKY where guests run behind
    NAT and no rule but libvirt's tracks connections: theirs are reset. Neither has an inverse.

References
    libvirt src/network/bridge_driver.c (networkRefreshDhcpDaemon: kill(pid, 0), then SIGHUP; networkUpdateState),
    src/util/virpidfile.c (virPidFileReadPathIfAlive: /proc/PID/exe); both seen with libvirt 9.0.0; canonical/lxd#2767
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome, Unknown
from pxedoctor.model.fact import Missing, known
from pxedoctor.model.libvirt import Network
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.network import hidden_network, network_of
from pxedoctor.road.server import DhcpServer, ServerState, dhcp_server

META = Meta(
    code="DS002",
    name="dhcp-server-dead",
    stage=Stage.SERVER,
    needs=("networks", "processes"),
    consults=("libvirt", "domains", "bridges", "netfilter"),
    fix="sometimes",
)


def check(facts: Facts, target: Target) -> Outcome:
    known(facts.host.networks)
    hidden = hidden_network(facts.host, target)
    if hidden is not None:
        return Unknown(
            missing=f"the network {hidden.name}: {hidden.why}",
            would_help="run it as root, or mend that file",
            on_road=True,
        )
    network = network_of(facts.host, target)
    if network is None:
        return NotApplicable("it is plugged into no libvirt network that pxedoctor knows")
    if not network.active:
        return NotApplicable(f"the network {network.name} is not active (see network-inactive)")
    if not network.serves_dhcp and not _advertises_alone(network):
        return NotApplicable(
            f"the network {network.name} is not set to hand out addresses: libvirt runs no DHCP server"
        )
    server = dhcp_server(facts.host, network)
    if isinstance(server, Missing):
        return Unknown(missing=server.why, would_help=server.would_help, on_road=True)
    if server.state is ServerState.ALIVE:
        return Fine(f"dnsmasq of the network {network.name} runs (pid {server.pid})")
    return Broken(
        headline=_headline(network, server),
        subject=network.name,
        scope="network",
        hop=Hop.SERVER,
        certainty="likely" if server.others else "proven",
        evidence=_evidence(network, server),
    )


def _advertises_alone(network: Network) -> bool:
    """Its guests make their IPv6 addresses of what its dnsmasq advertises, and have no others."""
    return network.wants_server and all(subnet.family == "ipv6" for subnet in network.subnets)


def _headline(network: Network, server: DhcpServer) -> str:
    start = f"the dnsmasq that should serve the network {network.name} is dead"
    if server.others:
        return f"{start}; another DHCP server runs on this host, and whether it serves {network.bridge} is not known."
    return f"{start}: nobody answers on {network.bridge}."


def _evidence(network: Network, server: DhcpServer) -> tuple[Evidence, ...]:
    pid_file = f"/run/libvirt/network/{network.name}.pid"
    wanted = Evidence("the network is set to hand out addresses", f"{network.origin}: ip/dhcp", _ranges(network))
    if not network.serves_dhcp:
        prefixes = ", ".join(f"{subnet.address}/{subnet.prefix}" for subnet in network.subnets)
        wanted = Evidence("the network is set to advertise its IPv6 prefix", f"{network.origin}: ip", prefixes)
    others = tuple(
        Evidence(f"another DHCP server: {other.name}, pid {other.pid}", f"/proc/{other.pid}/cmdline", other.command)
        for other in server.others
    )
    if server.pid is None:
        gone = Evidence("no pid file, and no dnsmasq has this network's configuration", pid_file, "does not exist")
        return (wanted, gone, *others)
    noted = Evidence("the pid of its dnsmasq, as dnsmasq wrote it down", pid_file, str(server.pid))
    return (wanted, noted, _process_evidence(server), *others)


def _process_evidence(server: DhcpServer) -> Evidence:
    stat = f"/proc/{server.pid}/stat"
    if server.process is None:
        return Evidence("no process has that pid", stat, "does not exist")
    if server.state is ServerState.ZOMBIE:
        text = f"that process is a zombie: dead, and its parent (pid {server.process.parent}) has not waited for it"
        return Evidence(text, stat, f"{server.process.name} {server.process.state}")
    return Evidence("another program has that pid by now", stat, f"{server.process.name} {server.process.state}")


def _ranges(network: Network) -> str:
    return ", ".join(f"{start}-{end}" for subnet in network.subnets for start, end in subnet.ranges)


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    from pxedoctor.plans.service import reload_of, restart_of

    host = facts.host
    network = host.network(finding.broken.subject)
    server = dhcp_server(host, network) if network is not None else Missing("absent", "the network is gone")
    if isinstance(server, Missing):
        return NoPlan(server.why)
    owner = None if isinstance(host.libvirt, Missing) else host.libvirt.network_owner
    if owner is None:
        return NoPlan(
            "no libvirt daemon is known to run or to wait behind a socket, and starting one starts its guests too",
            ("with one daemon: systemctl start libvirtd", "with several: systemctl start virtnetworkd"),
        )
    afterwards = f"libvirt starts the dnsmasq of {finding.broken.subject}"
    if server.state is ServerState.GONE and not owner.asleep:
        return Plan(steps=(reload_of(host, owner.name, afterwards),))
    return Plan(steps=(restart_of(host, owner.name, afterwards),), other_ways=_other_ways(server))


def _other_ways(server: DhcpServer) -> tuple[str, ...]:
    if server.state is ServerState.ZOMBIE and server.process is not None:
        parent = server.process.parent
        return (
            f"End pid {parent}, which does not wait for its children, if nothing needs it: then a reload is enough.",
        )
    return ()
