"""A port between the guest and its server is blocked, isolated, locked or not flooded to, by somebody's hand.

What it does
    Reads the state and the flags of the guest's port, and of the ports that lead to the server where the server is
    outside this host. States that the kernel's STP gives are another cause (bridge-forward-delay), but for a port that
    the spanning tree blocks. Addresses that were entered for a port by hand are looked up where the flags make them
    matter.

Why the guest fails
    A port that is disabled or blocked takes in and gives out nothing. Two ports that are both isolated exchange
    nothing. A port with bcast_flood off gets no broadcast of another port: no DISCOVER leaves through it, and no ARP
    request or broadcast OFFER of a server outside comes in. A locked port takes frames only from addresses that were
    entered for it. A port that neither learns nor is flooded to gets only what is addressed to entered addresses:
    libvirt enters them under macTableManager='libvirt'; where somebody else turned the flags off, nobody does.

What you see
    PXE-E51 for one guest, or for all guests towards the wire, while the host's firewall is open. `bridge -d link show`
    shows the state and the flags: `state blocking`, `isolated on`, `bcast_flood off`, `locked on`, `learning off`.

Fix
    bridge link set dev vnet0 state 3 (never while STP runs); bridge link set dev eno1 bcast_flood on, isolated off;
    bridge fdb replace MAC dev vnet0 master static.

Fix safety
    SAFE for the state of a tap where no frame could circle, and for an entered address. RISKY for everything else:
    these flags are set by nobody but somebody who meant it. None for a port that the spanning tree blocks: there a loop
    exists.

References
    bridge(8) link, fdb; Linux net/bridge/br_input.c br_handle_frame_finish, br_forward.c should_deliver and br_flood,
    br_netlink.c br_set_port_state; libvirt formatnetwork.html macTableManager
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome, Unknown
from pxedoctor.model.bridge import Bridge, PortState
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Nic
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.safety import Safety
from pxedoctor.road.port_fault import PortFault, Wrong, own_faults, server_fault
from pxedoctor.road.serving import serving
from pxedoctor.road.tree import loop_dangers, ways_out

META = Meta(
    code="TP002",
    name="port-not-forwarding",
    stage=Stage.PORT,
    needs=("links", "bridges"),
    fix="sometimes",
    consults=("domains", "networks", "processes"),
)
_ORIGINS = {
    Wrong.STATE: "brport/state",
    Wrong.LOOP: "brport/state",
    Wrong.LOCKED: "ip -d link: locked",
    Wrong.UNKNOWN_TO: "brport/learning, brport/unicast_flood",
    Wrong.DEAF: "brport/broadcast_flood",
    Wrong.ISOLATED: "brport/isolated",
}


def check(facts: Facts, target: Target) -> Outcome:
    bridge = facts.host.bridge(target.bridge or "")
    if bridge is None:
        return NotApplicable("it is plugged into no Linux bridge that exists now")
    own = _own(facts.host, bridge, target.tap or "", target.mac or "")
    worst = next((fault for fault in own if fault.holds and fault.kills), None)
    if worst is not None:
        return _broken(bridge, worst)
    doubt = next((fault for fault in own if fault.holds is None), None)
    if doubt is not None:
        missing = f"which addresses are entered for {doubt.port}"
        return Unknown(missing=missing, would_help=f"bridge fdb show br {bridge.name}", on_road=True)
    if serving(facts.host, bridge.name) is not None:
        return Fine(f"every port on the way to this host through {bridge.name} is open")
    found = _beyond(facts.host, bridge, target) or next(iter(own), None)
    return _broken(bridge, found) if found else Fine(f"every port on the way through {bridge.name} is open")


def _own(host: Host, bridge: Bridge, tap: str, mac: str) -> tuple[PortFault, ...]:
    """Of a tap that is down nothing is asked: that is another cause."""
    port, link = bridge.port(tap), host.link(tap)
    if port is None or (link is not None and not (link.up and link.carrier)):
        return ()
    return own_faults(bridge, port, mac)


def _beyond(host: Host, bridge: Bridge, target: Target) -> PortFault | None:
    """Why nothing leads to a server outside; None where one port does."""
    isolated = _is_isolated(host, bridge, target)
    ways = ways_out(host, bridge)
    far = [port for port in bridge.ports if port.name in ways and port.name != target.tap]
    faults = [server_fault(bridge, port, isolated) for port in far]
    return faults[0] if faults and None not in faults else None


def _is_isolated(host: Host, bridge: Bridge, target: Target) -> bool:
    """The guest's port as it is, or as its definition makes it at the next start."""
    port = bridge.port(target.tap) if target.tap else None
    if port is not None:
        return port.isolated is True
    return any(nic.isolated for nic in _nics(host) if nic.mac == target.mac)


