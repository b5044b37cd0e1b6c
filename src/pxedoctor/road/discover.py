"""The DISCOVER's road from a guest's NIC to the DHCP server, hop by hop, on the model.

1. A hop whose fate the facts decide is PASS or DROP, with the reason.
2. A hop whose facts are missing or not modelled is UNKNOWN, with what is missing.
3. The walk ends at the first DROP: what comes later is never reached.
"""

from collections.abc import Iterator

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.bridge import Bridge, PortState
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.target import Facts, Target
from pxedoctor.road.blackout import Patience, blackout, patience
from pxedoctor.road.hop import Fate, Road, RoadHop

_PORT_FATES = {
    PortState.DISABLED: (Fate.DROP, "the port is disabled"),
    PortState.LISTENING: (Fate.DROP, "the port is listening: frames die here until it forwards"),
    PortState.LEARNING: (Fate.DROP, "the port is learning: frames die here until it forwards"),
    PortState.BLOCKING: (Fate.DROP, "the port is blocked by the spanning tree"),
    PortState.FORWARDING: (Fate.PASS, "the port forwards"),
}


def discover_road(facts: Facts, target: Target) -> Road:
    hops: list[RoadHop] = []
    for hop in _walk(facts.host, target):
        hops.append(hop)
        if hop.predicted is Fate.DROP:
            break
    return Road(target=target.id, packet="DISCOVER", hops=tuple(hops))


def _walk(host: Host, target: Target) -> Iterator[RoadHop]:
    if target.kind == "nic":
        yield RoadHop(hop=Hop.NIC, device=target.mac or "", predicted=Fate.PASS, why="the guest has this NIC")
    if target.tap is not None:
        yield _tap(host, target.tap)
    yield from _port_and_bridge(host, target)


def _tap(host: Host, tap: str) -> RoadHop:
    link = host.link(tap)
    if link is None:
        return RoadHop(hop=Hop.TAP, device=tap, predicted=Fate.UNKNOWN, why="this device is not in this namespace")
    if not link.up:
        return RoadHop(hop=Hop.TAP, device=tap, predicted=Fate.DROP, why="the tap is down")
    if link.master is None:
        return RoadHop(hop=Hop.TAP, device=tap, predicted=Fate.DROP, why="the tap is plugged into no bridge")
    return RoadHop(hop=Hop.TAP, device=tap, predicted=Fate.PASS, why=f"up, plugged into {link.master}")


def _port_and_bridge(host: Host, target: Target) -> Iterator[RoadHop]:
    name = target.bridge or ""
    if isinstance(host.bridges, Missing):
        yield RoadHop(hop=Hop.BRIDGE, device=name, predicted=Fate.UNKNOWN, why=host.bridges.why)
        return
    bridge = host.bridge(name)
    if bridge is None:
        why = f"{name} does not exist" if name else "it is plugged into no bridge that pxedoctor knows"
        yield RoadHop(hop=Hop.BRIDGE, device=name, predicted=Fate.DROP if name else Fate.UNKNOWN, why=why)
        return
    yield _port(bridge, target)
    link = host.link(name)
    if link is not None and not link.up:
        yield RoadHop(hop=Hop.BRIDGE, device=name, predicted=Fate.DROP, why="the bridge is down")
    else:
        yield RoadHop(hop=Hop.BRIDGE, device=name, predicted=Fate.PASS, why="the bridge is up")


def _port(bridge: Bridge, target: Target) -> RoadHop:
    """The port as it is now, or, for a guest that is off, as it will be when it starts."""
    port = bridge.port(target.tap) if target.tap else None
    if port is not None and port.state is PortState.FORWARDING:
        fate, why = _PORT_FATES[port.state]
        return RoadHop(hop=Hop.PORT, device=port.name, predicted=fate, why=why)
    silence = blackout(bridge)
    device = port.name if port else "new port"
    if silence is None:
        return RoadHop(hop=Hop.PORT, device=device, predicted=Fate.UNKNOWN, why="STP is run by a program in user space")
    if silence == 0:
        return RoadHop(hop=Hop.PORT, device=device, predicted=Fate.PASS, why="STP is off: it forwards at once")
    if target.client is not None and patience(target.client, silence) is Patience.GIVES_UP:
        why = f"silent for {silence:g} s, longer than {target.client.title} asks"
        return RoadHop(hop=Hop.PORT, device=device, predicted=Fate.DROP, why=why)
    return RoadHop(hop=Hop.PORT, device=device, predicted=Fate.PASS, why=f"forwards {silence:g} s after it comes up")
