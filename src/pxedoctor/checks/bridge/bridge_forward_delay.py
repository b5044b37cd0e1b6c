"""A bridge with STP keeps each new port silent for twice its forward delay.

What it does
    Compares twice the bridge's effective forward delay with the patience of the client that this guest will run, less
    the time the client needs before it first asks (3 to 8 s for firmware). A probe's own port shows how long it is.

Why the guest fails
    A port of an STP bridge listens for one forward delay and learns for another, and drops every frame meanwhile. With
    the kernel's default of 15 s that is 30 s; iPXE sends its last DISCOVER 7 s after its first and gives up at 15 s.
    A warm reset keeps the forwarding port, so it works then: "fails on cold start, works after reset" is the sign.

What you see
    iPXE: "No configuration methods succeeded" (ipxe.org/040ee119). OVMF: PXE-E16. The server's log holds no DISCOVER
    at all. `cat /sys/class/net/BR/bridge/stp_state` is 1 and `forward_delay` more than 300 (hundredths of a second).

Fix
    Keep STP and set the forward delay to 2 s (a silence of 4 s, which every client outlasts), live and where the bridge
    is configured: a libvirt network's definition, or the file of the system that makes a host's bridge. It works at
    once, no running guest notices, and nothing is restarted. Not `ifdown BR; ifup BR` or `virsh
    net-destroy`, which throw every running guest off; nor `bridge_maxwait 0`, which helps no guest.

Fix safety
    SAFE where the bridge leads nowhere but to guests, or no switch was ever heard. RISKY where another switch takes
    part in the spanning tree: this bridge is its root, and a new delay applies to every switch of that tree.

References
    https://wiki.libvirt.org/PXE_boot_or_dhcp_on_guest_failed.html ("the bridge's forward delay"),
    linux net/bridge/br_stp.c, br_stp_timer.c; ipxe src/config/dhcp.h; IEEE 802.1D-1998 clause 8.10
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Evidence, Fine, NotApplicable, Outcome, Unknown
from pxedoctor.model.bridge import Bridge, Stp
from pxedoctor.model.bridge_owner import Setting
from pxedoctor.model.fact import Missing
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.show_only import ShowOnly, restart_of_network
from pxedoctor.plans.step import Step
from pxedoctor.road.blackout import Account, judge, measured
from pxedoctor.road.probed import NewPort, new_port
from pxedoctor.road.tree import bridge_behind, heard_switches

META = Meta(
    code="BR001",
    name="bridge-forward-delay",
    stage=Stage.BRIDGE,
    needs=("links", "bridges"),
    fix="sometimes",
    consults=("network_files", "processes"),
)

_SHORTEST = 2


def check(facts: Facts, target: Target) -> Outcome:
    bridge = bridge_behind(facts.host, target)
    if not isinstance(bridge, Bridge):
        return bridge
    seen = new_port(facts, target)
    silence = measured(bridge, seen)
    if silence is None:
        return Unknown(
            missing=f"how long a program in user space keeps a new port of {bridge.name} silent",
            would_help="ask that program, e.g. mstpctl showbridge, or probe the bridge",
            on_road=True,
        )
    if silence == 0:
        return Fine(_why_at_once(bridge, seen))
    if bridge.stp is Stp.USER:
        return judge(
            bridge, target, silence, Account(f"{bridge.name} keeps a new port silent for {silence:g} s", ()), seen
        )
    if not bridge.is_root:
        return NotApplicable(f"{bridge.name} is not the root of its spanning tree (see stp-root-elsewhere)")
    own = Evidence(
        f"{bridge.name} is the root, so the delay is its own",
        f"/sys/class/net/{bridge.name}/bridge/root_port",
        str(bridge.root_port),
    )
    account = Account(f"{bridge.name} keeps a new port silent for {silence:g} s", (own,))
    return judge(bridge, target, silence, account, seen)


def _why_at_once(bridge: Bridge, seen: NewPort | None) -> str:
    if bridge.stp is Stp.OFF or seen is None:
        return f"{bridge.name} has STP off: a new port forwards at once"
    return seen.evidence.text


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    from pxedoctor.plans.bridge import SetForwardDelay
    from pxedoctor.plans.network import DefineForwardDelay

    bridge = facts.host.bridge(finding.broken.subject)
    if bridge is None or bridge.stp is not Stp.KERNEL:
        return NoPlan("the bridge's STP is not the kernel's; only the program that runs it can set the delay")
    switches = heard_switches(facts.host, bridge)
    risk = (
        f"{switches}: {bridge.name} is the root, and its delay applies to every switch of that tree."
        if switches
        else ""
    )
    safety = Safety.RISKY if switches else Safety.SAFE
    now = bridge.forward_delay
    steps: list[Step] = [SetForwardDelay(bridge=bridge.name, seconds=_SHORTEST, now=now, safety=safety, may_lose=risk)]
    network = None if isinstance(facts.host.networks, Missing) else facts.host.network_on(bridge.name)
    others = [f"STP off on {bridge.name}: not first choice, because a loop through it would go unseen."]
    if network is not None and network.persistent:
        steps.append(DefineForwardDelay(network=network.name, seconds=_SHORTEST))
        shown: tuple[ShowOnly, ...] = (restart_of_network(network.name),)
    else:
        # It brings everybody with it who may have configured a bridge.
        from pxedoctor.plans.lasting import lasting

        more = lasting(facts.host, bridge.name, Setting(stp=True, delay=_SHORTEST))
        steps += more.steps
        others += more.words
        shown = more.shown
    return Plan(steps=tuple(steps), other_ways=tuple(others), shown=shown)
