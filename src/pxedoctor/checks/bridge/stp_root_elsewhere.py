"""A bridge with STP follows another root, and the root's forward delay keeps each new port silent.

What it does
    Where another bridge or switch is the root of the spanning tree, compares twice the forward delay that this root
    dictates with the patience of the client that this guest will run, less the client's head start (3 to 8 s).

Why the guest fails
    Every bridge of a spanning tree uses the timers of the root (IEEE 802.1D-1998, 8.5.3): a forward delay configured on
    this host is accepted and does nothing while that root is heard. A switch's default is 15 s, so a new port is silent
    for 30 s; iPXE sends its last DISCOVER 7 s after its first.

What you see
    As with a long forward delay of one's own: iPXE's "No configuration methods succeeded" (ipxe.org/040ee119), a server
    log without a DISCOVER. `cat /sys/class/net/BR/bridge/root_port` is not 0, root_id is not bridge_id, and a shorter
    delay that is written to `forward_delay` does not come back when it is read.

Fix
    Turn STP off on this bridge, live and where it is configured, so that a new port forwards at once. Instead: a
    shorter forward delay on the root itself; or `<bios rebootTimeout='5000'/>` in the guest, whose second try is a warm
    reset that keeps the tap, which by then forwards. A shorter delay on this bridge is no fix.

Fix safety
    RISKY, always: the bridge leaves a tree that a switch takes part in. It no longer sees a loop that somebody closes
    later, and BPDUs that a guest sends then reach the switch, whose BPDU guard may shut this host's port. Where a loop
    could close through this bridge (two ports that leave the host, a blocked port, a guest with two NICs on it, guests
    that cannot be read) STP off is not offered at all.

References
    https://wiki.libvirt.org/PXE_boot_or_dhcp_on_guest_failed.html ("the bridge's forward delay"),
    linux net/bridge/br_stp.c br_record_config_timeout_values, br_stp_if.c br_stp_stop; IEEE 802.1D-1998 clauses 8.5.3,
    8.10; libvirt formatdomain, <bios rebootTimeout>
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Evidence, NotApplicable, Outcome
from pxedoctor.model.bridge import Bridge, PortState, Stp
from pxedoctor.model.bridge_owner import Setting
from pxedoctor.model.host import Host
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Step
from pxedoctor.road.blackout import Account, judge, measured
from pxedoctor.road.probed import new_port
from pxedoctor.road.tree import bridge_behind, loop_dangers, outward_ports

META = Meta(
    code="BR002",
    name="stp-root-elsewhere",
    stage=Stage.BRIDGE,
    needs=("links", "bridges"),
    fix="sometimes",
    consults=("network_files", "processes"),
)


def check(facts: Facts, target: Target) -> Outcome:
    bridge = bridge_behind(facts.host, target)
    if not isinstance(bridge, Bridge):
        return bridge
    seen = new_port(facts, target)
    silence = measured(bridge, seen)
    if bridge.stp is not Stp.KERNEL or silence is None:
        return NotApplicable(f"{bridge.name} does not run the kernel's STP: it follows no root")
    if bridge.is_root:
        return NotApplicable(f"{bridge.name} is the root of its spanning tree (see bridge-forward-delay)")
    clause = (
        f"{bridge.name} follows the spanning tree root {bridge.root_id}, "
        f"whose forward delay of {bridge.forward_delay:g} s keeps a new port silent for {silence:g} s"
    )
    return judge(bridge, target, silence, Account(clause, _root_evidence(bridge)), seen)


def _root_evidence(bridge: Bridge) -> tuple[Evidence, ...]:
    folder = f"/sys/class/net/{bridge.name}/bridge"
    found = [
        Evidence(f"another bridge or switch is the root: {bridge.root_id}", f"{folder}/root_id", bridge.root_id),
        Evidence(
            f"{bridge.name} hears that root through {_root_port(bridge)}",
            f"{folder}/root_port",
            str(bridge.root_port),
        ),
    ]
    port = bridge.towards_root
    if port is not None and port.bpdus_received:
        origin = f"ip -j link xstats type bridge_slave dev {port.name} stp"
        # Not how many: a root sends one every 2 s, and two looks at the same host must say the same.
        found.append(Evidence(f"{port.name} has received BPDUs from a switch", origin))
    found.append(
        Evidence(
            f"a delay configured on {bridge.name} itself has no effect behind that root, and cannot be read meanwhile",
            "linux net/bridge/br_stp.c br_record_config_timeout_values",
        )
    )
    return tuple(found)


def _root_port(bridge: Bridge) -> str:
    port = bridge.towards_root
    return port.name if port is not None else f"its port number {bridge.root_port}"


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    bridge = facts.host.bridge(finding.broken.subject)
    if bridge is None or bridge.stp is not Stp.KERNEL or bridge.is_root:
        return NoPlan("the bridge follows no other root any more")
    dangers = loop_dangers(facts.host, bridge)
    if dangers:
        return NoPlan(
            f"a delay set on {bridge.name} does nothing behind the root {bridge.root_id}, and without STP a loop "
            f"could close through {bridge.name}: {'; '.join(dangers)}",
            _elsewhere(facts.host, bridge),
        )
    from pxedoctor.plans.bridge import SetStp
    from pxedoctor.plans.lasting import lasting

    off = SetStp(bridge=bridge.name, on=False, safety=Safety.RISKY, may_lose=_may_lose(facts.host, bridge))
    more = lasting(facts.host, bridge.name, Setting(stp=False))
    steps: tuple[Step, ...] = (off, *_released(facts.host, bridge), *more.steps)
    return Plan(steps=steps, other_ways=(*_elsewhere(facts.host, bridge), *more.words), shown=more.shown)


def _may_lose(host: Host, bridge: Bridge) -> str:
    leaves = (
        f"{bridge.name} leaves the spanning tree of root {bridge.root_id}, heard through {_root_port(bridge)}: a loop "
        "that somebody closes through it later goes unseen"
    )
    guard = "".join(
        f", and BPDUs that a guest sends pass out of {port}, where a switch's BPDU guard may shut this host's port"
        for port in outward_ports(host, bridge)
    )
    return f"{leaves}{guard}."


def _released(host: Host, bridge: Bridge) -> tuple[Step, ...]:
    """Guests' ports whose timers run: without STP they would still run to their end."""
    from pxedoctor.plans.bridge import ForwardPort

    outward = outward_ports(host, bridge)
    waiting = (port for port in bridge.ports if port.state in {PortState.LISTENING, PortState.LEARNING})
    return tuple(ForwardPort(bridge=bridge.name, port=port.name) for port in waiting if port.name not in outward)


def _elsewhere(host: Host, bridge: Bridge) -> tuple[str, ...]:
    """What helps besides STP off here."""
    ways = [
        f"On the root {bridge.root_id}, for its whole tree: a shorter forward delay (IEEE 802.1D allows a switch 4 s "
        "and more, a Linux bridge takes 2 s).",
        "In the guest's <os>, for SeaBIOS: <bios rebootTimeout='5000'/>: it tries again by a warm reset, which keeps "
        "the tap, by then forwarding; holds from the guest's next full start.",
    ]
    port = bridge.towards_root
    if port is not None and port.name not in outward_ports(host, bridge):
        ways.append(
            f"{port.name} is a guest's: `bridge link set dev {port.name} root_block on` keeps a guest from being the "
            "root; its port blocks while it insists."
        )
    return tuple(ways)
