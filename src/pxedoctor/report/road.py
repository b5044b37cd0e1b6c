"""The road drawn in one line: `NIC > vnet3 > port x > br0 > DHCP server`, and under it why at each mark.

x marks where the packet dies, ? where nobody can say. What comes after an x is not reached, and drawn as the goal.
"""

import msgspec

from pxedoctor.findings.outcome import Broken, Hop
from pxedoctor.model.target import Target
from pxedoctor.report.style import Line, Role, Span, Style, columns, paragraph
from pxedoctor.road.hop import Fate, Road, RoadHop, RuleRef

_ORDER = tuple(Hop)
_BACK = frozenset({Hop.OUTPUT, Hop.DELIVERY, Hop.CLIENT})
_MARKS = {Fate.PASS: "", Fate.DROP: " x", Fate.UNKNOWN: " ?"}
_ROLES = {Fate.PASS: Role.PLAIN, Fate.DROP: Role.BAD, Fate.UNKNOWN: Role.DOUBTFUL}


class Place(msgspec.Struct, frozen=True):
    """One word of the drawing. `reached` False: behind the place where the packet dies."""

    word: str
    fate: Fate = Fate.PASS
    why: str = ""
    reached: bool = True


def road_lines(road: Road, target: Target, broken: Broken | None, style: Style) -> list[Line]:
    """`broken` tells where the packet dies if the model's road itself does not."""
    places = _places(road, target, broken)
    back = broken is not None and broken.hop in _BACK
    title = f"road of the {road.packet} and of its answer" if back else f"road of the {road.packet}"
    drawn: list[Line] = [(Span("  "), Span(title, Role.DIM)), *_path(places, style)]
    for place in places:
        if place.fate is not Fate.PASS and place.why:
            mark = _MARKS[place.fate].strip()
            why = place.why if place.why.startswith(place.word) else f"{place.word}: {place.why}"
            drawn += paragraph(f"{mark} {why}", style, 6, _ROLES[place.fate], hang=2)
    return drawn


def _places(road: Road, target: Target, broken: Broken | None) -> list[Place]:
    walked = [Place(_word(hop), hop.predicted, _why(hop)) for hop in road.hops]
    died = next((hop.hop for hop in road.hops if hop.predicted is Fate.DROP), None)
    if died is None and broken is not None and broken.severity == "broken":
        died = broken.hop
        before = [
            place for hop, place in zip(road.hops, walked, strict=True) if _ORDER.index(hop.hop) < _ORDER.index(died)
        ]
        if died in _BACK and not any(hop.hop is Hop.SERVER for hop in road.hops):
            before.append(Place("DHCP server"))
        walked = [*before, Place(_hop_word(died, broken.subject), Fate.DROP)]
    return walked if died is None else [*walked, *_goal(died, target)]


def _goal(died: Hop, target: Target) -> list[Place]:
    """Where the packet wanted to go: the bridge and the server, or, for an answer, the guest."""
    if died in _BACK:
        return [] if died is Hop.CLIENT else [Place("guest", reached=False)]
    goal: list[Place] = []
    if _ORDER.index(died) < _ORDER.index(Hop.BRIDGE) and target.bridge:
        goal.append(Place(target.bridge, reached=False))
    if died is not Hop.SERVER:
        goal.append(Place("DHCP server", reached=False))
    return goal


def _word(hop: RoadHop) -> str:
    match hop.hop:
        case Hop.NIC:
            return "NIC"
        case Hop.TAP | Hop.BRIDGE:
            return hop.device or hop.hop.value
        case Hop.PORT:
            return "new port" if hop.device == "new port" else "port"
        case _:
            return _hop_word(hop.hop, hop.device)


def _hop_word(hop: Hop, device: str) -> str:
    words = {Hop.FORWARD: "FORWARD", Hop.INPUT: "INPUT", Hop.OUTPUT: "OUTPUT", Hop.SERVER: "DHCP server"}
    return words.get(hop, device if hop in {Hop.TAP, Hop.BRIDGE} and device else hop.value)


def _why(hop: RoadHop) -> str:
    return f"{hop.why} [{_rule(hop.rule)}]" if hop.rule else hop.why


def _rule(rule: RuleRef) -> str:
    where = f" handle {rule.handle}" if rule.handle is not None else f" line {rule.line}" if rule.line else ""
    owner = f", written by {rule.owner}" if rule.owner else ""
    return f"{rule.family} {rule.table} {rule.chain}{where}: {rule.text}{owner}"


def _path(places: list[Place], style: Style) -> list[Line]:
    lines: list[Line] = []
    current: list[Span] = [Span("    ")]
    used = 4
    for index, place in enumerate(places):
        arrow = " > " if index else ""
        word = f"{place.word}{_MARKS[place.fate]}"
        if index and used + columns(arrow + word) > style.width:
            lines.append(tuple(current))
            current, used, arrow = [Span("      ")], 6, "> "
        quiet = Role.PLAIN if place.reached else Role.DIM
        current += [Span(arrow, quiet), Span(word, _ROLES[place.fate] if place.reached else quiet)]
        used += columns(arrow + word)
    return [*lines, tuple(current)]
