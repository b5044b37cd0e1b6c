"""A ladder as SVG, for a wide page and for a phone: time runs down, each packet is an arrow between its lanes.

The words of each row stand above its arrow, so that they are read at any width; the whole of them is in its title.
"""

from pxedoctor.report.drawing.element import Element, element
from pxedoctor.report.drawing.fitting import cut
from pxedoctor.report.drawing.ladder import Arrow, Ladder, Note, Row, shortened
from pxedoctor.report.drawing.mark import SIGNS, Mark, sign

WIDE, NARROW = 920.0, 344.0
_LINE = 18
_ROW = 40
_GAP = 20
_LONG_PAUSE = 1.0
_TIME = 70.0
_TOP = 34.0


def ladder_svg(ladder: Ladder, width: float, name: str) -> Element:
    """`name` makes this drawing's ids differ from those of the page's others."""
    rows, left_out = shortened(ladder)
    places = _places(rows)
    end = (places[-1] + _ROW / 2 if places else _TOP) + (_LINE if left_out else 0)
    xs = _lanes(ladder, width)
    drawn = [_row(row, xs, y, width) for row, y in zip(rows, places, strict=True)]
    rest = f"and {left_out} more" if left_out else ""
    return element(
        "svg",
        element("title", f"Ladder of {ladder.title}", id=f"{name}-title"),
        element("desc", "Each row is told in words in the list below the drawing.", id=f"{name}-desc"),
        *_bands(ladder, rows, places, xs, end),
        *_lane_lines(ladder, xs, end, width),
        *_pauses(rows, places),
        *drawn,
        element("text", rest, class_="note", x=_TIME, y=end) if rest else None,
        viewBox=f"0 0 {width:g} {end + 8:g}",
        width=width,
        height=end + 8,
        class_="drawing",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
    )


def _lanes(ladder: Ladder, width: float) -> tuple[float, ...]:
    first = _TIME + (40 if width == WIDE else 16)
    last = width - (90 if width == WIDE else 34)
    step = (last - first) / max(len(ladder.lanes) - 1, 1)
    return tuple(first + step * at for at in range(len(ladder.lanes)))


def _places(rows: tuple[Row, ...]) -> list[float]:
    """The y of each row's arrow; a long pause before a row takes a little more room."""
    places: list[float] = []
    y = _TOP
    for at, row in enumerate(rows):
        pause = row.at - rows[at - 1].at if at else 0.0
        y += _ROW + (_GAP if pause >= _LONG_PAUSE else 0)
        places.append(y)
    return places


def _pauses(rows: tuple[Row, ...], places: list[float]) -> list[Element]:
    return [
        element("text", f"⋮ {row.at - rows[at].at:.1f} s", class_="note", x=4, y=places[at + 1] - _ROW + 4)
        for at, row in enumerate(rows[1:])
        if row.at - rows[at].at >= _LONG_PAUSE
    ]


def _lane_lines(ladder: Ladder, xs: tuple[float, ...], end: float, width: float) -> list[Element]:
    """Names stand in two heights by turns, so that neighbours have room."""
    drawn: list[Element] = []
    step = xs[1] - xs[0] if len(xs) > 1 else width
    for at, (name, x) in enumerate(zip(ladder.lanes, xs, strict=True)):
        y = 12 if at % 2 else 28
        room = 2 * step - 8
        anchor = "start" if at == 0 else "end" if at == len(xs) - 1 else "middle"
        left = _TIME if at == 0 and width != WIDE else x
        left = width - 2 if anchor == "end" and width != WIDE else left
        anchor = "middle" if width == WIDE else anchor
        drawn += [
            element("line", class_="lane", x1=x, y1=_TOP, x2=x, y2=end),
            element("text", cut(name, room), element("title", name), class_="name", x=left, y=y, text_anchor=anchor),
        ]
    return drawn


def _bands(
    ladder: Ladder, rows: tuple[Row, ...], places: list[float], xs: tuple[float, ...], end: float
) -> list[Element]:
    drawn: list[Element] = []
    for band in ladder.bands:
        top, bottom = _y_at(band.at, rows, places, end), _y_at(band.until, rows, places, end)
        if bottom > top:
            words = element("title", f"{band.state} from {band.at:.2f} s to {band.until:.2f} s")
            x = xs[band.lane] - 9
            drawn.append(element("rect", words, class_=f"band {band.state}", x=x, y=top, width=18, height=bottom - top))
    return drawn


def _y_at(at: float, rows: tuple[Row, ...], places: list[float], end: float) -> float:
    """Where this time is on the drawing: just above the first row that is not before it."""
    return next((y - _ROW / 2 for row, y in zip(rows, places, strict=True) if row.at >= at), end)


def _row(row: Row, xs: tuple[float, ...], y: float, width: float) -> Element:
    words = row.words
    mark = f"{SIGNS[row.mark]} " if row.mark is not Mark.NONE else ""
    texts = (
        element("title", f"{row.at:.2f} s: {words}"),
        element("text", f"{row.at:.2f} s", class_="time", x=_TIME - 10, y=y + 4, text_anchor="end"),
        element("text", cut(f"{mark}{words}", width - _TIME - 4), class_=f"label {row.mark}", x=_TIME, y=y - 9),
    )
    drawn = _arrow(row, xs, y) if isinstance(row, Arrow) else _note(row, xs, y)
    return element("g", *texts, *drawn)


def _note(note: Note, xs: tuple[float, ...], y: float) -> list[Element]:
    return [element("circle", class_=f"dot {note.mark}", cx=xs[note.lane], cy=y, r=5)]


def _arrow(arrow: Arrow, xs: tuple[float, ...], y: float) -> list[Element]:
    start, end = xs[arrow.start], xs[arrow.end]
    right = end >= start
    tip = end - 2 if right else end + 2
    line = element("line", class_=f"arrow {arrow.mark}", x1=start, y1=y, x2=tip, y2=y)
    if arrow.mark is Mark.GOOD:
        back = -9 if right else 9
        return [
            line,
            element(
                "polygon",
                class_="tip good",
                points=f"{tip:.1f},{y:.1f} {tip + back:.1f},{y - 5:.1f} {tip + back:.1f},{y + 5:.1f}",
            ),
        ]
    return [line, sign(arrow.mark, end, y, 9)]
