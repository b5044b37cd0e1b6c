"""The guest's tap has the guest's own MAC, and the server is behind another port: its answers end at the host.

What it does
    Compares the MAC of a running guest's tap with that of the guest's NIC, where the server is outside of this host.
    A server of this host reaches such a guest: what the host itself sends leaves through the very port that has the
    MAC. So it says nothing where this host serves.

Why the guest fails
    A bridge enters the MAC of each of its ports as the host's own, and hands what comes from another port to that MAC
    up to the host. The guest's DISCOVER gets out; an OFFER to its MAC goes to the host and not to the guest. Where
    firmware asked for a broadcast it gets its address, and not one byte of its boot file. libvirt gives taps the
    guest's MAC with fe in front; scripts that set up taps by hand often do not.

What you see
    "received packet on vnet0 with own address as source address" in the kernel's log, once for each frame of the guest.
    The OFFER comes in at the uplink and is not seen at the tap. `bridge fdb show dev vnet0` shows the guest's MAC as
    `permanent`.

Fix
    ip link set dev vnet0 address fe:54:00:..., the guest's MAC with fe in front; and where the tap is made.

Fix safety
    SAFE: nothing comes to the guest under its own MAC now. RISKY where the bridge has taken that MAC for its own: then
    the host's changes with it, and its neighbours must learn it anew.

References
    Linux net/bridge/br_fdb.c fdb_add_local, br_input.c br_handle_frame_finish (BR_FDB_LOCAL), br_device.c br_dev_xmit;
    libvirt src/util/virnetdevtap.c virNetDevTapCreateInBridgePort (0xFE)
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, Leg, NotApplicable, Outcome
from pxedoctor.model.link import Link
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.safety import Safety
from pxedoctor.road.answering import ServerKind
from pxedoctor.road.exchange import servers
from pxedoctor.road.narrow import nic_of

META = Meta(
    code="TP007",
    name="tap-has-guest-mac",
    stage=Stage.PORT,
    needs=("links", "bridges", "domains"),
    consults=("networks", "processes", "sockets"),
    fix="sometimes",
)
# As libvirt writes it over the first byte of the guest's MAC.
_FIRST = "fe"


def check(facts: Facts, target: Target) -> Outcome:
    found = nic_of(facts.host, target)
    link = facts.host.link(target.tap) if target.tap else None
    if found is None or link is None or not link.is_tap or link.master != target.bridge:
        return NotApplicable("there is no tap of a running guest in a bridge")
    if link.mac.lower() != target.mac:
        return Fine(f"{link.name} has a MAC of its own")
    asked = servers(facts, target)
    if not asked or any(server.here for server in asked):
        return Fine(f"{link.name} has the guest's MAC, and what this host itself sends reaches the guest")
    outside = all(server.kind is ServerKind.OUTSIDE for server in asked)
    where = f"{found[0].origin}: devices/interface[{found[1].position}]/mac"
    return Broken(
        headline=f"{link.name} has the MAC of the guest behind it, {link.mac}: answers from outside end at this host.",
        subject=link.name,
        hop=Hop.EXIT,
        leg=Leg.ANSWER,
        severity="broken" if outside else "risk",
        evidence=(
            Evidence(f"{link.name} has this MAC", f"ip -j -d -s -s address show: {link.name}, address", link.mac),
            Evidence(f"and so has the guest {found[0].name}", where, found[1].mac),
            *(Evidence(server.why, f"/sys/class/net/{target.bridge}/brif", server.port or "") for server in asked),
        ),
    )


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    link = facts.host.link(finding.broken.subject)
    if link is None or link.mac.lower().startswith(_FIRST):
        return NoPlan(f"which other MAC {finding.broken.subject} may have is not known")
    from pxedoctor.plans.link import SetMac

    mac = _FIRST + link.mac.lower()[2:]
    made = f"For good: where {link.name} is made; a tap that libvirt makes is right by itself."
    bridge = facts.host.link(link.master or "")
    if bridge is None or bridge.mac.lower() != link.mac.lower():
        return Plan(steps=(SetMac(device=link.name, mac=mac),), other_ways=(made,))
    return Plan(
        steps=(SetMac(device=link.name, mac=mac, safety=Safety.RISKY, may_lose=_lose(bridge)),), other_ways=(made,)
    )


def _lose(bridge: Link) -> str:
    return f"{bridge.name} has the same MAC and may change with it: this host is not reached until others learn it."
