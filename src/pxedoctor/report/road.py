"""A road drawn in one line, `NIC > vnet3 > port x > br0 > DHCP server`, and under it why at each mark.

x marks where the packet dies, ? where nobody can say. What comes after an x is not reached, and drawn as the goal.
"""

import msgspec

from pxedoctor.findings.outcome import Broken, Hop
from pxedoctor.model.target import Target
from pxedoctor.report.style import Line, Role, Span, Style, columns, paragraph
from pxedoctor.road.hop import Fate, Road, RoadHop, RuleRef
from pxedoctor.road.packet_name import PacketName

_INDENT = 4
_ORDER = tuple(Hop)
_BACK = frozenset(_ORDER[_ORDER.index(Hop.OUTPUT) :])
_MARKS = {Fate.PASS: "", Fate.DROP: " x", Fate.UNKNOWN: " ?"}
_ROLES = {Fate.PASS: Role.PLAIN, Fate.DROP: Role.BAD, Fate.UNKNOWN: Role.DOUBTFUL}
# Where a packet goes through without being stopped only these are worth a word.
_LANDMARKS = frozenset(
    {Hop.NIC, Hop.TAP, Hop.PORT, Hop.BRIDGE, Hop.FORWARD, Hop.UPLINK, Hop.INPUT, Hop.SERVER, Hop.OUTPUT, Hop.DELIVERY}
)
_WORDS = {
    Hop.BRIDGE_PREROUTING: "bridge PREROUTING",
    Hop.PREROUTING: "PREROUTING",
    Hop.BRIDGE_FORWARD: "bridge FORWARD",
    Hop.FORWARD: "FORWARD",
    Hop.BRIDGE_INPUT: "bridge INPUT",
    Hop.ROUTE: "routing",
    Hop.INPUT: "INPUT",
    Hop.OUTPUT: "OUTPUT",
    Hop.POSTROUTING: "POSTROUTING",
    Hop.BRIDGE_OUTPUT: "bridge OUTPUT",
    Hop.BRIDGE_POSTROUTING: "bridge POSTROUTING",
    Hop.DELIVERY: "guest",
}
# Who is at the other end of a packet.
_ENDS = {
    PacketName.DNS_QUERY: "DNS server",
    PacketName.DNS_ANSWER: "DNS server",
    PacketName.TFTP_RRQ: "TFTP server",
    PacketName.TFTP_DATA: "TFTP server",
    PacketName.TFTP_ACK: "TFTP server",
    PacketName.HTTP_SYN: "HTTP server",
    PacketName.HTTP_SYN_ACK: "HTTP server",
    PacketName.ARP_REQUEST: "host",
    PacketName.ARP_REPLY: "host",
    PacketName.SERVER_ARP_REQUEST: "host",
    PacketName.SERVER_ARP_REPLY: "host",
    PacketName.ROUTER_SOLICITATION: "router",
    PacketName.ROUTER_ADVERTISEMENT: "router",
}


class Place(msgspec.Struct, frozen=True):
    """One word of the drawing. `reached` False: behind the place where the packet dies."""

    word: str
    fate: Fate = Fate.PASS
    why: str = ""
    reached: bool = True


def road_lines(road: Road, target: Target, broken: Broken | None, style: Style) -> list[Line]:
    """`broken` tells where the packet dies if the model's road itself does not."""
    places = places_of(road, target, broken)
    back = road.packet.from_guest and broken is not None and broken.hop in _BACK and road.fate is not Fate.DROP
    title = f"road of the {road.packet} and of its answer" if back else f"road of the {road.packet}"
    drawn: list[Line] = [(Span("  "), Span(title, Role.DIM)), *_path(places, style, _INDENT)]
    return [*drawn, *_whys(places, style, _INDENT + 2)]


def every_road(roads: tuple[Road, ...], target: Target, style: Style, title: str = "road of each packet") -> list[Line]:
    """One line a packet; what hinders several of them is told once, under the first."""
    drawn: list[Line] = [(Span("  "), Span(title, Role.DIM))]
    width = max(len(road.packet.value) for road in roads)
    told: set[str] = set()
    for road in roads:
        places = places_of(road, target, None)
        far, witness = _seen(road)
        path = _path(places, style._replace(width=style.width - columns(far)), _INDENT + width + 2)
        first, *rest = [*path[:-1], (*path[-1], Span(far, Role.DIM))]
        drawn += [(Span(" " * _INDENT), Span(road.packet.value.ljust(width + 2)), *first[1:]), *rest]
        news = [place for place in places if place.why not in told]
        told |= {place.why for place in news}
        drawn += _whys(news, style, _INDENT + 2)
        if witness and witness not in told:
            told.add(witness)
            drawn += paragraph(f"seen: {witness}", style, _INDENT + 2, Role.DIM, hang=2)
    return drawn


