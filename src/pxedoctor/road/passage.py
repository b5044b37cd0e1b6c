"""Which way a packet takes between a guest and whoever it talks to, and the hop at which that way ends.

| who answers | from the guest | to the guest |
|---|---|---|
| a UDP socket here | into the bridge, up, the stack's INPUT | OUTPUT, POSTROUTING, down through the bridge |
| a packet socket here | into the bridge, up | down through the bridge |
| behind another port | into the bridge, across | into the bridge there, across |
| behind this host's routing | into the bridge, up, FORWARD | FORWARD, down through the bridge |
"""

import re
from collections.abc import Callable
from enum import StrEnum

import msgspec

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.bridge import Port
from pxedoctor.model.client import Client
from pxedoctor.netfilter.field import ETHERTYPES
from pxedoctor.road import stack, way
from pxedoctor.road.hop import Fate
from pxedoctor.road.journey import Journey
from pxedoctor.road.scene import AnyPort, OtherGuest

_BOOTPC = 68
# A rule that masquerades and names no ports.
_KEEPS = r"(?s)(?:(?!--to-ports|--random).)*-j MASQUERADE\s*|(?:.*\s)?masquerade"


class By(StrEnum):
    """By which way the other end is reached."""

    SOCKET = "socket"
    FRAMES = "frames"
    PORT = "port"
    ROUTING = "routing"
    NOWHERE = "nowhere"


class Ends(msgspec.Struct, frozen=True, kw_only=True):
    """The guest's port and client, and the other end: by PORT its port, by ROUTING the device (None: not known).

    `by_routes`: by a SOCKET, and what this host sends by it leaves by the host's routes; else by the bridge's name.
    `translated`: NAT rewrites the guest's address on the way out, or may. `helped`: conntrack's helper for TFTP follows
    what the guest asks; None where that, or whether NAT rewrites it, is not known.
    """

    guest: AnyPort
    client: Client | None
    by: By
    port: AnyPort | None = None
    device: str | None = None
    by_routes: bool = False
    translated: bool = False
    helped: bool | None = None


def from_guest(journey: Journey, ends: Ends) -> None:
    journey.for_host = ends.by is not By.PORT
    way.into_bridge(journey, ends.guest, ends.client)
    _FROM_GUEST[ends.by](journey, ends)


def to_guest(journey: Journey, ends: Ends) -> None:
    _TO_GUEST[ends.by](journey, ends)
    name = ends.guest.name or "new port"
    journey.met(Hop.DELIVERY, name, Fate.PASS, "handed to the guest")
    _as_it_left(journey, name)


def _as_it_left(journey: Journey, name: str) -> None:
    """A DHCP client may take no answer from another port than the server's (RFC 2131 section 4.1).

    Without ports of its own, MASQUERADE leaves an answer from the bridge's own address as it is (nf_nat_core.c
    get_unique_tuple): the address is the same, and so is a port that is free.
    """
    if journey.packet.destination_port != _BOOTPC or journey.packet.ethertype != ETHERTYPES["ip"]:
        return
    for hop in journey.hops:
        for rule in (*hop.rewrites, *hop.may_rewrite):
            if not re.fullmatch(_KEEPS, rule.text):
                why = f"NAT rewrites where the answer comes from: {rule.text}; whether the client takes it is not known"
                journey.met(Hop.CLIENT, name, Fate.UNKNOWN, why)
                return


def _to_socket(journey: Journey, ends: Ends) -> None:
    way.up(journey, ends.guest)
    stack.from_bridge(journey)
    stack.to_socket(journey)


def _to_packet_socket(journey: Journey, ends: Ends) -> None:
    way.up(journey, ends.guest)


def _to_port(journey: Journey, ends: Ends) -> None:
    if ends.port is None:
        return
    way.across(journey, ends.guest, ends.port)
    _leaves(journey, ends.port)


def _leaves(journey: Journey, port: AnyPort) -> None:
    """What is behind the port is not on this host, or not in this namespace."""
    if isinstance(port, OtherGuest):
        name = "the other guests"
        journey.met(Hop.UPLINK, name, Fate.PASS, f"reaches the other guests on {journey.scene.bridge.name}")
        return
    name = port.name or ""
    link = journey.scene.link(name)
    if link is not None and link.peer_namespace is not None:
        why = f"leaves this namespace at {name}: what is behind it is not known"
        journey.met(Hop.UPLINK, name, Fate.UNKNOWN, why)
    else:
        journey.met(Hop.UPLINK, name, Fate.PASS, f"leaves this host through {name}")


def _to_routing(journey: Journey, ends: Ends) -> None:
    way.up(journey, ends.guest)
    stack.from_bridge(journey)
    stack.through(journey, ends.device)
    if ends.device is None:
        journey.met(Hop.UPLINK, "", Fate.UNKNOWN, "through which device this host routes it is not known")
    else:
        journey.met(Hop.UPLINK, ends.device, Fate.PASS, f"leaves this host through {ends.device}")


def _from_socket(journey: Journey, ends: Ends) -> None:
    stack.from_socket(journey, ends.by_routes)
    way.down(journey, ends.guest)


def _from_packet_socket(journey: Journey, ends: Ends) -> None:
    journey.from_host = True
    way.down(journey, ends.guest)


def _from_port(journey: Journey, ends: Ends) -> None:
    if ends.port is None:
        return
    if isinstance(ends.port, Port):
        way.into_bridge(journey, ends.port)
    else:
        way.into_bridge(journey, OtherGuest())
    way.across(journey, ends.port, ends.guest)


def _from_routing(journey: Journey, ends: Ends) -> None:
    stack.back(journey, ends.device, ends.translated, ends.helped)
    way.down(journey, ends.guest)


def _nowhere(journey: Journey, ends: Ends) -> None:
    """Nobody is known who could hear it: the way ends at the bridge."""
    way.up(journey, ends.guest)


_FROM_GUEST: dict[By, Callable[[Journey, Ends], None]] = {
    By.SOCKET: _to_socket,
    By.FRAMES: _to_packet_socket,
    By.PORT: _to_port,
    By.ROUTING: _to_routing,
    By.NOWHERE: _nowhere,
}
_TO_GUEST: dict[By, Callable[[Journey, Ends], None]] = {
    By.SOCKET: _from_socket,
    By.FRAMES: _from_packet_socket,
    By.PORT: _from_port,
    By.ROUTING: _from_routing,
    By.NOWHERE: _nowhere,
}
