"""The kernel's ways through a bridge, in its order; a way ends where the packet dies.

    into_bridge   a guest's NIC or a wire -> the port -> bridge PREROUTING -> where the bridge makes its copies
    across        one copy -> another port
    up            one copy -> the bridge as a device of this host, where packet sockets hear it
    down          what this host sends through the bridge as a device -> one port

Checked against the kernel, one hook after the other, by tests/road/test_way_kernel.py. Sources: net/bridge/br_input.c,
br_forward.c, br_device.c, br_netfilter_hooks.c.
"""

import msgspec

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.client import Client
from pxedoctor.netfilter.seen import Family, Place
from pxedoctor.netfilter.seen import Hook as Nf
from pxedoctor.road import device, port
from pxedoctor.road.hop import Fate
from pxedoctor.road.journey import Journey
from pxedoctor.road.scene import AnyPort, OtherGuest, name_of

DOUBT = "whether br_netfilter shows this bridge's frames to the IP hooks is not known"


def into_bridge(journey: Journey, from_port: AnyPort, client: Client | None = None) -> None:
    device.programs(journey, from_port.name)
    device.inwards(journey, from_port)
    port.takes_in(journey, from_port, client)
    scene = journey.scene
    place = scene.place(Family.BRIDGE, Nf.PREROUTING, from_port, "")
    journey.hook(Hop.BRIDGE_PREROUTING, scene.bridge.name, place, rules=scene.known.early)
    family = scene.family(journey.packet)
    journey.prerouted = scene.calls(family) if family is not Family.ARP else False
    if journey.prerouted is not False:
        journey.port_in = from_port if journey.prerouted else None
        doubt = "" if journey.prerouted else DOUBT
        journey.hook(Hop.PREROUTING, scene.bridge.name, ip_place(journey, Nf.PREROUTING), doubt)
    journey.hook(Hop.BRIDGE_PREROUTING, scene.bridge.name, place, rules=scene.known.late)
    port.admits(journey, from_port)


def ip_place(journey: Journey, hook: Nf, outward: str | None = "") -> Place:
    """A hook of the IP stack for what came in through the bridge; the port is what br_netfilter remembers."""
    scene = journey.scene
    # POSTROUTING is told no device that the packet came in by (net/ipv4/ip_output.c).
    inward = "" if hook is Nf.POSTROUTING else scene.bridge.name
    place = scene.place(scene.family(journey.packet), hook, inward, outward)
    place = msgspec.structs.replace(place, port_in=name_of(journey.port_in))
    return scene.with_new(place, journey.port_in)


def across(journey: Journey, from_port: AnyPort, to_port: AnyPort) -> None:
    """br_forward.c __br_forward: EXIT, FORWARD, POSTROUTING."""
    scene = journey.scene
    port.lets_out(journey, to_port, from_port)
    place = scene.place(Family.BRIDGE, Nf.FORWARD, from_port, to_port)
    journey.hook(Hop.BRIDGE_FORWARD, scene.bridge.name, place)
    if scene.family(journey.packet) is Family.ARP:
        _arp_forward(journey, from_port, to_port)
    else:
        _bridged(journey, Hop.FORWARD, Nf.FORWARD, to_port)
    _bridge_postrouting(journey, to_port)
    if scene.family(journey.packet) is not Family.ARP:
        _bridged(journey, Hop.POSTROUTING, Nf.POSTROUTING, to_port)
    _leave(journey, to_port)


def _bridged(journey: Journey, hop: Hop, hook: Nf, to_port: AnyPort) -> None:
    """The IP hooks of a frame that is only bridged, where br_netfilter has shown it to PREROUTING."""
    if journey.prerouted is False:
        return
    scene = journey.scene
    place = ip_place(journey, hook, scene.bridge.name)
    surely = journey.prerouted is True
    place = msgspec.structs.replace(place, port_out=to_port.name if surely else None, carried=surely, taken=frozenset())
    place = scene.with_new(place, journey.port_in, to_port if surely else None)
    journey.hook(hop, scene.bridge.name, place, "" if journey.prerouted else DOUBT)


def _arp_forward(journey: Journey, from_port: AnyPort, to_port: AnyPort) -> None:
    """arptables is asked in the bridge's FORWARD alone, and sees the ports themselves (br_nf_forward_arp)."""
    scene = journey.scene
    called = scene.calls(Family.ARP)
    if called is not False:
        place = scene.place(Family.ARP, Nf.FORWARD, from_port, to_port)
        journey.hook(Hop.FORWARD, scene.bridge.name, place, "" if called else DOUBT)


def _bridge_postrouting(journey: Journey, to_port: AnyPort) -> None:
    place = journey.scene.place(Family.BRIDGE, Nf.POSTROUTING, "", to_port)
    journey.hook(Hop.BRIDGE_POSTROUTING, journey.scene.bridge.name, place)


def _leave(journey: Journey, to_port: AnyPort) -> None:
    if not isinstance(to_port, OtherGuest):
        device.outwards(journey, to_port)


def up(journey: Journey, from_port: AnyPort) -> None:
    scene = journey.scene
    port.leaves_vlan(journey, scene.bridge.name, tag_taken=False)
    place = scene.place(Family.BRIDGE, Nf.INPUT, from_port, "")
    journey.hook(Hop.BRIDGE_INPUT, scene.bridge.name, place)
    link = scene.link(scene.bridge.name)
    down_now = link is not None and not link.up
    fate, why = (Fate.DROP, "the bridge is down") if down_now else (Fate.PASS, "the bridge is up")
    journey.met(Hop.BRIDGE, scene.bridge.name, fate, why)
    device.programs(journey, scene.bridge.name)


def down(journey: Journey, to_port: AnyPort) -> None:
    """br_device.c br_dev_xmit: the bridge's own egress, then as `across`, in OUTPUT instead of FORWARD."""
    scene = journey.scene
    device.outwards(journey, scene.bridge.name)
    port.enters_vlan(journey, scene.bridge.name, None)
    port.lets_out(journey, to_port, None)
    place = scene.place(Family.BRIDGE, Nf.OUTPUT, "", to_port)
    journey.hook(Hop.BRIDGE_OUTPUT, scene.bridge.name, place)
    _bridge_postrouting(journey, to_port)
    _leave(journey, to_port)
