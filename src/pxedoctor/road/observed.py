"""What a probe saw, laid over the roads that the facts foretell: which hops a packet passed, and where it was lost.

1. The answer came back from where the road leads: every hop of the question's road and of the answer's passed.
2. Somebody else answered: the question passed as far as the bridge; of this road no more is known.
3. The client's questions were sent while the port did not forward, and it gave up: they died at the port.
4. It asked in full through a port that forwards, and heard nothing: the port passed, and behind it nothing was seen.

A probe has a port and a MAC of its own. What lies at the port of a guest that runs, and what a rule says of its MAC or
its tap, a probe cannot see, and of it nothing is said.
"""

from enum import Enum
from typing import TYPE_CHECKING, Literal

import msgspec

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.observation import Probed, ProbeOutcome, ProbeStage, SeenOffer
from pxedoctor.model.target import Target
from pxedoctor.road.hop import Fate, Road, RoadHop
from pxedoctor.road.packet_name import PacketName

if TYPE_CHECKING:
    from pxedoctor.model.host import Host

_OUTWARD = frozenset({Hop.EXIT, Hop.UPLINK, Hop.BRIDGE_FORWARD})
_OWN = frozenset({Hop.NIC, Hop.DELIVERY, Hop.CLIENT})
_ANSWERS = frozenset({PacketName.OFFER_BROADCAST, PacketName.ADVERTISE})
_TFTP = (PacketName.TFTP_RRQ, PacketName.TFTP_DATA, PacketName.TFTP_ACK)
_HTTP = (PacketName.HTTP_SYN, PacketName.HTTP_SYN_ACK)
_CAME = (
    "this place means the guest alone (its MAC, its port), or pxedoctor reads this host wrongly: which, is not known"
)
_LOST = "the port was not what the facts tell of a new one"
_SILENT = "something that pxedoctor did not see drops it from here on, or no server answers this client"
_OUTSIDE = "who should answer is outside of this host: look there, with a capture on this device first"


class Sight(Enum):
    """How far a packet was seen to come."""

    CAME = "all the way"
    ENTERED = "as far as the bridge"
    REFUSED = "all the way, and the client drops it"
    LOST = "lost at the port"
    SILENT = "through the port, and no answer came"


class Witnessed(msgspec.Struct, frozen=True):
    sight: Sight
    words: str


class Parting(msgspec.Struct, frozen=True, kw_only=True):
    """Where packets did something else than the facts foretell: what, and what that can mean. It guesses at nothing."""

    hop: RoadHop
    kind: Literal["came", "lost", "silent"]
    text: str
    meaning: str


def observed(road: Road, target: Target, host: "Host", seen: tuple[Probed, ...]) -> Road:
    """The road with what the last of the probes saw of this packet."""
    for probe in reversed(seen):
        witnessed = _witnessed(road, target, host, probe)
        if witnessed is not None:
            return msgspec.structs.replace(road, hops=_marked(road, target, witnessed, probe))
    return road


def parting(road: Road) -> Parting | None:
    """The first hop at which prediction and observation differ; None where they agree, or nobody looked."""
    for hop in road.hops:
        if hop.observed is Fate.PASS and hop.predicted is Fate.DROP:
            text = f"the facts say that the {road.packet} dies here ({hop.why}), and it came through: {hop.witness}"
            return Parting(hop=hop, kind="came", text=text, meaning=_CAME)
        if hop.observed is Fate.DROP and hop.predicted is Fate.PASS:
            text = f"the facts say that the {road.packet} passes here ({hop.why}), and it did not: {hop.witness}"
            return Parting(hop=hop, kind="lost", text=text, meaning=_LOST)
        if hop.observed is Fate.UNKNOWN and road.fate is Fate.PASS:
            return _silent(road, hop)
    return None


def promises(road: Road) -> bool:
    """Whether the facts say that the packet reaches somebody who serves it."""
    return road.fate is Fate.PASS and any(hop.hop in {Hop.SERVER, Hop.DELIVERY} for hop in road.hops)


def _silent(road: Road, hop: RoadHop) -> Parting | None:
    out = next((later for later in road.hops if later.hop is Hop.UPLINK), None)
    if out is not None:
        text = f"the facts say that the {road.packet} leaves this host through {out.device}, and no answer came back"
        return Parting(hop=out, kind="silent", text=f"{text}: {hop.witness}", meaning=_OUTSIDE)
    if not promises(road):
        return None
    text = f"the facts say that the {road.packet} comes through, and from here on nothing was seen: {hop.witness}"
    return Parting(hop=hop, kind="silent", text=text, meaning=_SILENT)


def seen_silent(road: Road) -> bool:
    """Whether a probe's packet was lost on this road, or brought no answer."""
    return any(hop.observed in {Fate.DROP, Fate.UNKNOWN} for hop in road.hops)


def _marked(road: Road, target: Target, witnessed: Witnessed, probe: Probed) -> tuple[RoadHop, ...]:
    hops: list[RoadHop] = []
    behind = False
    for hop in road.hops:
        fate = _fate(hop, witnessed.sight, behind)
        behind = behind or hop.hop is (Hop.BRIDGE if witnessed.sight is Sight.ENTERED else Hop.PORT)
        if fate is None or _is_own(hop, target, probe):
            hops.append(hop)
        else:
            hops.append(msgspec.structs.replace(hop, observed=fate, witness=witnessed.words))
    return tuple(hops)


