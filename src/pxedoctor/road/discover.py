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
from pxedoctor.model.libvirt import Network
from pxedoctor.model.target import Facts, Target
from pxedoctor.road.blackout import Patience, blackout, patience
from pxedoctor.road.hop import Fate, Road, RoadHop
from pxedoctor.road.input import input_hop
from pxedoctor.road.network import network_of, serving_network, starts_when_woken
from pxedoctor.road.server import ServerState, dhcp_server

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
    if target.kind == "guests":
        why = _words(host.domains) if isinstance(host.domains, Missing) else "this is no single NIC"
        yield RoadHop(hop=Hop.NIC, device="", predicted=Fate.UNKNOWN, why=f"the guests could not be listed: {why}")
        return
    if target.kind == "nic":
        yield RoadHop(hop=Hop.NIC, device=target.mac or "", predicted=Fate.PASS, why="the guest has this NIC")
    if target.tap is not None:
        yield _tap(host, target, target.tap)
    yield from _port_and_bridge(host, target)
    network = serving_network(host, target)
    if network is not None:
        yield input_hop(host, target.bridge or network.bridge)
        yield _server(host, network)


def _server(host: Host, network: Network) -> RoadHop:
    server = dhcp_server(host, network)
    if isinstance(server, Missing):
        return RoadHop(hop=Hop.SERVER, device="dnsmasq", predicted=Fate.UNKNOWN, why=server.why)
    if server.state is ServerState.ALIVE:
        why = f"dnsmasq of the network {network.name} runs (pid {server.pid})"
        return RoadHop(hop=Hop.SERVER, device="dnsmasq", predicted=Fate.PASS, why=why)
    why = f"dnsmasq of the network {network.name} is dead ({server.state.value})"
    # Another server of this host may answer there instead.
    fate = Fate.UNKNOWN if server.others else Fate.DROP
    return RoadHop(hop=Hop.SERVER, device="dnsmasq", predicted=fate, why=why)


def _words(missing: Missing) -> str:
    return f"{missing.why} ({missing.would_help})" if missing.would_help else missing.why


def _tap(host: Host, target: Target, tap: str) -> RoadHop:
    link = host.link(tap)
    if link is None:
        return RoadHop(hop=Hop.TAP, device=tap, predicted=Fate.UNKNOWN, why="this device is not in this namespace")
    if not link.up:
        return RoadHop(hop=Hop.TAP, device=tap, predicted=Fate.DROP, why="the tap is down")
    if link.master is None and target.bridge is None:
        why = "the tap is by design in no bridge; what serves it is not modelled"
        return RoadHop(hop=Hop.TAP, device=tap, predicted=Fate.UNKNOWN, why=why)
    if link.master is None:
        return RoadHop(hop=Hop.TAP, device=tap, predicted=Fate.DROP, why="the tap is plugged into no bridge")
    if target.bridge is not None and link.master != target.bridge:
        # A device that is no Linux bridge (Open vSwitch, a bond) may well lead to the bridge that libvirt names.
        fate = Fate.UNKNOWN if host.bridge(link.master) is None else Fate.DROP
        why = f"the tap is plugged into {link.master}, not into {target.bridge}"
        return RoadHop(hop=Hop.TAP, device=tap, predicted=fate, why=why)
    return RoadHop(hop=Hop.TAP, device=tap, predicted=Fate.PASS, why=f"up, plugged into {link.master}")


def _port_and_bridge(host: Host, target: Target) -> Iterator[RoadHop]:
    name = target.bridge or ""
    if isinstance(host.bridges, Missing):
        yield RoadHop(hop=Hop.BRIDGE, device=name, predicted=Fate.UNKNOWN, why=host.bridges.why)
        return
    bridge = host.bridge(name)
    network = network_of(host, target)
    if bridge is None and network is not None and starts_when_woken(host, network):
        why = f"{name} does not exist yet: its network starts as soon as somebody wakes libvirt"
        yield RoadHop(hop=Hop.BRIDGE, device=name, predicted=Fate.UNKNOWN, why=why)
        return
    strange = host.not_understood("bridge", name)
    if bridge is None and strange is not None:
        why = f"{name} was not understood: {strange.why}"
        yield RoadHop(hop=Hop.BRIDGE, device=name, predicted=Fate.UNKNOWN, why=why)
        return
    if not name and target.network is not None and isinstance(host.networks, Missing):
        why = f"the networks could not be listed: {_words(host.networks)}"
        yield RoadHop(hop=Hop.BRIDGE, device=name, predicted=Fate.UNKNOWN, why=why)
        return
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
