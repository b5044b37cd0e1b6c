"""A bridge's port: whether it takes a frame in, and whether it lets one out (net/bridge/br_input.c, br_forward.c).

1. In: a port that is disabled, blocking or listening drops the frame before any hook; one that learns drops it after
   PREROUTING, so nobody hears it either. A locked port takes in only MACs that somebody entered.
2. Out: not through the port it came in by; forwarding ports only; not from one isolated port to another; and, where the
   receiver's MAC is not known or the frame is for many, only where that kind is flooded. What this host itself sends to
   many is flooded to every port.
3. Both ways by the VLANs of the ports and of the bridge itself, where it filters by them (road.vlan).
"""

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.bridge import Bridge, Port, PortState, Stp
from pxedoctor.model.client import Client
from pxedoctor.road.blackout import Patience, blackout, patience
from pxedoctor.road.hop import Fate
from pxedoctor.road.journey import Journey
from pxedoctor.road.scene import AnyPort, OtherGuest
from pxedoctor.road.vlan import enters, enters_new, leaves

_STATES = {
    PortState.DISABLED: "the port is disabled",
    PortState.LISTENING: "the port is listening: frames die here until it forwards",
    PortState.LEARNING: "the port is learning: frames die here until it forwards",
    PortState.BLOCKING: "the port is blocked by the spanning tree",
}
_STRAY = "broadcast", "multicast"


def takes_in(journey: Journey, port: AnyPort, client: Client | None) -> None:
    """The port's state, as it is or, for one that starts, as its client will find it."""
    fate, why = _state(journey.scene.bridge, port, client)
    device = port.name or ("another guest's port" if isinstance(port, OtherGuest) else "new port")
    journey.met(Hop.PORT, device, fate, why)


def _state(bridge: Bridge, port: AnyPort, client: Client | None) -> tuple[Fate, str]:
    if isinstance(port, Port) and port.state is PortState.FORWARDING:
        return Fate.PASS, "the port forwards"
    waits = not isinstance(port, Port) or port.state in {PortState.LISTENING, PortState.LEARNING}
    if not waits and bridge.stp is not Stp.USER:
        return Fate.DROP, _STATES[port.state] if isinstance(port, Port) else ""
    silence = blackout(bridge)
    if silence is None:
        return Fate.UNKNOWN, "STP is run by a program in user space"
    if silence == 0:
        if isinstance(port, Port):
            return Fate.DROP, _STATES[port.state]
        return Fate.PASS, "STP is off: it forwards at once"
    if client is not None and patience(client, silence) is Patience.GIVES_UP:
        return Fate.DROP, f"silent for {silence:g} s, longer than {client.title} asks"
    return Fate.PASS, f"forwards {silence:g} s after it comes up"


def admits(journey: Journey, port: AnyPort) -> None:
    """After PREROUTING: VLANs, locked ports. What a wire's frames carry for a tag nobody here knows."""
    if isinstance(port, Port) and journey.scene.leads_out(port.name):
        return
    enters_vlan(journey, port.name or "new port", port)
    if isinstance(port, Port) and port.locked:
        journey.met(Hop.ADMISSION, port.name, *_by_entry(journey, port, journey.packet.mac_source))


def enters_vlan(journey: Journey, name: str, port: AnyPort | None) -> None:
    """The frame's VLAN from here on. `port` None: this host itself sends it, through the bridge's own memberships."""
    bridge = journey.scene.bridge
    if bridge.vlan_filtering is False:
        return
    entered = enters_new(bridge) if port is not None and not isinstance(port, Port) else enters(bridge, name)
    journey.vid = entered.vid
    journey.met(Hop.ADMISSION, name, entered.fate, entered.why)


def _by_entry(journey: Journey, port: Port, mac: str | None) -> tuple[Fate, str]:
    """By the addresses that somebody entered for the port."""
    if port.macs is None or mac is None:
        show = f"bridge fdb show br {journey.scene.bridge.name}"
        return Fate.UNKNOWN, f"whether the guest's MAC was entered for {port.name} is not known ({show})"
    if mac.lower() in port.macs:
        return Fate.PASS, f"{mac} was entered for {port.name}"
    return Fate.DROP, f"{mac} was not entered for {port.name}, and its flags ask for that"


def lets_out(journey: Journey, port: AnyPort, came_in: AnyPort | None) -> None:
    """`came_in` None: this host itself sends it."""
    name = port.name or "another guest's port"
    if isinstance(port, OtherGuest):
        journey.met(Hop.EXIT, name, Fate.PASS, "it is flooded to the other guests")
        return
    if not isinstance(port, Port):
        journey.met(Hop.EXIT, "new port", Fate.PASS, "a new port takes everything")
        return
    fate, why = _way_out(journey, port, came_in)
    journey.met(Hop.EXIT, name, fate, why)
    leaves_vlan(journey, name, tag_taken=journey.scene.leads_out(name))


def leaves_vlan(journey: Journey, name: str, tag_taken: bool) -> None:
    """Out of a port, or up to the bridge itself. `tag_taken`: somebody there may know what to do with a tag."""
    if journey.vid is None:
        return
    left = leaves(journey.scene.bridge, name, journey.vid)
    if left.fate is Fate.PASS and left.tagged and not tag_taken:
        # A VLAN device on the bridge would take it.
        taken = any(link.kind == "vlan" for link in journey.scene.known.links.values())
        fate = Fate.UNKNOWN if taken and name == journey.scene.bridge.name else Fate.DROP
        journey.met(Hop.ADMISSION, name, fate, f"{left.why}, and nobody is known there who takes it")
    elif left.fate is not Fate.PASS:
        journey.met(Hop.ADMISSION, name, left.fate, left.why)


def _way_out(journey: Journey, port: Port, came_in: AnyPort | None) -> tuple[Fate, str]:
    if port.state is not PortState.FORWARDING and not _will_forward(journey.scene.bridge, port):
        return Fate.DROP, _STATES[port.state]
    if isinstance(came_in, Port) and came_in.isolated and port.isolated:
        return Fate.DROP, f"{came_in.name} and {port.name} are both isolated: the bridge carries nothing between them"
    isolated = {came_in.isolated if isinstance(came_in, Port) else False, port.isolated}
    if None in isolated and False not in isolated:
        return Fate.UNKNOWN, f"whether {port.name} is isolated could not be read"
    return _flooding(journey, port, came_in)


def _will_forward(bridge: Bridge, port: Port) -> bool:
    """It waits, and the packet goes out only once its client could ask: takes_in has judged that."""
    return bool(blackout(bridge)) and port.state in {PortState.LISTENING, PortState.LEARNING}


def _flooding(journey: Journey, port: Port, came_in: AnyPort | None) -> tuple[Fate, str]:
    kind = journey.packet.link_type
    if kind in _STRAY:
        floods = port.bcast_flood if kind == "broadcast" else port.mcast_flood
        if came_in is None or floods:
            return Fate.PASS, f"{kind}s are flooded to {port.name}"
        return _not_flooded(port, f"{kind}s are not flooded to {port.name}", floods)
    if port.learning:
        return Fate.PASS, f"the bridge has learnt who is behind {port.name}"
    if port.flood:
        return Fate.PASS, f"what the bridge does not know is flooded to {port.name}"
    return _by_entry(journey, port, journey.packet.mac_destination)


def _not_flooded(port: Port, why: str, floods: bool | None) -> tuple[Fate, str]:
    if floods is None:
        return Fate.UNKNOWN, f"whether the bridge floods to {port.name} could not be read"
    return Fate.DROP, why
