"""A bridge's spanning tree is left to a program in user space, and none runs: its new ports block for ever.

What it does
    Reads who runs the bridge's STP. Where it is a program in user space (stp_state 2), looks for one that does: mstpd
    or rstpd. Ports that block, and none that forwards, are the proof that nobody else does it under another name.

Why the guest fails
    When STP is turned on, the kernel runs `/sbin/bridge-stp BR start`. If that answers 0, the kernel believes that a
    program in user space runs the tree, and moves no port any more. A new port starts as blocking, and only that
    program could let it forward. Where it is not installed any more, never started for this bridge, or dead, no guest
    that starts gets a frame through; ports that it had let forward go on, so old guests work until their next start.

What you see
    PXE-E51 or "No configuration methods succeeded". `cat /sys/class/net/BR/bridge/stp_state` is 2, `bridge link` shows
    the guest's port as `state blocking`, a minute after its start too, and `pgrep mstpd` finds nothing.

Fix
    Start the program, where it is wanted. Else let the bridge's ports forward, live, and turn its STP off; for
    good, take /sbin/bridge-stp away: then the kernel runs STP by itself wherever it is on.

Fix safety
    SAFE where no frame could circle through the bridge. RISKY where it could: then STP is what it needs, and the
    program is to be started. Undone by turning it on, when the kernel asks /sbin/bridge-stp again, and setting
    those ports to blocking.

References
    linux net/bridge/br_stp_if.c br_stp_start, br_stp_call_user, br_init_port; br_stp.c br_port_state_selection;
    mstpd(8); seen with Linux 6.1
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, Outcome
from pxedoctor.model.bridge import Bridge, PortState, Stp
from pxedoctor.model.fact import known
from pxedoctor.model.process import Process
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.bridge import SetStp
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.port import SetPortState
from pxedoctor.plans.safety import Safety
from pxedoctor.road.tree import bridge_behind, loop_dangers

META = Meta(
    code="BR003",
    name="stp-daemon-absent",
    stage=Stage.BRIDGE,
    needs=("links", "bridges", "processes"),
    fix="sometimes",
    consults=("domains",),
)

_DAEMONS = ("mstpd", "rstpd")
_BY_ITSELF = "For good, where none is wanted: take /sbin/bridge-stp away; then the kernel runs STP where it is on."
_STARTED = "Where it is wanted: start it (systemctl start mstpd), then turn the bridge's STP off and on once."


def check(facts: Facts, target: Target) -> Outcome:
    bridge = bridge_behind(facts.host, target)
    if not isinstance(bridge, Bridge):
        return bridge
    if bridge.stp is not Stp.USER:
        return Fine(f"{bridge.name} leaves its STP to no program in user space")
    daemon = _daemon(known(facts.host.processes))
    if daemon is not None:
        return Fine(f"{daemon.name}, to which {bridge.name} leaves its STP, runs (pid {daemon.pid})")
    port = bridge.port(target.tap) if target.tap else None
    forwards = port is not None and port.state is PortState.FORWARDING
    effect = "this guest's port forwards by now, but at its next cold start it blocks for ever"
    return Broken(
        headline=f"{bridge.name} leaves its STP to a program in user space, and none runs: "
        f"{effect if forwards else 'a new port blocks for ever'}.",
        subject=bridge.name,
        scope="bridge",
        hop=Hop.PORT,
        severity="risk" if forwards else "broken",
        certainty="proven" if _nobody_moves(bridge) else "likely",
        evidence=_evidence(bridge),
    )


def _daemon(processes: tuple[Process, ...]) -> Process | None:
    here = (process for process in processes if process.alive and not process.elsewhere)
    return next((process for process in here if process.name in _DAEMONS), None)


def _in_state(bridge: Bridge, state: PortState) -> tuple[str, ...]:
    return tuple(port.name for port in bridge.ports if port.state is state)


def _nobody_moves(bridge: Bridge) -> bool:
    return bool(_in_state(bridge, PortState.BLOCKING)) and not _in_state(bridge, PortState.FORWARDING)


def _evidence(bridge: Bridge) -> tuple[Evidence, ...]:
    blocking = _in_state(bridge, PortState.BLOCKING)
    left = Evidence(
        "its STP is left to a program in user space",
        f"/sys/class/net/{bridge.name}/bridge/stp_state",
        str(int(Stp.USER)),
    )
    absent = Evidence(f"no process is called {' or '.join(_DAEMONS)}", "ps -A -o pid=,ppid=,stat=,comm=")
    ports = (
        Evidence(f"{name} blocks", f"/sys/class/net/{name}/brport/state", str(int(PortState.BLOCKING)))
        for name in blocking[:3]
    )
    return (left, absent, *ports)


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    bridge = facts.host.bridge(finding.broken.subject)
    if bridge is None or bridge.stp is not Stp.USER:
        return NoPlan("the bridge's STP is not left to a program in user space any more")
    dangers = loop_dangers(facts.host, bridge)
    off = SetStp(
        bridge=bridge.name,
        on=False,
        now=Stp.USER,
        safety=Safety.RISKY if dangers else Safety.SAFE,
        may_lose=f"With STP off a loop may close: {'; '.join(dangers)}." if dangers else "",
    )
    # Not only guests': the kernel lets none of them forward when it takes the tree back (br_stp_if.c br_stp_stop).
    # Before it does, so that the way back comes after STP is on again: only while user space has the tree does a port
    # that is set to blocking stay so (br_stp.c br_port_state_selection).
    blocking = _in_state(bridge, PortState.BLOCKING)
    released = (SetPortState(bridge=bridge.name, port=name, state=PortState.FORWARDING) for name in blocking)
    return Plan(steps=(*released, off), other_ways=(_STARTED, _BY_ITSELF))
