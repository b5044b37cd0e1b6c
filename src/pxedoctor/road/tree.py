"""A target's bridge, and who else takes part in its spanning tree: what decides whether touching STP is safe."""

from pxedoctor.findings.outcome import NotApplicable, Unknown
from pxedoctor.model.bridge import Bridge, PortState, Stp
from pxedoctor.model.fact import Missing, known
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Domain
from pxedoctor.model.target import Target


def bridge_behind(host: Host, target: Target) -> Bridge | Unknown | NotApplicable:
    """The Linux bridge that the target's frames enter. Raises MissingFactError where bridges could not be read."""
    known(host.bridges)
    name = target.bridge or ""
    bridge = host.bridge(name)
    if bridge is not None:
        return bridge
    strange = host.not_understood("bridge", name)
    if strange is not None:
        return Unknown(missing=f"how {name} is set: {strange.why}", would_help=f"see {strange.origin}", on_road=True)
    return NotApplicable("it is plugged into no Linux bridge that exists now")


def outward_ports(host: Host, bridge: Bridge) -> tuple[str, ...]:
    """Ports that are not taps: physical, bonds, VLANs, tunnels, veths. A port of unknown kind counts as one."""
    taps = host.once(_taps)
    return tuple(port.name for port in bridge.ports if port.name not in taps)


def ways_out(host: Host, bridge: Bridge) -> tuple[str, ...]:
    """Ports behind which a server is sought: of those that lead out, the ones that forward, if any does.

    A port into another namespace, a container's, counts only where there is no other.
    """
    outward = outward_ports(host, bridge)
    forwarding = tuple(
        port.name for port in bridge.ports if port.name in outward and port.state is PortState.FORWARDING
    )
    names = forwarding or outward
    return tuple(name for name in names if not _leads_elsewhere(host, name)) or names


def _leads_elsewhere(host: Host, name: str) -> bool:
    link = host.link(name)
    return link is not None and link.peer_namespace is not None


def _taps(host: Host) -> frozenset[str]:
    links = () if isinstance(host.links, Missing) else host.links
    return frozenset(link.name for link in links if link.is_tap)


def heard_switches(host: Host, bridge: Bridge) -> str:
    """In words, why a switch may take part in this tree; "" where none can.

    A port that has received no BPDU since it was made leads to no switch that speaks STP. A kernel that does not count
    (before 5.6) proves nothing, so the port counts as heard.
    """
    reasons = []
    for name in outward_ports(host, bridge):
        port = bridge.port(name)
        if port is None or port.bpdus_received is None:
            reasons.append(f"{name} may lead to a switch (its BPDUs are not counted)")
        elif port.bpdus_received > 0:
            reasons.append(f"{name} has received BPDUs from a switch")
    return "; ".join(reasons)


def loop_dangers(host: Host, bridge: Bridge) -> tuple[str, ...]:
    """Why frames could circle through this bridge if nobody ran STP on it, one clause each; () where none can.

    A loop needs two ways out of the bridge that meet elsewhere: two ports that leave this host, or two NICs of a guest.
    """
    dangers = [f"{name} is blocked: a loop exists, and only STP keeps it open" for name in _blocked(bridge)]
    outward = outward_ports(host, bridge)
    if len(outward) > 1:
        dangers.append(f"{' and '.join(outward)} both lead out of this host and may meet elsewhere")
    if isinstance(host.domains, Missing):
        return (*dangers, f"whether a guest has two NICs on {bridge.name} is not known: {host.domains.why}")
    for domain in host.domains:
        count = _nics_on(host, domain, bridge)
        if count > 1:
            dangers.append(f"{domain.name} has {count} NICs on {bridge.name} and may bridge them")
    strangers = _unclaimed_taps(host, host.domains, bridge)
    if len(strangers) > 1:
        dangers.append(f"{' and '.join(strangers)} belong to no guest of libvirt's and may be one guest's")
    return tuple(dangers)


def _blocked(bridge: Bridge) -> tuple[str, ...]:
    if bridge.stp is Stp.USER:
        # Where the program in user space does not run, every new port blocks, loop or none.
        return ()
    return tuple(port.name for port in bridge.ports if port.state is PortState.BLOCKING)


def _nics_on(host: Host, domain: Domain, bridge: Bridge) -> int:
    return sum(1 for nic in domain.nics if host.bridge_of(nic) == bridge.name)


def _unclaimed_taps(host: Host, domains: tuple[Domain, ...], bridge: Bridge) -> tuple[str, ...]:
    claimed = {nic.tap for domain in domains if domain.running for nic in domain.nics}
    outward = outward_ports(host, bridge)
    return tuple(port.name for port in bridge.ports if port.name not in claimed and port.name not in outward)
