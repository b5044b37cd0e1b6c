"""A saying explained: what it means, the likely causes in order, and the command that tells them apart."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pxedoctor.report.catalogue import Cause
from pxedoctor.report.explanation import explanation
from pxedoctor.report.style import EMPTY, Line, Role, Span, Style, draw, labelled, line, paragraph
from pxedoctor.report.words.saying import Saying

if TYPE_CHECKING:
    from pxedoctor.report.words.document import SayingsDocument


def render_sayings(said: Sequence[Saying], checks: Sequence[Cause], style: Style) -> str:
    """Several: firmwares mean different things by the same code."""
    lines: list[Line] = []
    for saying in said:
        lines += [*([EMPTY] if lines else []), *_saying_lines(saying, checks, style)]
    return draw(lines, style)


def _saying_lines(saying: Saying, checks: Sequence[Cause], style: Style) -> list[Line]:
    lines = [*paragraph(f"{saying.speaker} says: {saying.meaning}", style, 0, Role.STRONG, hang=2)]
    causes = likely(saying, checks)
    if causes:
        lines += [EMPTY, line("likely causes, the likeliest first", Role.DIM, 2)]
    for number, check in enumerate(causes, 1):
        head = f"{number:>2}  {check.META.name} ({check.META.code})"
        lines += [line(head, indent=2), *paragraph(explanation(check).title, style, 6, Role.DIM)]
    if saying.advice:
        lines += [EMPTY, *labelled("then", saying.advice, style, 2)]
    if saying.decide:
        lines += [EMPTY, (Span("  what decides: "), Span(saying.decide, Role.COMMAND))]
    return [*lines, *labelled("source", saying.source, style, 2, Role.DIM)]


def likely(saying: Saying, checks: Sequence[Cause]) -> tuple[Cause, ...]:
    """In the saying's own order."""
    named = {check.META.name: check for check in checks}
    return tuple(named[name] for name in saying.causes)


def sayings_document(words: str, said: Sequence[Saying], checks: Sequence[Cause]) -> "SayingsDocument":
    from pxedoctor.report.document import SCHEMA_VERSION
    from pxedoctor.report.words.document import LikelyDocument, SayingDocument, SayingsDocument

    return SayingsDocument(
        schema_version=SCHEMA_VERSION,
        words=words,
        sayings=[
            SayingDocument(
                speaker=saying.speaker,
                meaning=saying.meaning,
                causes=[
                    LikelyDocument(code=c.META.code, name=c.META.name, title=explanation(c).title)
                    for c in likely(saying, checks)
                ],
                decide=saying.decide,
                advice=saying.advice,
                source=saying.source,
            )
            for saying in said
        ],
    )
