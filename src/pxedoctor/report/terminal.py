"""A Report for a person: the verdicts first, one line each; then cause, evidence, road, repair, and what is not known.

Pure: width, colour and verbosity come from the command line. What comes from the host is made harmless by
`style.draw` (see `harmless`).
"""

from pxedoctor.plans.plan import Plan
from pxedoctor.report.finding import full_lines, short_lines
from pxedoctor.report.harmless import shown
from pxedoctor.report.observed import probe_blocks
from pxedoctor.report.road import every_road, road_lines
from pxedoctor.report.style import EMPTY, Line, Role, Span, Style, columns, draw, labelled, paragraph
from pxedoctor.report.target import target_words
from pxedoctor.road.hop import Fate
from pxedoctor.verdict.report import NotKnown, Report, TargetVerdict, Verdict

_WORST_FIRST = (Verdict.BROKEN, Verdict.UNKNOWN, Verdict.HEALTHY)
_ROLES = {Verdict.BROKEN: Role.BAD, Verdict.UNKNOWN: Role.DOUBTFUL, Verdict.HEALTHY: Role.GOOD}
_UNSEEN = frozenset({"failed", "forbidden", "asleep"})


def render(report: Report, style: Style) -> str:
    """The whole report, without a final newline."""
    blocks = [
        _verdict_lines(report, style),
        *_finding_blocks(report, style),
        *_road_blocks(report, style),
        *probe_blocks(report, style),
        _unknown_lines(report, style),
        _looked_lines(report, style),
    ]
    lines: list[Line] = []
    for block in blocks:
        if block:
            lines += [*([EMPTY] if lines else []), *block]
    return draw(lines, style)


def _verdict_lines(report: Report, style: Style) -> list[Line]:
    if not report.targets:
        return paragraph("There is no guest and no bridge for guests on this host: nothing to judge.", style, 0)
    ordered = sorted(report.targets, key=lambda entry: _WORST_FIRST.index(entry.verdict))
    lines = [line for entry in ordered for line in _verdict_line(entry, style)]
    if len(ordered) > 1:
        counts = [(sum(entry.verdict is verdict for entry in ordered), verdict) for verdict in _WORST_FIRST]
        lines += paragraph(", ".join(f"{count} {verdict.value}" for count, verdict in counts if count), style, 0)
    return lines


def _verdict_line(entry: TargetVerdict, style: Style) -> list[Line]:
    text = shown(" · ".join(target_words(entry.target)))
    word = Span(entry.verdict.value.upper(), _ROLES[entry.verdict])
    room = style.width - columns(text) - len(word.text)
    if room >= 2:
        return [(Span(text, Role.STRONG), Span(" " * room), word)]
    pad = max(style.width - len(word.text), 0)
    return [*paragraph(text, style, 0, Role.STRONG, hang=2), (Span(" " * pad), word)]


def _finding_blocks(report: Report, style: Style) -> list[list[Line]]:
    """In full what is the first cause for somebody, the others in short; all of them in full under --verbose."""
    blocks: list[list[Line]] = []
    explained: set[str] = set()
    for found in report.findings:
        broken = set(found.finding.targets) if found.finding.broken.severity == "broken" else set[str]()
        first = bool(broken - explained)
        explained |= broken
        blocks.append(full_lines(found, report, style) if style.verbose or first else short_lines(found, report, style))
    return blocks


def _road_blocks(report: Report, style: Style) -> list[list[Line]]:
    """Roads that no finding has drawn: those with a mark, and under --verbose all. Equal drawings are told once."""
    broken = (found.finding for found in report.findings if found.finding.broken.severity == "broken")
    drawn = {target for finding in broken for target in finding.targets}
    blocks: dict[tuple[Line, ...], list[str]] = {}
    for entry in report.targets:
        lines = tuple(_roads_of(entry, report, style, entry.target.id in drawn))
        if lines:
            blocks.setdefault(lines, []).append(entry.target.id)
    several = len(report.targets) > 1
    return [[*(paragraph(f"  {', '.join(ids)}", style, 0) if several else []), *lines] for lines, ids in blocks.items()]


