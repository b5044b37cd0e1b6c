"""Every packet of a target's boot, each with its road: what checks ask for, and what a diagnosis shows.

    roads(facts, target)            all of them, in the order of a boot
    road_of(facts, target, name)    one; also of packets that this boot may not need
    needed(facts, target)           those without which the guest does not boot
    road_through(...)               one, through other rules than the host has

Roads are walked once for each set of facts, and kept with it; one walk serves all guests that are alike (road.alike).
"""

import msgspec

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.bridge import Bridge
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.target import Facts, Target
from pxedoctor.netfilter.ruleset import Ruleset, understood
from pxedoctor.road.alike import Alike, Shown, alike, hops_of, naming, shown_of, with_stand_in
from pxedoctor.road.answering import Server, ServerKind, servers_of
from pxedoctor.road.asking import ToldApartError
from pxedoctor.road.ending import at_server
from pxedoctor.road.front import front
from pxedoctor.road.helper import is_helped
from pxedoctor.road.hop import Fate, Road, RoadHop, fate_of
from pxedoctor.road.journey import Journey
from pxedoctor.road.needs import asked_of, needed_by
from pxedoctor.road.network import serving_network
from pxedoctor.road.packet_name import PacketName
from pxedoctor.road.packets import Parties, packet
from pxedoctor.road.parties import Boot, boot_of, parties_of
from pxedoctor.road.passage import By, Ends, from_guest, to_guest
from pxedoctor.road.reach import other_end
from pxedoctor.road.replies import answered, as_answer
from pxedoctor.road.scene import Lookup, Scene

# To rules and servers these are what comes before them: the same ends, ports and addresses (road.packets).
_AS = {
    PacketName.REQUEST: PacketName.DISCOVER,
    PacketName.DECLINE: PacketName.DISCOVER,
    PacketName.ACK_BROADCAST: PacketName.OFFER_BROADCAST,
    PacketName.ACK_UNICAST: PacketName.OFFER_UNICAST,
}


class Talk(msgspec.Struct, frozen=True, kw_only=True):
    """A target with one who may answer it, where its boot file is then, and what is known of both ends."""

    scene: Scene
    target: Target
    server: Server
    boot: Boot | None
    parties: Parties


class Walk(msgspec.Struct, frozen=True):
    """`hops` from the bridge's port on; None where the exchange has no such packet. `shown`: to rules, on the way.

    `stands_in`: it is that of one who stands for many, and who is `named` at these places in the hops.
    """

    hops: tuple[RoadHop, ...] | None
    shown: tuple[Shown, ...]
    stands_in: bool = False
    named: tuple[int, ...] = ()


