"""Evidence for a person: the sentence on the left, where it was read and what stood there on the right."""

from pxedoctor.findings.outcome import Evidence
from pxedoctor.report.harmless import shown
from pxedoctor.report.style import Line, Role, Span, Style, columns, line, wrap

_INDENT = 4
_GAP = 2
# Below this many columns for both halves, the origin goes under its sentence.
_NARROW = 60
_LEAST = 26
# A value may be a whole rule or a log line; --verbose shows all of it.
_LONGEST_VALUE = 120


def evidence_lines(evidence: tuple[Evidence, ...], style: Style) -> list[Line]:
    room = style.width - _INDENT - _GAP
    texts = [shown(entry.text) for entry in evidence]
    raw = [_raw(entry, style) for entry in evidence]
    left = max(map(columns, texts))
    if left + max(map(columns, raw)) <= room:
        return [_beside(text, value, left) for text, value in zip(texts, raw, strict=True)]
    if style.verbose or room < _NARROW:
        return [drawn for text, value in zip(texts, raw, strict=True) for drawn in _below(text, value, style)]
    return min((_split(evidence, style, room - right, right) for right in _splits(room)), key=len)


def _splits(room: int) -> range:
    """Widths of the right half to try, the widest first: the more of a path is seen the better."""
    return range(room - _LEAST, _LEAST - 1, -1)


def _split(evidence: tuple[Evidence, ...], style: Style, left: int, right: int) -> list[Line]:
    texts = [shown(entry.text) for entry in evidence]
    short = [_shortened(entry, style, right) for entry in evidence]
    left = min(left, max(map(columns, texts)))
    return [drawn for text, value in zip(texts, short, strict=True) for drawn in _wrapped(text, value, left, right)]


def _raw(entry: Evidence, style: Style) -> str:
    value = shown(entry.value)
    if len(value) > _LONGEST_VALUE and not style.verbose:
        value = value[:_LONGEST_VALUE] + " ..."
    return f"{shown(entry.origin)} = {value}" if value else shown(entry.origin)


def _shortened(entry: Evidence, style: Style, width: int) -> str:
    """A path that does not fit loses folders from its left, as far as needed; its end tells most."""
    raw = _raw(entry, style)
    path = shown(entry.origin)
    if columns(raw) <= width or not path.startswith("/") or " " in path:
        return raw
    rest = raw[len(path) :]
    room = max(width - columns(rest), width // 2)
    parts = path.split("/")[1:]
    while len(parts) > 1 and columns("/".join(parts)) + 4 > room:
        parts = parts[1:]
    return f".../{'/'.join(parts)}{rest}"


def _beside(text: str, raw: str, left: int) -> Line:
    pad = " " * (left - columns(text) + _GAP)
    return (Span(" " * _INDENT), Span(text), Span(pad), Span(raw, Role.DIM))


def _wrapped(text: str, raw: str, left: int, right: int) -> list[Line]:
    texts, raws = wrap(text, left), wrap(raw, right)
    if max(map(columns, texts)) > left:
        return [*(line(part, indent=_INDENT) for part in texts), *(line(part, Role.DIM, _INDENT + 2) for part in raws)]
    height = max(len(texts), len(raws))
    texts += [""] * (height - len(texts))
    raws += [""] * (height - len(raws))
    return [_beside(a, b, left) for a, b in zip(texts, raws, strict=True)]


def _below(text: str, raw: str, style: Style) -> list[Line]:
    return [
        *(line(part, indent=_INDENT) for part in wrap(text, style.width - _INDENT)),
        *(line(part, Role.DIM, _INDENT + 2) for part in wrap(raw, style.width - _INDENT - 2)),
    ]
