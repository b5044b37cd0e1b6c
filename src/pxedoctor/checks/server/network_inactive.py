"""The guest's libvirt network is not active: its bridge does not exist, and neither does its DHCP server.

What it does
    Asks whether the network that a guest's NIC names is active: whether libvirt keeps a state file for it and, for a
    network that makes its own bridge, whether that bridge exists.

Why the guest fails
    A virtual network that is not started has no bridge, no rules and no DHCP server. libvirt refuses to start a guest
    on it, and a guest that already ran when the network was stopped has its tap in no bridge.

What you see
    "Requested operation is not valid: network 'default' is not active". `virsh net-list --all` says inactive. After a
    reboot: the network is not set to autostart, or the daemon that owns it (virtnetworkd, libvirtd) is not enabled.

Fix
    Start the network, and have it started with libvirt from now on. Where libvirt's state of it has outlived the bridge
    (somebody deleted it), that is stopped first, and its dnsmasq with it.

Fix safety
    SAFE: nothing works on this network now. Undone by stopping it, unless a guest is plugged in by then. No plan where
    no libvirt daemon runs or waits: starting one also starts every guest that is set to start with it.

References
    libvirt docs/formatnetwork.rst; src/network/bridge_driver.c (networkUpdateState); virsh(1), net-start, net-autostart
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome, Unknown
from pxedoctor.model.fact import Missing, known
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Network
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.step import Step
from pxedoctor.road.network import bridge_is_gone, hidden_network, makes_bridge, network_of, starts_when_woken
from pxedoctor.road.server import ServerState, dhcp_server

META = Meta(
    code="DS001",
    name="network-inactive",
    stage=Stage.SERVER,
    needs=("networks",),
    consults=("libvirt", "bridges", "links", "processes"),
    fix="sometimes",
    explains=("tap-without-bridge",),
)

_STATE = "/run/libvirt/network"
_DEFINED = "/etc/libvirt/qemu/networks"


def check(facts: Facts, target: Target) -> Outcome:
    host = facts.host
    known(host.networks)
    hidden = hidden_network(host, target)
    if hidden is not None:
        return Unknown(
            missing=f"the network {hidden.name}: {hidden.why}",
            would_help="run it as root, or mend that file",
            on_road=True,
        )
    network = network_of(host, target)
    if network is None and target.network is None:
        return NotApplicable("it is plugged into no libvirt network")
    if network is None:
        return Unknown(
            missing=f"what the network {target.network} is: libvirt has none of that name",
            would_help=f"virsh net-define it, or correct <source network='{target.network}'/> with virsh edit",
            on_road=True,
        )
    by_bridge = target.kind in {"tap", "bridge"} or target.network is None
    if by_bridge and not network.active and host.bridge(target.bridge or "") is not None:
        return NotApplicable(f"it is on {target.bridge}, which exists whatever libvirt's network {network.name} does")
    if starts_when_woken(host, network):
        return Unknown(
            missing=f"whether {network.name} starts: it is set to start with its daemon, which sleeps behind a socket",
            would_help="pxedoctor diagnose --wake: a daemon that is asked starts its networks before it answers",
            on_road=True,
        )
    if network.active and not bridge_is_gone(host, network):
        later = "" if network.autostart else "; after a reboot somebody has to start it, as it was set up"
        return Fine(f"the network {network.name} is active{later}")
    return _broken(host, target, network)


def _broken(host: Host, target: Target, network: Network) -> Broken:
    link = host.link(target.tap) if target.tap else None
    plugged_in = link is not None and link.master is not None
    return Broken(
        headline=_headline(host, network, plugged_in),
        subject=network.name,
        scope="network",
        hop=Hop.BRIDGE,
        severity="risk" if plugged_in else "broken",
        evidence=(*_network_evidence(host, network), *_daemon_evidence(host)),
    )


def _headline(host: Host, network: Network, plugged_in: bool) -> str:
    if bridge_is_gone(host, network):
        start = f"the network {network.name} is active in name only: its bridge {network.bridge} was deleted"
    else:
        start = f"the network {network.name} is not active"
    if plugged_in:
        return f"{start}; this guest's tap was put into a bridge by hand, but the guest cannot start again."
    if makes_bridge(network):
        return f"{start}: without {network.bridge} no guest on it can start, and nobody serves addresses."
    return f"{start}: no guest on it can start."


def _network_evidence(host: Host, network: Network) -> tuple[Evidence, ...]:
    from_files = network.origin.startswith("/")
    listing = "virsh net-list --all"
    state = Evidence(
        "libvirt keeps its state as that of an active network" if network.active else "libvirt keeps no state of it",
        f"{_STATE}/{network.name}.xml" if from_files else listing,
        "" if network.active else ("does not exist" if from_files else "inactive"),
    )
    autostart = Evidence(
        "it is set to start with libvirt" if network.autostart else "it is not set to start with libvirt",
        f"{_DEFINED}/autostart/{network.name}.xml" if from_files else listing,
        "" if network.autostart else "does not exist" if from_files else "no",
    )
    if makes_bridge(network) and not isinstance(host.bridges, Missing) and host.bridge(network.bridge) is None:
        gone = Evidence(
            f"its bridge {network.bridge} does not exist", f"/sys/class/net/{network.bridge}", "does not exist"
        )
        return (state, gone, autostart)
    return (state, autostart)


def _daemon_evidence(host: Host) -> tuple[Evidence, ...]:
    if isinstance(host.libvirt, Missing):
        if host.libvirt.status != "absent":
            return ()
        return (Evidence("no libvirt daemon has run since the boot", "/run/libvirt", "does not exist"),)
    owner = host.libvirt.network_owner
    if owner is None:
        where = "/run/virtnetworkd.pid, /run/libvirtd.pid"
        return (Evidence("the daemon that owns the networks does not run, and no socket waits for it", where),)
    if owner.asleep:
        return (Evidence(f"the daemon that owns it, {owner.name}, sleeps: only its socket waits", "/proc/net/unix"),)
    return (Evidence(f"the daemon that owns it, {owner.name}, runs", f"/run/{owner.name}.pid", str(owner.pid)),)


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    from pxedoctor.plans.network import AutostartNetwork, StartNetwork, StopNetwork

    network = facts.host.network(finding.broken.subject)
    owner = None if isinstance(facts.host.libvirt, Missing) else facts.host.libvirt.network_owner
    if network is None or owner is None or isinstance(facts.host.libvirt, Missing):
        return NoPlan(
            "no libvirt daemon is known to run or to wait behind a socket, and starting one starts its guests too",
            (
                "with one daemon: systemctl enable --now libvirtd",
                "with several: systemctl enable --now virtnetworkd.socket",
            ),
        )
    if not network.persistent:
        return NoPlan(
            f"{network.name} is transient: libvirt has no definition from which it could be started",
            (f"virsh net-destroy {network.name}, then virsh net-create with the file it was made from",),
        )
    gone = bridge_is_gone(facts.host, network)
    if gone and owner.asleep:
        return NoPlan(
            f"{owner.name} sleeps; woken, it sees that the network is down, and leaves its dnsmasq holding the address",
            (_without_its_old_server(facts.host, network),),
        )
    steps: list[Step] = [StartNetwork(network=network.name, bridge=network.bridge if makes_bridge(network) else "")]
    others: tuple[str, ...] = ()
    if gone:
        steps.insert(0, StopNetwork(network=network.name))
        by_hand = _without_its_old_server(facts.host, network)
        others = (f"Where libvirt was restarted since the bridge went, the first step fails: then {by_hand}.",)
    if not network.autostart:
        steps.append(AutostartNetwork(network=network.name))
    return Plan(steps=tuple(steps), other_ways=others)


def _without_its_old_server(host: Host, network: Network) -> str:
    """A libvirt that started after the bridge went knows that the network is down, and leaves its dnsmasq alive."""
    server = dhcp_server(host, network)
    pid = server.pid if not isinstance(server, Missing) and server.state is ServerState.ALIVE else None
    return f"{f'kill {pid}' if pid else f'end the dnsmasq of {network.name}'}; virsh net-start {network.name}"