class Exchange:
    """The roads of one host through one set of rules."""

    def __init__(self, host: Host, rules: Ruleset | Missing) -> None:
        self._host = host
        self._known = Lookup(host, rules)
        self._roads: dict[tuple[Target, PacketName], Road | None] = {}
        self._all: dict[Target, tuple[Road, ...]] = {}
        self._walks: dict[Target, list[Walk]] = {}
        self._alone: dict[tuple[Target, PacketName], Walk] = {}
        self._talks: dict[Target, tuple[Talk, ...]] = {}
        self._servers: dict[tuple[str, str | None], tuple[Server, ...]] = {}
        self._alike: dict[Target, Alike | None] = {}
        self._stand_ins: dict[Alike, tuple[Talk, ...]] = {}
        self._served: dict[tuple[Alike, PacketName], Walk | None] = {}

    def talks(self, target: Target) -> tuple[Talk, ...]:
        """One for each server that may answer; none where there is no bridge to walk on."""
        if target not in self._talks:
            self._talks[target] = self._found(target)
        return self._talks[target]

    def _found(self, target: Target) -> tuple[Talk, ...]:
        bridge = self._host.bridge(target.bridge or "")
        if bridge is None:
            return ()
        scene = Scene(bridge=bridge, known=self._known)
        return tuple(_talk(scene, target, server) for server in self._servers_of(bridge, target))

    def _servers_of(self, bridge: Bridge, target: Target) -> tuple[Server, ...]:
        """The same for all guests of a bridge whose network is the same."""
        network = serving_network(self._host, target)
        key = (bridge.name, network.name if network else None)
        if key not in self._servers:
            self._servers[key] = servers_of(self._host, bridge, target)
        return self._servers[key]

    def road(self, target: Target, name: PacketName) -> Road | None:
        if (target, name) not in self._roads:
            self._roads[target, name] = self._road(target, name)
        return self._roads[target, name]

    def roads(self, target: Target) -> tuple[Road, ...]:
        if target not in self._all:
            found = (self.road(target, name) for name in self.names(target))
            self._all[target] = tuple(road for road in found if road is not None)
        return self._all[target]

    def shown(self, target: Target) -> tuple[Shown, ...]:
        found: list[Shown] = []
        for walk in self._walks.get(target, ()):
            found += shown_of(walk.shown, self._known, target) if walk.stands_in else walk.shown
        return tuple(found)

    def _road(self, target: Target, name: PacketName) -> Road | None:
        start = front(self._host, target) if name.from_guest else ()
        talks = self.talks(target)
        if not talks or any(hop.predicted is Fate.DROP for hop in start):
            first = self.needed(target)[0][0] if talks else PacketName.DISCOVER
            return Road(target=target.id, packet=name, hops=start) if name is first else None
        walk = self._walk(target, talks, name)
        walked = self._walks.setdefault(target, [])
        if all(walk is not other for other in walked):
            walked.append(walk)
        if walk.hops is None:
            return None
        hops = hops_of(walk.hops, walk.named, target.tap) if walk.stands_in else walk.hops
        return Road(target=target.id, packet=name, hops=(*start, *hops))

    def _walk(self, target: Target, talks: tuple[Talk, ...], name: PacketName) -> Walk:
        """Of a packet that differs from another in its name alone, it is the other's."""
        unknown = any(talk.server.kind is ServerKind.UNKNOWN for talk in talks)
        first = name if unknown else _AS.get(name, name)
        walk = self._as_others(target, first) or self._alone.get((target, first))
        if walk is None:
            walk = self._alone[target, first] = _walk(talks, first)
        return walk

    def _as_others(self, target: Target, name: PacketName) -> Walk | None:
        """None for one who is not as others, or whom rules tell from them: it is walked by itself."""
        if target not in self._alike:
            self._alike[target] = alike(self._known, target)
        common = self._alike[target]
        if common is None:
            return None
        if (common, name) not in self._served:
            self._served[common, name] = self._walk_for_all(common, target, name)
        return self._served[common, name]

    def _walk_for_all(self, common: Alike, target: Target, name: PacketName) -> Walk | None:
        if common not in self._stand_ins:
            talks = self.talks(target)
            scene = with_stand_in(talks[0].scene, common, target.tap)
            self._stand_ins[common] = tuple(_talk(scene, common.guest, talk.server) for talk in talks)
        try:
            walk = _walk(self._stand_ins[common], name)
        except ToldApartError:
            return None
        return msgspec.structs.replace(walk, stands_in=True, named=naming(walk.hops or ()))

    def names(self, target: Target) -> tuple[PacketName, ...]:
        packets = (asked_of(talk.server, talk.boot, target.client) for talk in self.talks(target))
        found = {name for names in packets for name in names} or {PacketName.DISCOVER}
        return tuple(name for name in PacketName if name in found)

    def needed(self, target: Target) -> tuple[tuple[PacketName, ...], ...]:
        groups = (needed_by(talk.server, talk.boot, target.client) for talk in self.talks(target))
        return tuple(dict.fromkeys(group for found in groups for group in found))


def _walk(talks: tuple[Talk, ...], name: PacketName) -> Walk:
    """`talks`: one at least, all of one scene."""
    known = talks[0].scene.known
    known.shown.clear()
    told = [(talk, walked) for talk in talks if (walked := _one(talk, name)) is not None]
    return Walk(_together(told) if told else None, tuple(known.shown))


def _talk(scene: Scene, target: Target, server: Server) -> Talk:
    boot = boot_of(scene.host, scene.bridge, server)
    parties = parties_of(scene.host, scene.bridge, target, server, boot)
    return Talk(scene=scene, target=target, server=server, boot=boot, parties=parties)


def _exchange(facts: Facts) -> Exchange:
    rules = facts.host.netfilter
    return Exchange(facts.host, rules if isinstance(rules, Missing) else understood(rules))


def roads(facts: Facts, target: Target) -> tuple[Road, ...]:
    """Of every packet that this target's boot has, as far as the facts tell; of the DISCOVER at least."""
    return facts.once(_exchange).roads(target)