def _fate(hop: RoadHop, sight: Sight, behind: bool) -> Fate | None:
    """`behind`: the place that the packet was seen to reach lies before this hop."""
    match sight:
        case Sight.CAME:
            return Fate.PASS
        case Sight.REFUSED:
            return Fate.DROP if hop.hop is Hop.CLIENT else Fate.PASS
        case Sight.ENTERED:
            return None if behind else Fate.PASS
        case Sight.SILENT:
            return Fate.UNKNOWN if behind else Fate.PASS
        case Sight.LOST:
            return None if behind else Fate.DROP if hop.hop is Hop.PORT else Fate.PASS


def _is_own(hop: RoadHop, target: Target, probe: Probed) -> bool:
    """Whether this hop is the running guest's alone. One that is off will get a new port, as the probe got."""
    if hop.hop is Hop.CLIENT and not acts(probe, target):
        return True
    if target.tap is None:
        return False
    words = () if hop.rule is None else hop.rule.text.lower().split()
    named = target.tap.lower() in words or (target.mac or "-").lower() in words
    return named or hop.device == target.tap or hop.hop in _OWN


def acts(probe: Probed, target: Target) -> bool:
    """Whether the probe acted the very client that will ask: another one may wait longer, and take what this drops."""
    return target.client is not None and probe.profile == target.client.name


def _witnessed(road: Road, target: Target, host: "Host", probe: Probed) -> Witnessed | None:
    name = road.packet
    if name in {PacketName.DISCOVER, PacketName.SOLICIT} or name in _ANSWERS:
        return _of_asking(road, target, host, probe)
    if name in {PacketName.REQUEST, PacketName.ACK_BROADCAST}:
        return _of_lease(probe)
    if name in _TFTP or name in _HTTP:
        return _of_fetch(name, probe)
    return None


def _of_asking(road: Road, target: Target, host: "Host", probe: Probed) -> Witnessed | None:
    sixth = road.packet in {PacketName.SOLICIT, PacketName.ADVERTISE}
    question = "SOLICIT" if sixth else "DISCOVER"
    asked = [sent for sent in probe.sent if sent.what.startswith(question)]
    offers = [offer for offer in probe.offers if (":" in offer.source) is sixth]
    if not asked:
        return None
    lost = [sent for sent in asked if sent.port_state != "forwarding"]
    if probe.outcome is ProbeOutcome.SILENT and lost and (acts(probe, target) or not offers):
        words = f"{len(lost)} {question} sent while the probe's port was {lost[-1].port_state}, and the client gave up"
        return Witnessed(Sight.LOST, words) if road.packet.from_guest else None
    from_there = [offer for offer in offers if _leads_to(road, host, offer)]
    answer = min(from_there, key=lambda offer: bool(offer.refused), default=None)
    if answer is not None and answer.refused and not _asks(road):
        return Witnessed(Sight.REFUSED, f"{_came(answer)}, and {probe.profile} drops it: {answer.refused}")
    if answer is not None:
        return Witnessed(Sight.CAME, _came(answer))
    if offers:
        return Witnessed(Sight.ENTERED, f"another server answered: {_came(offers[0])}") if _asks(road) else None
    if not probe.whole:
        return None
    words = f"a probe asked as {probe.profile} until it gave up, {asked[-1].at:.1f} s after its port came up"
    return Witnessed(Sight.SILENT, words) if _asks(road) else None


def _asks(road: Road) -> bool:
    return road.packet.from_guest


def _came(offer: SeenOffer) -> str:
    return f"{offer.server} ({offer.mac}) answered a probe after {offer.at:.2f} s"


def _leads_to(road: Road, host: "Host", offer: SeenOffer) -> bool:
    """Whether the answer came from the side that the road leads to: this host, or the other side of its bridge."""
    out = any(hop.hop in _OUTWARD for hop in road.hops)
    devices = {hop.device for hop in road.hops if hop.hop is Hop.BRIDGE}
    own = {link.mac for name in devices if (link := host.link(name)) is not None and link.mac}
    if not own or not road.packet.from_guest:
        return True
    return (offer.mac not in own) if out else offer.mac in own


def _of_lease(probe: Probed) -> Witnessed | None:
    given = next((line for line in probe.stages if line.stage is ProbeStage.ACK and line.ok), None)
    return None if given is None else Witnessed(Sight.CAME, f"a probe took a lease after {given.at:.2f} s")


def _of_fetch(name: PacketName, probe: Probed) -> Witnessed | None:
    schemes = ("tftp:",) if name in _TFTP else ("http:", "https:")
    for fetch in probe.fetches:
        if not fetch.url.startswith(schemes):
            continue
        if fetch.outcome == "fetched" or fetch.received or fetch.status is not None:
            return Witnessed(Sight.CAME, f"a probe got {fetch.received} bytes of {fetch.url}")
        if fetch.outcome == "silent" and probe.whole and name.from_guest:
            return Witnessed(Sight.SILENT, f"a probe asked for {fetch.url} for {fetch.seconds:.1f} s")
    return None
