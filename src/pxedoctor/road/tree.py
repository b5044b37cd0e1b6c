"""Who else takes part in a bridge's spanning tree: what decides whether touching STP is safe."""

from pxedoctor.model.bridge import Bridge
from pxedoctor.model.host import Host


def outward_ports(host: Host, bridge: Bridge) -> tuple[str, ...]:
    """Ports that are not taps: physical, bonds, VLANs, tunnels, veths. A port of unknown kind counts as one."""
    taps = {port.name for port in bridge.ports if (link := host.link(port.name)) is not None and link.is_tap}
    return tuple(port.name for port in bridge.ports if port.name not in taps)


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
            reasons.append(f"{name} has received {port.bpdus_received} BPDUs from a switch")
    return "; ".join(reasons)