def road_of(facts: Facts, target: Target, name: PacketName) -> Road | None:
    """None where this target's exchange has no such packet, or its way is not known so far."""
    return facts.once(_exchange).road(target, name)


def shown(facts: Facts, target: Target) -> tuple[Shown, ...]:
    """What the roads of this target have shown to rules, and at which hooks, as far as they have been walked."""
    return facts.once(_exchange).shown(target)


def road_through(host: Host, target: Target, name: PacketName, rules: Ruleset) -> Road | None:
    """As `road_of`, through a given ruleset: one that the host does not have (yet)."""
    return Exchange(host, rules).road(target, name)


def servers(facts: Facts, target: Target) -> tuple[Server, ...]:
    """Who may answer the target's DISCOVER; none where its bridge is not known."""
    return tuple(talk.server for talk in facts.once(_exchange).talks(target))


def boot_of_target(facts: Facts, target: Target) -> Boot | None:
    """Where the target's network sends it for its boot file; None where it names none, or nobody can tell."""
    found = [talk.boot for talk in facts.once(_exchange).talks(target) if talk.boot is not None]
    return found[0] if found else None


def needed(facts: Facts, target: Target) -> tuple[tuple[PacketName, ...], ...]:
    """Groups of packets; one of each must come through, or the guest gets no address or no boot file."""
    return facts.once(_exchange).needed(target)


def _one(talk: Talk, name: PacketName) -> tuple[RoadHop, ...] | None:
    journey = _walked(talk, name)
    return None if journey is None else tuple(journey.hops)


def _walked(talk: Talk, name: PacketName) -> Journey | None:
    """The packet on its way to or from this server; None where this exchange has no such packet."""
    scene = talk.scene
    ends = other_end(scene, talk.target, talk.server, talk.boot, name)
    if ends is None:
        return None
    journey = Journey(scene, packet(name, talk.parties))
    question = answered(name)
    if question is not None:
        before = _walked(talk, question)
        journey.packet, journey.marks = as_answer(journey.packet, before.marks if before else None)
    if ends.by is By.ROUTING and not name.from_guest:
        ends = _through_nat(talk, ends, name)
    if name.from_guest:
        from_guest(journey, ends)
        at_server(journey, talk.server, ends, name, talk.target.kind in {"nic", "tap"})
    else:
        to_guest(journey, ends)
    return journey


def _through_nat(talk: Talk, ends: Ends, name: PacketName) -> Ends:
    """Whether NAT rewrites, or may, what the guest sends to its boot server, and whether a helper follows that."""
    asks = PacketName.HTTP_SYN if name is PacketName.HTTP_SYN_ACK else PacketName.TFTP_RRQ
    before = _walked(talk, asks)
    hops = before.hops if before is not None else []
    surely = any(hop.rewrites for hop in hops)
    if not surely and not any(hop.may_rewrite for hop in hops):
        return ends
    helped = _helped(talk) if asks is PacketName.TFTP_RRQ else None
    return msgspec.structs.replace(ends, translated=True, helped=helped if surely or helped else None)


def _helped(talk: Talk) -> bool | None:
    known = talk.scene.known
    if known.missing is not None:
        return None

    def walk(rules: Ruleset) -> list[RoadHop]:
        scene = msgspec.structs.replace(talk.scene, known=known.through(rules))
        journey = _walked(msgspec.structs.replace(talk, scene=scene), PacketName.TFTP_RRQ)
        return journey.hops if journey is not None else []

    return is_helped(known.host, known.all.rules, walk)


def _together(told: list[tuple[Talk, tuple[RoadHop, ...]]]) -> tuple[RoadHop, ...]:
    """One road of several: where they end differently, which one it is, is not known."""
    fates = {fate_of(hops) for _, hops in told}
    if len(fates) == 1:
        return told[0][1]
    passing = next((entry for entry in told if fate_of(entry[1]) is Fate.PASS), told[0])
    others = [f"{talk.server.why}, and there {_why(hops)}" for talk, hops in told if fate_of(hops) is not Fate.PASS]
    why = f"which server answers is not known: {'; or '.join(others)}"
    return (*passing[1], RoadHop(hop=Hop.SERVER, device="", predicted=Fate.UNKNOWN, why=why))


def _why(hops: tuple[RoadHop, ...]) -> str:
    stops = [hop for hop in hops if hop.predicted is Fate.DROP] or [h for h in hops if h.predicted is Fate.UNKNOWN]
    return stops[0].why if stops else "it passes"
