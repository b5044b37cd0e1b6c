"""One exchange of packets for the page: its drawing, the same in words, and what it came to."""

from collections.abc import Iterator

import msgspec

from pxedoctor.model.observation import Probed
from pxedoctor.report.drawing import ladder_svg
from pxedoctor.report.drawing.element import Element
from pxedoctor.report.drawing.ladder import Ladder
from pxedoctor.report.drawing.mark import Mark, of_fate, of_verdict
from pxedoctor.report.drawing.probe_ladder import probe_ladder
from pxedoctor.report.drawing.trace_ladder import trace_ladder
from pxedoctor.report.observed import OUTCOMES, came_to, different, offer_label, offer_text
from pxedoctor.report.trace import death_words, lived_words, looked_words, place_words, rule_words, word_words
from pxedoctor.road.hop import Fate
from pxedoctor.road.life import Sighting
from pxedoctor.verdict.report import Report
from pxedoctor.verdict.trace import Trace

# More rows of a table than this tell nobody more.
_MOST_SIGHTINGS = 500


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A drawing for a wide page and the same for a phone."""

    wide: tuple[Element, ...]
    narrow: tuple[Element, ...]


class SightingRow(msgspec.Struct, frozen=True, kw_only=True):
    """Where and when a witness saw a packet."""

    at: float
    packet: str
    place: str
    mark: Mark
    said: str
    witness: str


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """One probe's (or one guest's) exchange: the drawing, the same in words, and what it came to."""

    title: str
    came_to: str
    mark: Mark
    facts: tuple[tuple[str, str], ...]
    figure: Figure
    rows: tuple[tuple[float, Mark, str], ...]
    sightings: tuple["SightingRow", ...] = ()


def ladder_figure(ladder: Ladder, name: str) -> Figure:
    return Figure(
        wide=(ladder_svg.ladder_svg(ladder, ladder_svg.WIDE, f"{name}-wide"),),
        narrow=(ladder_svg.ladder_svg(ladder, ladder_svg.NARROW, f"{name}-narrow"),),
    )


def of_probe(seen: Probed, report: Report | None, number: int) -> Exchange:
    ladder = probe_ladder(seen, report.roads_of(seen.target) if report is not None else ())
    word, _ = OUTCOMES[seen.outcome]
    good = word in {"FETCHED", "LEASED", "OFFERED"}
    offers = tuple((offer_label(offer), offer_text(offer)) for offer in different(seen.offers))
    cut = "" if seen.whole else "; it was cut short, so that this silence proves nothing"
    return Exchange(
        title=ladder.title,
        came_to=f"{word}: {came_to(seen)}{cut}",
        mark=Mark.GOOD if good else Mark.BAD if seen.whole else Mark.DOUBT,
        facts=offers,
        figure=ladder_figure(ladder, f"ladder-{number}"),
        rows=tuple((row.at, row.mark, row.words) for row in ladder.rows()),
    )


def of_trace(trace: Trace) -> Exchange:
    ladder = trace_ladder(trace)
    return Exchange(
        title=ladder.title,
        came_to=death_words(trace.died) if trace.died is not None else lived_words(trace),
        mark=of_verdict(trace.verdict),
        facts=tuple(_facts(trace)),
        figure=ladder_figure(ladder, "trace"),
        rows=tuple((row.at, row.mark, row.words) for row in ladder.rows()),
        sightings=_sightings(trace),
    )


def _facts(trace: Trace) -> Iterator[tuple[str, str]]:
    """The rule that decided, what counters and the server say, and who could look."""
    if trace.died is not None and trace.died.rule is not None:
        yield "rule", rule_words(trace.died.rule)
    if trace.died is not None and trace.died.witnesses:
        yield "seen by", ", ".join(trace.died.witnesses)
    for move in trace.counters:
        yield "counted", f"{move.name} {move.device} +{move.moved} ({move.origin})".replace("  ", " ")
    for word in trace.words:
        yield word.speaker, word_words(word)
    for entry in trace.witnesses:
        yield f"witness {entry.name.value}", looked_words(entry)


def _sightings(trace: Trace) -> tuple[SightingRow, ...]:
    rows = [
        SightingRow(
            at=seen.at,
            packet=f"{packet.kind} {packet.number}",
            place=f"{seen.device} {place_words(seen.hop)}".strip(),
            mark=of_fate(seen.fate),
            said=_said(seen),
            witness=seen.witness.value,
        )
        for packet in trace.packets
        for seen in packet.sightings
    ]
    return tuple(sorted(rows, key=lambda row: row.at)[:_MOST_SIGHTINGS])


def _said(seen: Sighting) -> str:
    reason = f" ({seen.reason})" if seen.reason else ""
    rule = f" [{rule_words(seen.rule)}]" if seen.rule is not None else ""
    plain = "went on" if seen.fate is Fate.PASS else "not seen" if seen.fate is Fate.UNKNOWN else "died"
    return f"{seen.words or plain}{reason}{rule}"