def _nics(host: Host) -> tuple[Nic, ...]:
    domains = () if isinstance(host.domains, Missing) else host.domains
    return tuple(nic for domain in domains for nic in domain.nics)


def _broken(bridge: Bridge, fault: PortFault) -> Broken:
    return Broken(
        headline=f"On {bridge.name}, {fault.text}.",
        subject=fault.port,
        scope="guest" if fault.side == "guest" else "bridge",
        hop=_place(fault),
        severity="broken" if fault.kills else "risk",
        evidence=(_evidence(bridge, fault),),
    )


def _place(fault: PortFault) -> Hop:
    """Where the kernel gives the frame up: a locked port does it behind the bridge's hooks (br_handle_frame_finish)."""
    if fault.side == "server":
        return Hop.EXIT
    return Hop.ADMISSION if fault.wrong is Wrong.LOCKED else Hop.PORT


def _evidence(bridge: Bridge, fault: PortFault) -> Evidence:
    port, origin = bridge.port(fault.port), _ORIGINS[fault.wrong]
    where = f"/sys/class/net/{fault.port}/{origin}" if origin.startswith("brport") else f"{origin} of {fault.port}"
    value = str(int(port.state)) if port and fault.wrong in {Wrong.STATE, Wrong.LOOP} else ""
    return Evidence(fault.text, where, value)


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    name = finding.broken.subject
    bridges = () if isinstance(facts.host.bridges, Missing) else facts.host.bridges
    bridge = next((entry for entry in bridges if entry.port(name)), None)
    if bridge is None:
        return NoPlan(f"{name} is no port of a bridge any more")
    mac = next((nic.mac.lower() for nic in _nics(facts.host) if nic.tap == name), "")
    faults = _own(facts.host, bridge, name, mac)
    if finding.broken.scope == "bridge":
        beyond = [server_fault(bridge, port, isolated=True) for port in bridge.ports if port.name == name]
        faults = tuple(fault for fault in beyond if fault is not None)
    fault = next(iter(faults), None)
    return NoPlan(f"{name} is open again") if fault is None else _cure(facts.host, bridge, fault, mac)


def _cure(host: Host, bridge: Bridge, fault: PortFault, mac: str) -> Plan | NoPlan:
    from pxedoctor.plans.port import EnterMac, SetPortFlag, SetPortState

    port = fault.port
    lose = f"Somebody set {port} so on purpose; only that person knows what for."
    match fault.wrong:
        case Wrong.LOOP:
            return NoPlan("a loop leads through this port, and only STP keeps it open", (f"find what {port} leads to",))
        case Wrong.STATE:
            dangers = loop_dangers(host, bridge)
            risky = Safety.SAFE if fault.side == "guest" and not dangers else Safety.RISKY
            may_lose = "" if risky is Safety.SAFE else f"A loop may close: {'; '.join(dangers) or f'{port} leads out'}."
            state = PortState.FORWARDING
            return Plan(
                steps=(SetPortState(bridge=bridge.name, port=port, state=state, safety=risky, may_lose=may_lose),)
            )
        case Wrong.DEAF:
            step = SetPortFlag(bridge=bridge.name, port=port, flag="bcast_flood", on=True, may_lose=lose)
            return Plan(steps=(step,))
        case Wrong.ISOLATED:
            step = SetPortFlag(bridge=bridge.name, port=port, flag="isolated", on=False, may_lose=lose)
            return Plan(steps=(step,))
        case Wrong.LOCKED | Wrong.UNKNOWN_TO:
            if not mac:
                return NoPlan("the guest's MAC is not known", (f"bridge fdb replace MAC dev {port} master static",))
            locked = fault.wrong is Wrong.LOCKED
            safety, may_lose = (Safety.RISKY, lose) if locked else (Safety.SAFE, "")
            return Plan(steps=(EnterMac(bridge=bridge.name, port=port, mac=mac, safety=safety, may_lose=may_lose),))
