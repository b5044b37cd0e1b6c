"""Guests of which only rules could tell one from another: one walk serves them all.

A stand-in is walked in their place, through a port that is set as theirs are, and named by what no device and no NIC
can be. Where a rule asks for its name, its number or its MAC, `ToldApartError` ends the walk, and each guest is walked
by itself; else each has the stand-in's hops, with its own tap named in them.

Where few are on a bridge nothing is saved. Not alike is who has a program on the tap (XDP, tc), or a port that takes in
and lets out only MACs that were entered.
"""

from collections.abc import Iterable, Mapping
from typing import TypeVar

import msgspec

from pxedoctor.model.bridge import Port
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.target import Target
from pxedoctor.netfilter.seen import Packet, Place
from pxedoctor.road.asking import STAND_IN_INDEX, STAND_IN_MAC, STAND_IN_NAME
from pxedoctor.road.hop import RoadHop
from pxedoctor.road.scene import Lookup, Scene

Shown = tuple[Packet, Place]
Seen = TypeVar("Seen", Packet, Place)
Own = Mapping[object, str | int | None]


# Ports, by which a bridge has guests enough.
_MANY = 3


class Alike(msgspec.Struct, frozen=True):
    """What they have in common. `guest`: the stand-in. `port`: as it is now, None for guests that are off.

    `group`: of their taps.
    """

    guest: Target
    port: Port | None
    group: int | None


def alike(known: Lookup, target: Target) -> Alike | None:
    """None where the target is to be walked by itself."""
    host, tap = known.host, target.tap
    bridge = host.bridge(target.bridge or "")
    if bridge is None or len(bridge.ports) < _MANY or target.kind not in {"nic", "tap"} or target.direct is not None:
        return None
    if tap is None:
        return Alike(_stand_in(target, None), None, None)
    port, link = bridge.port(tap), known.links.get(tap)
    if port is None or link is None or not link.is_tap or link.xdp or _by_mac(port) or _is_filtered(host, tap):
        return None
    # What only identifies the port, or counts.
    shape = msgspec.structs.replace(port, name=STAND_IN_NAME, number=None, bpdus_received=None, macs=())
    return Alike(_stand_in(target, STAND_IN_NAME), shape, link.group)


def _by_mac(port: Port) -> bool:
    return port.locked is not False or not (port.learning or port.flood)


def _is_filtered(host: Host, tap: str) -> bool:
    return tap in host.once(_filtered)


def _filtered(host: Host) -> frozenset[str]:
    """The devices of which tc tells something."""
    listed = () if isinstance(host.traffic_control, Missing) else host.traffic_control
    return frozenset(entry.device for entry in listed)


def _stand_in(target: Target, tap: str | None) -> Target:
    return Target(
        id=STAND_IN_NAME,
        kind=target.kind,
        mac=None if target.mac is None else STAND_IN_MAC,
        tap=tap,
        bridge=target.bridge,
        network=target.network,
        client=target.client,
        running=target.running,
    )


def with_stand_in(scene: Scene, common: Alike, tap: str | None) -> Scene:
    """The scene with the stand-in's port and tap in it. `tap`: that of one for whom it stands."""
    link = scene.link(tap)
    if common.port is None or link is None:
        return scene
    device = msgspec.structs.replace(link, name=STAND_IN_NAME, index=STAND_IN_INDEX)
    bridge = msgspec.structs.replace(scene.bridge, ports=(*scene.bridge.ports, common.port))
    return Scene(bridge=bridge, known=scene.known.with_tap(device, scene.bridge))


def naming(hops: Iterable[RoadHop]) -> tuple[int, ...]:
    """The places in a stand-in's hops at which it is named."""
    return tuple(place for place, hop in enumerate(hops) if STAND_IN_NAME in hop.device or STAND_IN_NAME in hop.why)


def hops_of(hops: Iterable[RoadHop], named: Iterable[int], tap: str | None) -> tuple[RoadHop, ...]:
    """The stand-in's, as they are those of the guest behind this tap. `named`: where it is."""
    own = list(hops)
    for place in named if tap is not None else ():
        device, why = (text.replace(STAND_IN_NAME, tap or "") for text in (own[place].device, own[place].why))
        own[place] = msgspec.structs.replace(own[place], device=device, why=why)
    return tuple(own)


def shown_of(shown: Iterable[Shown], known: Lookup, target: Target) -> tuple[Shown, ...]:
    """What the stand-in has shown to rules, as the target would have."""
    link = known.links.get(target.tap or "")
    own: Own = {STAND_IN_NAME: target.tap, STAND_IN_MAC: target.mac, STAND_IN_INDEX: link.index if link else None}
    return tuple((_of_one(packet, own), _of_one(place, own)) for packet, place in shown)


def _of_one(seen: Seen, own: Own) -> Seen:
    values = {name: getattr(seen, name) for name in _OF_ONE_GUEST if hasattr(seen, name)}
    changes = {name: own[value] for name, value in values.items() if value in own}
    return msgspec.structs.replace(seen, **changes) if changes else seen


# Of a packet, and of a place.
_OF_ONE_GUEST = (
    *("mac_source", "mac_destination"),
    *("in_device", "out_device", "in_index", "out_index", "port_in", "port_out"),
)
