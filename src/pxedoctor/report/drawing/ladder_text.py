"""A ladder in box characters, for a terminal: time runs down, each packet is one line, its words beside it.

         probe as ipxe     its port          br0               192.168.122.1
 3.00 s  ├─────────────────✕                 │                 │  DISCOVER 1: lost, for the port is listening
30.21 s  ├─────────────────┼─────────────────┼────────────────►│  DISCOVER 1
30.22 s  │◄────────────────┼─────────────────┼─────────────────┤  offer 192.168.122.57
"""

import msgspec

from pxedoctor.report.drawing.ladder import Arrow, Ladder, Row, shortened
from pxedoctor.report.drawing.mark import Mark
from pxedoctor.report.style import Line, Role, Span, Style, columns, line, wrap

_INDENT = 2
_TIME = 11
_LEAST, _MOST = 6, 18
# Beside the lanes there is room for words only if so much is left; else they stand under their line.
_WORDS = 24
_ROLES = {Mark.GOOD: Role.PLAIN, Mark.BAD: Role.BAD, Mark.DOUBT: Role.DOUBTFUL, Mark.NONE: Role.DIM}


class Signs(msgspec.Struct, frozen=True, kw_only=True):
    """The characters of a drawing. `states`: behind the lane of a port, by its state."""

    lane: str
    across: str
    start: str
    back: str
    right: str
    left: str
    lost: str
    doubt: str
    dash: str
    states: tuple[tuple[str, str], ...]


BOX = Signs(
    lane="│",
    across="┼",
    start="├",
    back="┤",
    right="►",
    left="◄",
    lost="✕",
    doubt="?",
    dash="─",
    states=(("listening", "░"), ("learning", "▒"), ("blocking", "█"), ("disabled", "█")),
)
ASCII = Signs(
    lane="|",
    across="+",
    start="+",
    back="+",
    right=">",
    left="<",
    lost="x",
    doubt="?",
    dash="-",
    states=(("listening", ":"), ("learning", ";"), ("blocking", "#"), ("disabled", "#")),
)


def ladder_lines(ladder: Ladder, style: Style, signs: Signs = BOX) -> list[Line]:
    """`signs`: ASCII where the terminal's encoding has no box characters."""
    rows, left_out = shortened(ladder)
    step = _step(ladder, style)
    lines = [_heads(ladder, step)]
    for row in rows:
        lines += _row_lines(row, ladder, step, style, signs)
    if left_out:
        lines.append(line(f"and {left_out} more", Role.DIM, _INDENT + _TIME))
    told = [f"{sign} {state}" for state, sign in signs.states if any(band.state == state for band in ladder.bands)]
    return [*lines, *([line(f"port: {', '.join(told)}", Role.DIM, _INDENT + _TIME)] if told else [])]


def _step(ladder: Ladder, style: Style) -> int:
    """From lane to lane: as wide as the names, as far as the terminal has room."""
    longest = max(columns(name) for name in ladder.lanes) + 2
    room = (style.width - _INDENT - _TIME - _WORDS) // max(len(ladder.lanes), 1)
    return max(min(longest, _MOST, room), _LEAST)


def _heads(ladder: Ladder, step: int) -> Line:
    names = [name if columns(name) < step else f"{name[: step - 2]}…" for name in ladder.lanes]
    head = "".join(name + " " * (step - columns(name)) for name in names)
    return (Span(" " * (_INDENT + _TIME)), Span(head.rstrip(), Role.STRONG))


def _row_lines(row: Row, ladder: Ladder, step: int, style: Style, signs: Signs) -> list[Line]:
    lanes = _lanes(row, ladder, step, signs)
    head = Span(f"{row.at:>{_INDENT + _TIME - 4}.2f} s  ")
    used = columns(head.text) + columns(lanes) + 2
    role = _ROLES[row.mark]
    if style.width - used < _WORDS:
        words = wrap(row.words, max(style.width - _INDENT - _TIME, 20))
        return [(head, Span(lanes, role)), *(line(part, role, _INDENT + _TIME) for part in words)]
    first, *rest = wrap(row.words, style.width - used)
    return [(head, Span(lanes, role), Span("  "), Span(first, role)), *(line(part, role, used) for part in rest)]


def _lanes(row: Row, ladder: Ladder, step: int, signs: Signs) -> str:
    states = dict(signs.states)
    cells = [signs.lane] * len(ladder.lanes)
    gaps = [" " * (step - 1)] * (len(cells) - 1)
    if isinstance(row, Arrow):
        _draw_arrow(row, cells, gaps, step, signs)
    else:
        cells[row.lane] = "●" if signs is BOX else "*"
    for at, gap in enumerate(gaps):
        state = states.get(ladder.state_at(at, row.at), "")
        gaps[at] = state + gap[len(state) :] if gap.isspace() else gap
    return "".join(cell + gap for cell, gap in zip(cells, [*gaps, ""], strict=True))


def _draw_arrow(arrow: Arrow, cells: list[str], gaps: list[str], step: int, signs: Signs) -> None:
    low, high = sorted((arrow.start, arrow.end))
    for at in range(low, high):
        gaps[at] = signs.dash * (step - 1)
    for at in range(low + 1, high):
        cells[at] = signs.across
    right = arrow.end >= arrow.start
    cells[arrow.start] = signs.start if right else signs.back
    if arrow.mark in {Mark.BAD, Mark.DOUBT}:
        cells[arrow.end] = signs.lost if arrow.mark is Mark.BAD else signs.doubt
    elif high > low and right:
        gaps[high - 1] = gaps[high - 1][:-1] + signs.right
    elif high > low:
        gaps[low] = signs.left + gaps[low][1:]