def _seen(road: Road) -> tuple[str, str]:
    """How far a packet was seen to come, to be put behind its path, and who saw it; two "" where nobody looked."""
    passed = [hop for hop in road.hops if hop.observed is Fate.PASS]
    looked = [hop for hop in road.hops if hop.observed is not None]
    if not looked:
        return "", ""
    if passed == list(road.hops):
        return "  seen", looked[-1].witness
    return f"  seen as far as {_word(road, passed[-1])}" if passed else "", looked[-1].witness


def _whys(places: list[Place], style: Style, indent: int) -> list[Line]:
    lines: list[Line] = []
    told: set[str] = set()
    for place in places:
        if place.fate is not Fate.PASS and place.why and place.why not in told:
            told.add(place.why)
            mark = _MARKS[place.fate].strip()
            why = place.why if place.why.startswith(place.word) else f"{place.word}: {place.why}"
            lines += paragraph(f"{mark} {why}", style, indent, _ROLES[place.fate], hang=2)
    return lines


def places_of(road: Road, target: Target, broken: Broken | None) -> list[Place]:
    shown = [hop for hop in _walked(road) if hop.hop in _LANDMARKS or hop.fate is not Fate.PASS]
    start = [] if road.packet.from_guest else [Place(_ENDS.get(road.packet, "DHCP server"))]
    walked = [Place(_word(road, hop), hop.fate, _why(hop)) for hop in shown]
    died = next((hop.hop for hop in shown if hop.fate is Fate.DROP), None)
    if died is None and broken is not None and broken.severity == "broken":
        died = broken.hop
        pairs = zip(shown, walked, strict=True)
        before = [place for hop, place in pairs if _ORDER.index(hop.hop) < _ORDER.index(died)]
        if died in _BACK and road.packet.from_guest and not any(hop.hop is Hop.SERVER for hop in shown):
            before.append(Place("DHCP server"))
        walked = [*before, Place(_hop_word(died, broken.subject), Fate.DROP)]
    return [*start, *walked, *([] if died is None else _goal(road, died, target))]


def _walked(road: Road) -> tuple[RoadHop, ...]:
    """The hops that the packet reaches: where it was seen to die, the facts may tell of more."""
    died = next((at for at, hop in enumerate(road.hops) if hop.fate is Fate.DROP), len(road.hops))
    return road.hops[: died + 1]


def _goal(road: Road, died: Hop, target: Target) -> list[Place]:
    """Where the packet wanted to go: the bridge and the server, or, for an answer, the guest."""
    if died in _BACK or not road.packet.from_guest:
        return [] if died in {Hop.CLIENT, Hop.DELIVERY} else [Place("guest", reached=False)]
    goal: list[Place] = []
    if _ORDER.index(died) < _ORDER.index(Hop.BRIDGE) and target.bridge:
        goal.append(Place(target.bridge, reached=False))
    if died is not Hop.SERVER:
        goal.append(Place(_ENDS.get(road.packet, "DHCP server"), reached=False))
    return goal


def _word(road: Road, hop: RoadHop) -> str:
    match hop.hop:
        case Hop.NIC:
            return "NIC"
        case Hop.TAP | Hop.BRIDGE | Hop.UPLINK | Hop.EXIT:
            return hop.device or hop.hop.value
        case Hop.PORT:
            return "new port" if hop.device == "new port" else "port"
        case Hop.SERVER:
            return _ENDS.get(road.packet, "DHCP server")
        case _:
            return _hop_word(hop.hop, hop.device)


def _hop_word(hop: Hop, device: str) -> str:
    if hop in {Hop.INGRESS, Hop.EGRESS}:
        return f"{hop.value} of {device}" if device else hop.value
    if hop is Hop.SERVER:
        return "DHCP server"
    return _WORDS.get(hop, device if hop in {Hop.TAP, Hop.BRIDGE} and device else hop.value)


def _why(hop: RoadHop) -> str:
    if hop.fate is not hop.predicted:
        return hop.witness
    return f"{hop.why} [{_rule(hop.rule)}]" if hop.rule else hop.why


def _rule(rule: RuleRef) -> str:
    where = f" handle {rule.handle}" if rule.handle is not None else f" line {rule.line}" if rule.line else ""
    owner = f", written by {rule.owner}" if rule.owner else ""
    return f"{rule.family} {rule.table} {rule.chain}{where}: {rule.text}{owner}"


def _path(places: list[Place], style: Style, indent: int) -> list[Line]:
    lines: list[Line] = []
    current: list[Span] = [Span(" " * indent)]
    used = indent
    for index, place in enumerate(places):
        arrow = " > " if index else ""
        word = f"{place.word}{_MARKS[place.fate]}"
        if index and used + columns(arrow + word) > style.width:
            lines.append(tuple(current))
            current, used, arrow = [Span(" " * (indent + 2))], indent + 2, "> "
        quiet = Role.PLAIN if place.reached else Role.DIM
        current += [Span(arrow, quiet), Span(word, _ROLES[place.fate] if place.reached else quiet)]
        used += columns(arrow + word)
    return [*lines, tuple(current)]