def _roads_of(entry: TargetVerdict, report: Report, style: Style, drawn: bool) -> list[Line]:
    """`drawn`: a finding has drawn where the guest's packets stop."""
    if style.verbose:
        return every_road(report.roads_of(entry.target.id), entry.target, style)
    road = report.telling(entry)
    if drawn or entry.verdict is Verdict.HEALTHY or road.fate is Fate.PASS:
        return []
    return road_lines(road, entry.target, None, style)


def _unknown_lines(report: Report, style: Style) -> list[Line]:
    """On the road: always, with what would help. Beside it: counted, and listed under --verbose."""
    told: dict[tuple[str, str], list[NotKnown]] = {}
    for entry in report.unknown:
        if entry.on_road or style.verbose:
            told.setdefault((entry.missing, entry.would_help), []).append(entry)
    lines: list[Line] = []
    for (missing, would_help), entries in told.items():
        lines += labelled("not known", missing, style, 2, Role.DOUBTFUL)
        if would_help:
            lines += labelled("would help", would_help, style, 4)
        names = ", ".join(dict.fromkeys(f"{entry.meta.name} ({entry.meta.code})" for entry in entries))
        lines += labelled("so it cannot be said whether this holds", names, style, 4, Role.DIM)
    return lines


def _looked_lines(report: Report, style: Style) -> list[Line]:
    """What the verdict rests on: sources that could not be had by name, the others in one line."""
    lines: list[Line] = []
    for source in report.sources:
        if source.status in _UNSEEN or (style.verbose and source.status == "absent"):
            why = source.why if source.status in source.why else f"{source.status}: {source.why}"
            lines += labelled(f"could not look at {_words(source.name)}", why, style, 0)
    seen = ", ".join(_words(source.name) for source in report.sources if source.status in {"ok", "empty"})
    causes = len({result.meta.name for result in report.checks})
    if report.targets:
        lines += labelled(
            "looked at", f"{seen or 'nothing'}; checked for {_count(causes, 'cause')}", style, 0, Role.DIM
        )
    if style.verbose:
        lines += _verbose_lines(report, style)
    elif more := _hidden(report):
        lines += paragraph(f"more with --verbose: {', '.join(more)}", style, 0, Role.DIM)
    return lines


def _words(collector: str) -> str:
    return collector.replace("_", " ")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _hidden(report: Report) -> list[str]:
    plans = [found.plan for found in report.findings if isinstance(found.plan, Plan)]
    ways = sum(len(plan.other_ways) + len(plan.shown) for plan in plans)
    aside = len({entry.missing for entry in report.unknown if not entry.on_road})
    evidence = len(report.findings) > 1 or any(f.finding.broken.severity == "risk" for f in report.findings)
    return [
        *([f"{_count(ways, 'other way')} to repair it"] if ways else []),
        *([f"{aside} unknown beside the road"] if aside else []),
        *(["all evidence"] if evidence else []),
    ]


def _verbose_lines(report: Report, style: Style) -> list[Line]:
    lines = labelled("host", f"{report.hostname}, Linux {report.kernel}, at {report.collected_at}", style, 0, Role.DIM)
    for entry in report.targets:
        if entry.target.guest is not None and entry.target.network is None:
            asked = f"virsh domifaddr {shown(entry.target.guest)} --source agent (or arp)"
            told = f"no lease list of libvirt's has it: {asked}"
            lines += labelled(f"address of {entry.target.id}", told, style, 0)
    for result in report.checks:
        if result.outcome in {"fine", "not-applicable"}:
            label = f"{result.outcome}: {result.meta.name}"
            whom = f" ({', '.join(result.targets)})" if len(report.targets) > 1 else ""
            lines += labelled(label, f"{result.why}{whom}", style, 0)
    return lines
