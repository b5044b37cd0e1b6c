"""Where a guest's frames enter: its NIC, its tap, and whether the bridge is there at all."""

from collections.abc import Iterator

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.bridge import Bridge
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.target import Target
from pxedoctor.road.hop import Fate, RoadHop
from pxedoctor.road.narrow import nic_of
from pxedoctor.road.network import network_of, starts_when_woken
from pxedoctor.road.no_bridge import below, carried_by
from pxedoctor.road.scene import AnyPort, NewPort


def front(host: Host, target: Target) -> tuple[RoadHop, ...]:
    """The hops before the bridge's port. The last one tells of the bridge where that is not there, or not known."""
    return tuple(_hops(host, target))


def entry_port(bridge: Bridge, target: Target) -> AnyPort:
    """The guest's port as it is now or, for a guest that is off, as it will be when it starts."""
    return (bridge.port(target.tap) if target.tap else None) or NewPort(target.tap)


def _hops(host: Host, target: Target) -> Iterator[RoadHop]:
    if target.kind == "guests":
        why = _words(host.domains) if isinstance(host.domains, Missing) else "this is no single NIC"
        yield RoadHop(hop=Hop.NIC, device="", predicted=Fate.UNKNOWN, why=f"the guests could not be listed: {why}")
        return
    if target.kind == "nic":
        yield _nic(host, target)
    if target.tap is not None:
        yield _tap(host, target, target.tap)
    if target.direct is not None:
        yield from below(host, target.direct)
        return
    absent = _bridge_absent(host, target)
    if absent is not None:
        yield absent


def _words(missing: Missing) -> str:
    return f"{missing.why} ({missing.would_help})" if missing.would_help else missing.why


def _nic(host: Host, target: Target) -> RoadHop:
    mac, found = target.mac or "", nic_of(host, target)
    if found is not None and not found[1].link_up:
        return RoadHop(
            hop=Hop.NIC, device=mac, predicted=Fate.DROP, why="its cable is out: libvirt holds the link down"
        )
    return RoadHop(hop=Hop.NIC, device=mac, predicted=Fate.PASS, why="the guest has this NIC")


def _tap(host: Host, target: Target, tap: str) -> RoadHop:
    link = host.link(tap)
    if link is None:
        return RoadHop(hop=Hop.TAP, device=tap, predicted=Fate.UNKNOWN, why="this device is not in this namespace")
    if not link.up:
        return RoadHop(hop=Hop.TAP, device=tap, predicted=Fate.DROP, why="the tap is down")
    if target.direct is not None:
        return RoadHop(hop=Hop.TAP, device=tap, predicted=Fate.PASS, why=f"up, a part of {target.direct.lower}")
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


def _bridge_absent(host: Host, target: Target) -> RoadHop | None:
    """None where the bridge is known."""
    name = target.bridge or ""
    if isinstance(host.bridges, Missing):
        return RoadHop(hop=Hop.BRIDGE, device=name, predicted=Fate.UNKNOWN, why=host.bridges.why)
    if host.bridge(name) is not None:
        return None
    why = _absent_because(host, target, name)
    if why:
        return RoadHop(hop=Hop.BRIDGE, device=name, predicted=Fate.UNKNOWN, why=why)
    why = f"{name} does not exist" if name else "it is plugged into no bridge that pxedoctor knows"
    return RoadHop(hop=Hop.BRIDGE, device=name, predicted=Fate.DROP if name else Fate.UNKNOWN, why=why)


def _absent_because(host: Host, target: Target, name: str) -> str:
    """Why nobody can tell what a bridge does that is not among those known; "" where it surely is not there."""
    network = network_of(host, target)
    if network is not None and starts_when_woken(host, network):
        return f"{name} does not exist yet: its network starts as soon as somebody wakes libvirt"
    strange = host.not_understood("bridge", name)
    if strange is not None:
        return f"{name} was not understood: {strange.why}"
    if carrier := carried_by(host, target):
        return carrier
    if not name and target.network is not None and isinstance(host.networks, Missing):
        return f"the networks could not be listed: {_words(host.networks)}"
    return ""
