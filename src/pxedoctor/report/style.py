"""Lines made of spans, and the one place that turns them into text for a terminal or a pipe."""

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from pxedoctor.report.harmless import shown


class Role(StrEnum):
    """What a piece of text is; the value is its SGR parameter (ECMA-48 8.3.117)."""

    PLAIN = ""
    STRONG = "1"
    DIM = "2"
    BAD = "1;31"
    GOOD = "32"
    DOUBTFUL = "33"
    COMMAND = "36"


class Style(NamedTuple):
    """How to draw: `width` in columns; `colour` only where a terminal reads it."""

    width: int = 80
    colour: bool = False
    verbose: bool = False


class Span(NamedTuple):
    text: str
    role: Role = Role.PLAIN


Line = tuple[Span, ...]
# A number keeps its unit (`30 s`), and `=` its value.
_BREAK = re.compile(r"(?<![\d=]) |(?<!=) (?!s\b)")
EMPTY: Line = ()


_LONG_LABEL = 24


def line(text: str, role: Role = Role.PLAIN, indent: int = 0) -> Line:
    return (Span(" " * indent), Span(text, role)) if indent else (Span(text, role),)


def columns(text: str) -> int:
    """The columns that a printable text takes on a terminal: East Asian wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    import unicodedata

    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def wrap(text: str, width: int) -> list[str]:
    """Harmless lines of at most `width` columns, broken at spaces only: a longer word stays whole, to be pasted."""
    lines: list[str] = []
    current = ""
    for word in _BREAK.split(shown(text)):
        longer = f"{current} {word}" if current else word
        if current and columns(longer) > width:
            lines.append(current)
            current = word
        else:
            current = longer
    return [*lines, current]


def paragraph(text: str, style: Style, indent: int, role: Role = Role.PLAIN, hang: int = 0) -> list[Line]:
    """The text wrapped below itself; `hang` indents all lines but the first further."""
    first, *rest = wrap(text, max(style.width - indent - hang, 20))
    return [line(first, role, indent), *(line(more, role, indent + hang) for more in rest)]


def labelled(label: str, text: str, style: Style, indent: int, role: Role = Role.PLAIN) -> list[Line]:
    """`label: text`, the text wrapped under its own beginning, or under a long label's."""
    head = f"{shown(label)}: "
    if columns(head) > _LONG_LABEL or style.width - indent - columns(head) < _LONG_LABEL:
        return paragraph(head + text, style, indent, role, hang=4)
    first, *rest = wrap(text, max(style.width - indent - columns(head), 20))
    return [
        (Span(" " * indent + head), Span(first, role)),
        *(line(more, role, indent + columns(head)) for more in rest),
    ]


def draw(lines: Iterable[Line], style: Style) -> str:
    """The text, without a final newline and without trailing blanks. Nothing that is not printable gets past here."""
    return "\n".join("".join(_drawn(span, style) for span in _trimmed(entry)) for entry in lines)


def _trimmed(entry: Line) -> Line:
    while entry and not entry[-1].text.strip():
        entry = entry[:-1]
    return (*entry[:-1], Span(entry[-1].text.rstrip(), entry[-1].role)) if entry else entry


def _drawn(span: Span, style: Style) -> str:
    text = shown(span.text)
    if not style.colour or span.role is Role.PLAIN or not text.strip():
        return text
    return f"\x1b[{span.role.value}m{text}\x1b[0m"
