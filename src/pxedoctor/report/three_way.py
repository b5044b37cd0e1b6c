"""What `undo` met, drawn: the text before, what pxedoctor wrote, and what is there now, line by line.

A letter in front of a line says in which of the three it is: `b` before, `w` written, `n` now; none, in all of them.
Lines of files are never wrapped. However much there is, it is bounded, and says how much was left out.
"""

from collections.abc import Sequence

from pxedoctor.plans.three_way import Merged, Passage, Standing, ThreeWay, Value, merged
from pxedoctor.report.style import EMPTY, Line, Role, Span, Style, line, paragraph
from pxedoctor.report.treatment_document import PassageDocument, ThreeWayDocument, ValueDocument

_MOST_PASSAGES, _MOST_LINES, _MOST_COLUMNS = 20, 60, 400
_INDENT = 4
_LEGEND = "b: before the repair, w: written by pxedoctor, n: there now; a line without a letter is in all three."
_WHOLE = "A file is taken back whole or not at all."
_WORDS: dict[Standing, tuple[str, Role]] = {
    "conflict": ("IN CONFLICT", Role.BAD),
    "undoable": ("could be taken back", Role.GOOD),
    "undone": ("as it was before already", Role.DIM),
}


def three_way_lines(met: Sequence[ThreeWay], style: Style) -> list[Line]:
    """() where nothing is in conflict."""
    found = [three for three in met if three.in_conflict]
    if not found:
        return []
    passages = [passage for three in found for passage in three.passages]
    values = [value for three in found for value in three.values]
    lines: list[Line] = [EMPTY, *paragraph("Somebody has changed the same since:", style, 2, Role.STRONG)]
    for passage in passages[:_MOST_PASSAGES]:
        lines += _passage_lines(passage, style)
    if len(passages) > _MOST_PASSAGES:
        lines.append(line(f"({len(passages) - _MOST_PASSAGES} more passages)", Role.DIM, _INDENT))
    for value in values:
        lines += _value_lines(value, style)
    if passages:
        lines += paragraph(_LEGEND, style, 2, Role.DIM)
    if any(passage.standing == "undoable" for passage in passages):
        lines += paragraph(_WHOLE, style, 2, Role.DIM)
    return lines


def _head(name: str, standing: Standing, style: Style) -> list[Line]:
    words, role = _WORDS[standing]
    *most, last = paragraph(f"{name}:", style, _INDENT)
    return [*most, (*last, Span(f" {words}", role))]


def _passage_lines(passage: Passage, style: Style) -> list[Line]:
    all_lines = merged(passage)
    drawn = [_merged_line(entry, passage.standing) for entry in all_lines[:_MOST_LINES]]
    if len(all_lines) > _MOST_LINES:
        drawn.append(line(f"({len(all_lines) - _MOST_LINES} more lines)", Role.DIM, _INDENT + 6))
    return [*_head(f"{passage.path}, line {passage.line}", passage.standing, style), *drawn]


def _merged_line(entry: Merged, standing: Standing) -> Line:
    marks = "".join(
        letter if there else " " for letter, there in zip("bwn", (entry.before, entry.written, entry.now), strict=True)
    )
    everywhere = marks == "bwn"
    role = Role.DIM
    if standing == "conflict" and not everywhere:
        role = Role.DOUBTFUL if entry.now else Role.GOOD if entry.written else Role.BAD
    end = "" if entry.text.endswith("\n") else "  (no newline at the end)"
    text = _short(entry.text.removesuffix("\n")) + end
    return (Span(" " * (_INDENT + 2)), Span(f"{'   ' if everywhere else marks}  {text}", role))


def _value_lines(value: Value, style: Style) -> list[Line]:
    columns = (("before", value.before), ("written", value.written), ("now", value.now))
    words = "   ".join(f"{label} {_short(text)}" for label, text in columns)
    role = Role.DOUBTFUL if value.standing == "conflict" else Role.DIM
    return [*_head(value.name, value.standing, style), *paragraph(words, style, _INDENT + 2, role)]


def three_way_document(three: ThreeWay) -> ThreeWayDocument:
    return ThreeWayDocument(
        passages=[_passage_document(passage) for passage in three.passages[:_MOST_PASSAGES]],
        values=[
            ValueDocument(
                name=value.name,
                standing=value.standing,
                before=_plain(_short(value.before)),
                written=_plain(_short(value.written)),
                now=_plain(_short(value.now)),
            )
            for value in three.values
        ],
        left_out=max(0, len(three.passages) - _MOST_PASSAGES),
        unreadable=_plain(three.unreadable),
    )


def _passage_document(passage: Passage) -> PassageDocument:
    before, written, now = (_text(lines) for lines in (passage.before, passage.written, passage.now))
    longest = max(len(passage.before), len(passage.written), len(passage.now))
    return PassageDocument(
        path=passage.path,
        line=passage.line,
        standing=passage.standing,
        before=before,
        written=written,
        now=now,
        left_out=max(0, longest - _MOST_LINES),
    )


def _text(lines: Sequence[str]) -> str:
    ends = ("\n" if text.endswith("\n") else "" for text in lines)
    cut = [_short(text.removesuffix("\n")) + end for text, end in zip(lines, ends, strict=True)]
    return _plain("".join(cut[:_MOST_LINES]))


def _short(text: str) -> str:
    more = len(text) - _MOST_COLUMNS
    return text if more <= 0 else f"{text[:_MOST_COLUMNS]} ({more} more characters)"


def _plain(text: str) -> str:
    """Bytes that are no UTF-8 as their escapes: JSON has no other word for them."""
    return text.encode("utf-8", "backslashreplace").decode()
