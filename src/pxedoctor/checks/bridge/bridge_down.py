"""The bridge itself is administratively down: its ports are up, and nothing passes between them.

What it does
    Reads the flags of the bridge that a guest is, or will be, plugged into. Up means IFF_UP: what `ip link set up`
    sets. A bridge without a port that has carrier is shown as "state DOWN" and is up all the same; that is no fault.

Why the guest fails
    A bridge that is down takes no frame from its ports (net/bridge/br_input.c br_handle_frame_finish and
    br_dev_xmit see a device that does not run), so guests reach neither each other nor the host nor the wire. Taps
    stay up, and the guest's firmware sees a link. It comes of an `ip link set down`, of an ifup that stopped half
    way, and of a bridge that a script made and nobody brought up.

What you see
    PXE-E51, or a DISCOVER that tcpdump shows on the tap and not on the bridge. `ip link show dev br0` lacks the word UP
    between its angle brackets.

Fix
    ip link set dev br0 up. For good, in the configuration that makes the bridge (auto, onboot, autoconnect).

Fix safety
    SAFE where no frame could circle through the bridge. RISKY where it could: two ports that leave this host and no
    STP; while it is down, it closes no loop. So is the line by which it comes up at the next start, too.

References
    ip-link(8); include/uapi/linux/if.h IFF_UP; Linux net/bridge/br_input.c, br_device.c
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome
from pxedoctor.model.bridge import Stp
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Network
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.safety import Safety
from pxedoctor.road.tree import loop_dangers

META = Meta(
    code="BR011",
    name="bridge-down",
    stage=Stage.BRIDGE,
    needs=("links", "bridges"),
    fix="sometimes",
    consults=("domains", "networks", "network_files", "processes"),
)


def check(facts: Facts, target: Target) -> Outcome:
    name = target.bridge or ""
    link = facts.host.link(name)
    if link is None or facts.host.bridge(name) is None:
        return NotApplicable("it is plugged into no Linux bridge that exists now")
    if link.up:
        return Fine(f"{name} is up")
    return Broken(
        headline=f"{name} is down: no frame of any guest on it goes anywhere.",
        subject=name,
        scope="bridge",
        hop=Hop.BRIDGE,
        evidence=(
            Evidence(
                f"{name} has not the flag UP", f"ip -j -d -s -s address show: {name}, flags", "UP is not among them"
            ),
            *_ports(facts.host, name),
        ),
    )


def _ports(host: Host, name: str) -> tuple[Evidence, ...]:
    bridge = host.bridge(name)
    names = ", ".join(port.name for port in bridge.ports) if bridge else ""
    return (Evidence(f"its ports: {names}", f"/sys/class/net/{name}/brif"),) if names else ()


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    from pxedoctor.plans.bridge import SetBridgeUp
    from pxedoctor.plans.devices.wish import Up
    from pxedoctor.plans.lasting_device import lasting_device
    from pxedoctor.plans.network import AutostartNetwork

    name = finding.broken.subject
    bridge = facts.host.bridge(name)
    if bridge is None:
        return NoPlan(f"{name} does not exist any more")
    dangers = loop_dangers(facts.host, bridge) if bridge.stp is Stp.OFF else ()
    lose = f"With STP off a loop may close: {'; '.join(dangers)}." if dangers else ""
    safety = Safety.RISKY if dangers else Safety.SAFE
    live = SetBridgeUp(bridge=name, safety=safety, may_lose=lose)
    network = facts.host.network_on(name)
    if network is not None:
        return Plan(steps=(live, *((AutostartNetwork(network=network.name),) if _must_start(network) else ())))
    more = lasting_device(facts.host, Up(name), safety, lose)
    return Plan(steps=(live, *more.steps), other_ways=more.words)


def _must_start(network: Network) -> bool:
    """libvirt brings its bridges up itself, whenever it starts the network."""
    return network.persistent and not network.autostart
