"""A trace for a person: a line for each thing as it is seen, and at the end where the packet died.

     0.112 s  DISCOVER 1   vnet3   comes in from the guest              frames
     0.112 s  DISCOVER 1 x br0     INPUT: a rule drops it               rules

`x` it ends here, `?` it was expected here and not seen.
"""

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.target import Target
from pxedoctor.model.traced import ServerWord, Witness
from pxedoctor.report.style import EMPTY, Line, Role, Span, Style, draw, labelled, line, paragraph, wrap
from pxedoctor.report.target import target_words
from pxedoctor.report.words.table import understood
from pxedoctor.road.hop import Fate, RuleRef
from pxedoctor.road.life import Death, Packet, Sighting
from pxedoctor.verdict.report import Verdict
from pxedoctor.verdict.trace import Trace

_MARKS = {Fate.PASS: " ", Fate.DROP: "x", Fate.UNKNOWN: "?"}
_ROLES = {Fate.PASS: Role.PLAIN, Fate.DROP: Role.BAD, Fate.UNKNOWN: Role.DOUBTFUL}
_HEAD = 45
_PLACES = {
    Hop.NIC: "the guest",
    Hop.TAP: "comes in from the guest",
    Hop.INGRESS: "ingress",
    Hop.PORT: "the bridge's port",
    Hop.BRIDGE_PREROUTING: "bridge PREROUTING",
    Hop.PREROUTING: "PREROUTING",
    Hop.ADMISSION: "the bridge's admission",
    Hop.BRIDGE: "comes up to the host",
    Hop.EXIT: "out of the bridge's port",
    Hop.BRIDGE_FORWARD: "bridge FORWARD",
    Hop.FORWARD: "FORWARD",
    Hop.UPLINK: "at the uplink",
    Hop.BRIDGE_INPUT: "bridge INPUT",
    Hop.ROUTE: "routing",
    Hop.INPUT: "INPUT",
    Hop.SERVER: "the server",
    Hop.OUTPUT: "OUTPUT, sent by the host",
    Hop.POSTROUTING: "POSTROUTING",
    Hop.EGRESS: "goes out to the guest",
    Hop.BRIDGE_OUTPUT: "bridge OUTPUT",
    Hop.BRIDGE_POSTROUTING: "bridge POSTROUTING",
    Hop.DELIVERY: "the guest's NIC",
    Hop.CLIENT: "the client",
}
_VERDICTS = {
    Verdict.BROKEN: ("DIED", Role.BAD),
    Verdict.HEALTHY: ("CAME THROUGH", Role.GOOD),
    Verdict.UNKNOWN: ("NOT KNOWN", Role.DOUBTFUL),
}


def place_words(hop: Hop) -> str:
    """A hop in a person's words."""
    return _PLACES[hop]


def render_opening(target: Target, seconds: float, style: Style) -> str:
    """Whom it watches, for how long, and what that changes."""
    who = " · ".join(target_words(target))
    lines = paragraph(f"{who}: watched for {seconds:g} s, or until Ctrl-C", style, 0, Role.STRONG, hang=2)
    told = "meanwhile a table of rules of our own (pxedoctor_trace_*) marks these packets; it goes with this process"
    return draw([*lines, *paragraph(told, style, 2, Role.DIM)], style)


def render_sighting(packet: Packet, seen: Sighting, style: Style) -> str:
    """One line of a packet's life."""
    text = _said(seen)
    first, *rest = wrap(text, max(style.width - _HEAD - 9, 20))
    role = _ROLES[seen.fate]
    head = (
        Span(f"{seen.at:>8.3f} s  "),
        Span(f"{packet.kind} {packet.number}".ljust(16)),
        Span(f"{_MARKS[seen.fate]} ", role),
        Span(f"{seen.device:<16} "),
        Span(first.ljust(30) if not rest else first, role),
        Span(f"  {seen.witness.value}", Role.DIM),
    )
    return draw([head, *(line(more, role, _HEAD) for more in rest)], style)


def _said(seen: Sighting) -> str:
    place = _PLACES[seen.hop]
    if seen.fate is Fate.PASS:
        return f"{place}, accepted" if seen.rule is not None else place
    reason = f" ({seen.reason})" if seen.reason else ""
    return f"{place}: {seen.words}{reason}"


def render_trace(trace: Trace, style: Style) -> str:
    """Where it died, who said so, and who could not look."""
    lines = [*_verdict_lines(trace, style), EMPTY, *_witness_lines(trace.witnesses, style)]
    return draw(lines, style)


def _verdict_lines(trace: Trace, style: Style) -> list[Line]:
    word, role = _VERDICTS[trace.verdict]
    told = death_words(trace.died) if trace.died else lived_words(trace)
    first, *rest = wrap(told, max(style.width - len(word) - 2, 20))
    lines: list[Line] = [(Span(word, role), Span(f": {first}")), *(line(more, indent=2) for more in rest)]
    if trace.died is not None and trace.died.rule is not None:
        lines += labelled("rule", rule_words(trace.died.rule), style, 2, Role.BAD)
    if trace.died is not None and trace.died.witnesses:
        lines += labelled("seen by", ", ".join(trace.died.witnesses), style, 2)
    for move in trace.counters:
        lines += labelled(
            "counted", f"{move.name} {move.device} +{move.moved}".replace("  ", " ") + f" ({move.origin})", style, 2
        )
    for word_ in trace.words:
        lines += labelled(word_.speaker, word_words(word_), style, 2)
    return lines


def word_words(word: ServerWord) -> str:
    """A server's line as it stands; the guest's with what it means."""
    if word.speaker == "server":
        return word.text
    means = "; ".join(saying.meaning for saying in understood(word.text)) if word.speaker == "guest" else ""
    return f"{word.text}: {means} ({word.origin})" if means else f"{word.text} ({word.origin})"


def death_words(death: Death) -> str:
    """One sentence."""
    reason = f" ({death.reason})" if death.reason else ""
    return f"the {death.kind}, at {death.device}, {_PLACES[death.hop]}: {death.words}{reason}"


def lived_words(trace: Trace) -> str:
    """Where nothing died."""
    if trace.answered:
        return "the guest was answered"
    if not trace.packets:
        return f"nothing was asked on {trace.bridge} in {trace.seconds:.0f} s"
    return "what was seen neither died nor was answered"


def rule_words(rule: RuleRef) -> str:
    """The rule, and where it stands."""
    handle = f", handle {rule.handle}" if rule.handle else ""
    owner = f" of {rule.owner}" if rule.owner else ""
    return f"{rule.text}  ({rule.family} {rule.table} {rule.chain}{handle}{owner})"


def _witness_lines(witnesses: tuple[Witness, ...], style: Style) -> list[Line]:
    lines: list[Line] = []
    for entry in witnesses:
        calm = entry.status in {"ok", "silent"} or entry.why == "it was not asked"
        role = Role.DIM if calm else Role.DOUBTFUL
        lines += labelled(entry.name.value, looked_words(entry), style, 2, role)
    return lines


def looked_words(witness: Witness) -> str:
    """Whether it looked, and what would help where it could not."""
    if witness.status == "ok":
        return witness.why or "looked all the time"
    helps = f"; would help: {witness.would_help}" if witness.would_help else ""
    return f"{witness.status}: {witness.why}{helps}"
