"""One packet on its way through a host: where it has been, and what rules wrote on it."""

import msgspec

from pxedoctor.findings.outcome import Hop
from pxedoctor.netfilter.condition import Answer
from pxedoctor.netfilter.hook import AtHook
from pxedoctor.netfilter.seen import Family, Hook, Marks, Packet, Place, Seen
from pxedoctor.road.asking import Asking
from pxedoctor.road.hop import Fate, RoadHop
from pxedoctor.road.scene import Device, Scene

_ALWAYS_TOLD = frozenset({Hop.INPUT, Hop.FORWARD})
# Where no rule could be read: once at the bridge, and at the hooks that everybody looks at.
_TOLD_IF_MISSING = _ALWAYS_TOLD | {Hop.BRIDGE_PREROUTING, Hop.OUTPUT, Hop.BRIDGE_OUTPUT}


class Journey:
    """Goes from hop to hop until the packet is dead; what would come after is not walked.

    `for_host`: the frame is for the bridge's own MAC. `from_host`: this host wrote it, or routed it.
    `port_in` is the bridge port that br_netfilter remembers, "" for none and None where that is not known.
    `prerouted`: the IP stack's PREROUTING has seen it; None: not known. `vid`: its VLAN inside a bridge that filters by
    VLAN; None where it does not, or where that is not known.
    """

    def __init__(self, scene: Scene, packet: Packet, marks: Marks | None = None) -> None:
        self.scene = scene
        self.packet = packet
        # NAT has set nothing on a connection that begins with this packet, before a rule of its own does.
        self.marks = marks or Marks(nat=0)
        self.for_host = False
        self.from_host = False
        self.port_in: Device = ""
        self.prerouted: bool | None = False
        self.vid: int | None = None
        self.fills = Answer.NO
        self.hops: list[RoadHop] = []
        self.dead = False

    def fork(self) -> "Journey":
        """A copy of the packet, as a bridge makes one for each port."""
        copy = Journey(self.scene, self.packet, self.marks)
        copy.for_host, copy.from_host = self.for_host, self.from_host
        copy.port_in, copy.prerouted, copy.fills = self.port_in, self.prerouted, self.fills
        copy.vid = self.vid
        copy.hops, copy.dead = list(self.hops), self.dead
        return copy

    def met(self, hop: Hop, device: str, fate: Fate, why: str) -> None:
        if not self.dead:
            self._add(RoadHop(hop=hop, device=device, predicted=fate, why=why))

    def _add(self, hop: RoadHop) -> None:
        self.hops.append(hop)
        self.dead = hop.predicted is Fate.DROP

    def becomes(self, **changes: object) -> None:
        """The packet as it is from here on."""
        self.packet = msgspec.structs.replace(self.packet, **changes)

    def hook(self, hop: Hop, device: str, place: Place, doubted: str = "", rules: Asking | None = None) -> None:
        """Through all base chains at a hook. `doubted`: why it is not known whether the packet passes that hook at all.

        Nothing is told of a hook at which no rules are, but of INPUT and FORWARD, which everybody looks at.
        """
        if self.dead:
            return
        known = self.scene.known
        if known.missing is not None:
            if hop in _TOLD_IF_MISSING and rules is not known.late:
                told = RoadHop(hop=hop, device=device, predicted=Fate.UNKNOWN, why=known.missing.why, hook=place.name)
                self._add(told)
            return
        packet = self._as_seen_at(place)
        known.shown.append((packet, place))
        asked = rules or known.all
        if not asked.are_at(place):
            if hop in _ALWAYS_TOLD and not doubted:
                told = RoadHop(
                    hop=hop, device=device, predicted=Fate.PASS, why="no table filters here", hook=place.name
                )
                self._add(told)
            return
        found = asked.at(Seen(packet, place, self.marks))
        told = known.told(found)
        if told.rule is not None or told.predicted is not Fate.PASS or hop in _ALWAYS_TOLD:
            told = msgspec.structs.replace(told, hop=hop, device=device, hook=place.name)
            if doubted and told.predicted is Fate.DROP:
                told = msgspec.structs.replace(told, predicted=Fate.UNKNOWN, why=f"{told.why}; {doubted}")
            self._add(told)
        self._wrote(found, doubted)

    def _as_seen_at(self, place: Place) -> Packet:
        """With the kernel's word for whom the frame is for (skb->pkt_type), which differs from place to place.

        What this host sends is `unicast` everywhere, and a bridge's port takes what is for others. Seen on Linux 6.18.
        """
        kind = self.packet.link_type
        on_wire = place.family in {Family.NETDEV, Family.BRIDGE}
        if self.from_host:
            kind = "unicast"
        elif kind == "unicast" and place.family is Family.NETDEV and place.hook is Hook.INGRESS:
            kind = "other" if self._is_port(place.in_device) else "unicast"
        elif kind == "unicast" and on_wire:
            kind = "unicast" if self.for_host else "other"
        return self.packet if kind == self.packet.link_type else msgspec.structs.replace(self.packet, link_type=kind)

    def _is_port(self, device: str | None) -> bool:
        """A port that is still to be made has no name yet."""
        return device is None or self.scene.bridge.port(device) is not None

    def _wrote(self, found: AtHook, doubted: str) -> None:
        self.marks = self.marks.joined(found.marks) if doubted else found.marks
        if found.fills is not Answer.NO and self.fills is not Answer.YES:
            self.fills = Answer.MAYBE if doubted else found.fills
        for rewrite in (*found.rewrites, *found.may_rewrite):
            self.becomes(**_NOT_KNOWN[rewrite.what])
            self.marks = msgspec.structs.replace(self.marks, nat=None)


_NOT_KNOWN: dict[str, dict[str, object]] = {
    "source": {"source": None, "source_port": None},
    "destination": {"destination": None, "destination_port": None},
}
