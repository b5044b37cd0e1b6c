"""The keeper's events: one line for a person, one document for a program."""

from pxedoctor.report.document import SCHEMA_VERSION
from pxedoctor.report.event_document import AskerDocument, EventDocument, HeardDocument, StandingDocument, WhoDocument
from pxedoctor.report.harmless import command_line
from pxedoctor.report.style import Line, Role, Span, Style, draw
from pxedoctor.verdict.happened import Asker, EventWord, Happened, Heard, Standing, Who
from pxedoctor.verdict.recurring import Recurring

_ROLES: dict[EventWord, Role] = {
    EventWord.APPEARED: Role.BAD,
    EventWord.CLEARED: Role.GOOD,
    EventWord.REPAIRED: Role.GOOD,
    EventWord.FIGHT: Role.BAD,
    EventWord.EVENTS_LOST: Role.DOUBTFUL,
    EventWord.DIPPED: Role.DOUBTFUL,
    EventWord.CHANGED: Role.DOUBTFUL,
    EventWord.LISTENING: Role.DIM,
    EventWord.STANDS: Role.BAD,
    EventWord.CLOCK_JUMPED: Role.DOUBTFUL,
    EventWord.PROVISIONAL: Role.DOUBTFUL,
    EventWord.UNSAID: Role.DOUBTFUL,
}
_WORDS: dict[EventWord, str] = {
    EventWord.APPEARED: "BROKEN",
    EventWord.CLEARED: "well again",
    EventWord.REPAIRED: "repair",
    EventWord.FIGHT: "FIGHT",
    EventWord.EVENTS_LOST: "events lost",
    EventWord.DIPPED: "a short dip",
    EventWord.CHANGED: "changed",
    EventWord.LISTENING: "listening",
    EventWord.STANDS: "STILL BROKEN",
    EventWord.CLOCK_JUMPED: "the clock jumped",
    EventWord.PROVISIONAL: "broken for now",
    EventWord.UNSAID: "not printed",
}
_PASSING = (EventWord.DIPPED, EventWord.PROVISIONAL)

# It is broken at this moment.
_STANDING = frozenset({EventWord.APPEARED, EventWord.STANDS})


def event_document(event: Happened) -> EventDocument:
    return EventDocument(
        schema_version=SCHEMA_VERSION,
        time=event.time,
        event=event.event,
        finding=_standing(event.finding) if event.finding else None,
        who=_who(event.who) if event.who else None,
        what=event.what,
        others=list(event.others),
        seconds=event.seconds,
        instead=list(event.instead),
        lasted=event.lasted,
        outcome=event.outcome,
        sources=[_heard(source) for source in event.sources],
    )


def render_event(event: Happened, style: Style) -> str:
    """Two to four lines."""
    return draw(_lines(event), style)


def render_events(events: tuple[Happened, ...], style: Style) -> str:
    """Oldest first; a sentence where there are none."""
    if not events:
        return "The keeper has told of nothing on this host yet (pxedoctor watch)."
    return "\n".join(render_event(event, style) for event in events)


def render_recurring(found: tuple[Recurring, ...], style: Style) -> str:
    """One hint a unit; "" where there is none."""
    lines: list[Line] = []
    for one in found:
        told = f"{one.unit} has taken away {one.times} times what libvirt writes when it starts, last at {one.last}."
        command = command_line(("pxedoctor", "restart-after", one.unit))
        lines += [(Span(told),), (Span("  have libvirt restarted after it: "), Span(command, Role.COMMAND))]
    return draw(lines, style)


def _lines(event: Happened) -> list[Line]:
    standing = event.finding
    risk = event.event in _STANDING and standing is not None and standing.severity == "risk"
    word = "a risk" if risk else _WORDS[event.event]
    role = Role.DOUBTFUL if risk else _ROLES[event.event]
    cause = f"  {standing.name} ({standing.id})" if standing else ""
    lasted = f"  after {_duration(event.lasted)}" if event.lasted else ""
    lines: list[Line] = [(Span(f"{event.time}  "), Span(word, role), Span(cause, Role.STRONG), Span(lasted, Role.DIM))]
    if standing and event.event in {*_STANDING, EventWord.CHANGED, *_PASSING}:
        lines.append((Span("  "), Span(standing.headline)))
    if event.event not in {EventWord.APPEARED, EventWord.CLEARED, *_PASSING} or event.who is None:
        lines.append((Span("  "), Span(event.what)))
    lines += [
        (Span(f"  not heard: {source.name}: {source.why}; {source.would_help}", Role.DOUBTFUL),)
        for source in event.sources
        if source.why
    ]
    lines += [(Span(f"  {way}"),) for way in event.instead]
    if event.who is not None:
        also = f" (also: {', '.join(event.others)})" if event.others else ""
        lines.append(
            (Span("  by "), Span(event.who.words(), Role.STRONG), Span(f", {event.who.pids()}{also}", Role.DIM))
        )
    return lines


def _duration(seconds: float) -> str:
    """As a person says it: 0.31 s, 42 s, 3 min 5 s, 2 h 10 min, 4 d 3 h."""
    if seconds < 10:
        return f"{seconds:.2f} s"
    whole = round(seconds)
    for size, large, unit, small in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            return f"{whole // size} {large} {whole % size // unit} {small}"
    return f"{whole} s"


def _heard(source: Heard) -> HeardDocument:
    return HeardDocument(name=source.name, heard=not source.why, why=source.why, would_help=source.would_help)


def _standing(standing: Standing) -> StandingDocument:
    return StandingDocument(
        id=standing.id,
        name=standing.name,
        severity=standing.severity,
        certainty=standing.certainty,
        headline=standing.headline,
        targets=list(standing.targets),
    )


def _who(who: Who) -> WhoDocument:
    return WhoDocument(
        pid=who.pid,
        name=who.name,
        command=who.command,
        ancestors=list(who.ancestors),
        unit=who.unit,
        uid=who.uid,
        caller=who.caller,
        session=who.session,
        session_user=who.session_user,
        words=who.words(),
        asked_by=_asker(who.asked) if who.asked is not None else None,
    )


def _asker(asker: Asker) -> AskerDocument:
    return AskerDocument(
        pid=asker.pid,
        program=asker.program,
        caller=asker.caller,
        unit=asker.unit,
        session=asker.session,
        session_user=asker.session_user,
        words=asker.words(),
    )
