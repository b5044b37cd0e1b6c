"""A topology as SVG, for a wide page and for a phone: plugs on the left, the bridge as a bar, what lies behind right.

An edge before the place where packets die is drawn through, one behind it dashed. Each drawing names itself for a
screen reader, and the page tells the same in words beside it.
"""

import msgspec

from pxedoctor.report.drawing.element import Element, element
from pxedoctor.report.drawing.fitting import cut
from pxedoctor.report.drawing.mark import SIGNS, Mark, sign
from pxedoctor.report.drawing.topology import Box, Break, Island, Plug, Topology

_LINE = 18
_PAD = 10
# More plugs than this are drawn in one line each.
_SPACIOUS = 8
_LONGEST_ROW = 60
# A sign with its number, px wide; no more of them side by side than this.
_BADGE = 24
_MOST_BADGES = 3


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """Columns in px: plugs end at `plug`, the bridge's bar is from `bar` to `bar_end`, boxes from `box` to `width`."""

    width: float
    plug: float
    bar: float
    bar_end: float
    box: float


WIDE = Layout(width=920, plug=300, bar=440, bar_end=500, box=580)
NARROW = Layout(width=360, plug=158, bar=184, bar_end=196, box=216)


def topology_svg(picture: Topology, layout: Layout, name: str) -> tuple[Element, ...]:
    """One drawing for each island. `name` makes the ids of the page's other drawings and these differ."""
    breaks = {entry.number: entry for entry in picture.breaks}
    return tuple(_island_svg(island, breaks, layout, f"{name}-{at}") for at, island in enumerate(picture.islands))


def _island_svg(island: Island, breaks: dict[int, Break], layout: Layout, name: str) -> Element:
    top = _LINE * (1 + len(_heading(island, layout)))
    rows, left_end = _plugs(island, breaks, layout, top)
    boxes, right_end = _boxes(island, breaks, layout, top)
    end = max(left_end, right_end, top + 60)
    said = _said(island)
    return element(
        "svg",
        element("title", f"What is plugged into {island.bridge or 'no bridge'}", id=f"{name}-title"),
        element("desc", said, id=f"{name}-desc"),
        *_bar(island, breaks, layout, top, end),
        *rows,
        *boxes,
        viewBox=f"0 0 {layout.width:g} {end + _PAD:g}",
        width=layout.width,
        height=end + _PAD,
        class_="drawing",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
    )


def _said(island: Island) -> str:
    bad = [plug.name for plug in island.plugs if plug.mark is Mark.BAD]
    count = len(island.plugs)
    words = f"{count} plugged in here" + (f", {island.others} more beside them" if island.others else "")
    broken = f"; broken: {', '.join(bad[:10])}" if bad else "; none is broken" if count else ""
    return f"{words}{broken}. Behind the bridge: {', '.join(box.title for box in island.boxes) or 'nothing known'}."


def _heading(island: Island, layout: Layout) -> list[str]:
    words = [island.bridge or "no bridge", *island.notes]
    return [cut(word, layout.width) for word in words]


def _bar(island: Island, breaks: dict[int, Break], layout: Layout, top: float, end: float) -> list[Element]:
    middle = (layout.bar + layout.bar_end) / 2
    lines = _heading(island, layout)
    # On a narrow page the words would leave it on the left if they were centred over the bar.
    anchor, x = ("middle", middle) if layout is WIDE else ("start", 0.0)
    words = [
        element("text", word, class_="name" if at == 0 else "note", x=x, y=_LINE * (at + 0.8), text_anchor=anchor)
        for at, word in enumerate(lines)
    ]
    class_ = "bridge" if island.bridge else "bridge absent"
    bar = element("rect", class_=class_, x=layout.bar, y=top, width=layout.bar_end - layout.bar, height=end - top, rx=6)
    return [*words, bar, *_badges(island.breaks, breaks, middle - 8, top + 24)]


def _plugs(island: Island, breaks: dict[int, Break], layout: Layout, top: float) -> tuple[list[Element], float]:
    shown = island.plugs[:_LONGEST_ROW]
    wide = layout is WIDE
    lines = 1 if len(shown) > _SPACIOUS else 2 if wide else 3
    height = lines * _LINE + (4 if lines == 1 else 12)
    drawn: list[Element] = []
    y = top
    for plug in shown:
        drawn.append(_plug(plug, breaks, layout, y, lines))
        y += height + (2 if lines == 1 else 10)
    left = len(island.plugs) - len(shown)
    rest = [*([f"and {left} more"] if left else []), *([f"{island.others} other ports"] if island.others else [])]
    for words in rest:
        drawn.append(element("text", words, class_="note", x=_PAD, y=y + _LINE))
        y += _LINE + 4
    return drawn, y


def _plug(plug: Plug, breaks: dict[int, Break], layout: Layout, y: float, lines: int) -> Element:
    height = lines * _LINE + (4 if lines == 1 else 12)
    room = layout.plug - 34
    state = f"{plug.tap} {plug.state}".strip()
    words = [plug.name, plug.mac, state] if lines == 3 else [plug.name, plug.mac] if lines == 2 else [plug.name]
    texts = [
        element("text", cut(word, room), class_="name" if at == 0 else "note", x=30, y=y + _LINE * (at + 0.85) + 2)
        for at, word in enumerate(words)
    ]
    if lines == 1 and layout is WIDE:
        x = layout.plug - 12 - _badges_room(plug.breaks)
        texts.append(element("text", plug.mac, class_="note", x=x, y=y + _LINE - 1, text_anchor="end"))
    middle = y + height / 2
    stopped = bool(plug.breaks)
    edge = element(
        "line", class_="edge lost" if stopped else "edge", x1=layout.plug, y1=middle, x2=layout.bar, y2=middle
    )
    port = [] if layout is not WIDE else [_edge_words(plug, layout, middle)]
    return element(
        "g",
        element("title", f"{plug.name} {plug.mac}, {state}"),
        element("rect", class_=f"box {plug.mark}", x=0.5, y=y, width=layout.plug - 1, height=height, rx=5),
        sign(plug.mark, 16, middle, 8),
        *texts,
        edge,
        *port,
        *_port_sign(plug, breaks, layout, middle),
        *_badges(plug.breaks, breaks, layout.plug - 12, middle),
    )


def _edge_words(plug: Plug, layout: Layout, y: float) -> Element:
    room = layout.bar - layout.plug - 16 - _badges_room(plug.port_breaks)
    words = f"{plug.tap} {plug.state}".strip()
    return element("text", cut(words, room), class_="note", x=layout.plug + 6, y=y - 5)


def _port_sign(plug: Plug, breaks: dict[int, Break], layout: Layout, y: float) -> list[Element]:
    if plug.port_breaks:
        return _badges(plug.port_breaks, breaks, layout.bar - 4, y)
    if not plug.state:
        return []
    return [element("circle", class_=f"port {plug.state}", cx=layout.bar, cy=y, r=5)]


def _boxes(island: Island, breaks: dict[int, Break], layout: Layout, top: float) -> tuple[list[Element], float]:
    drawn: list[Element] = []
    y = top
    before = 0.0
    blocked = not island.reached
    for box in island.boxes:
        lines = [box.title, *(note for note in box.notes if note)]
        height = len(lines) * _LINE + 12
        middle = y + height / 2
        if box.kind == "server" and before:
            blocked = blocked or bool(island.boxes[0].breaks)
            x = layout.box + 24
            edge = element("line", class_=_edge(blocked), x1=x, y1=before, x2=x, y2=y)
        else:
            past = not island.reached
            edge = element("line", class_=_edge(past), x1=layout.bar_end, y1=middle, x2=layout.box, y2=middle)
        drawn += [edge, _box(box, breaks, layout, y, lines)]
        before = y + height
        y += height + 22
    return drawn, y - 22 if island.boxes else top


def _edge(lost: bool) -> str:
    return "edge lost" if lost else "edge"


def _box(box: Box, breaks: dict[int, Break], layout: Layout, y: float, lines: list[str]) -> Element:
    height = len(lines) * _LINE + 12
    width = layout.width - layout.box
    marks = [breaks[number].mark for number in box.breaks]
    mark = Mark.BAD if Mark.BAD in marks else Mark.DOUBT if marks else Mark.NONE
    texts = [
        element(
            "text",
            cut(word, width - 22),
            class_="name" if at == 0 else "note",
            x=layout.box + 12,
            y=y + _LINE * (at + 0.85) + 4,
        )
        for at, word in enumerate(lines)
    ]
    return element(
        "g",
        element("title", ", ".join(lines)),
        element("rect", class_=f"box {mark} {box.kind}", x=layout.box, y=y, width=width - 1, height=height, rx=5),
        *texts,
        *_badges(box.breaks, breaks, layout.box, y + height / 2),
    )


def _badges_room(numbers: tuple[int, ...]) -> float:
    """How far badges reach to the left of where they are drawn."""
    return _BADGE * min(len(numbers), _MOST_BADGES)


def _badges(numbers: tuple[int, ...], breaks: dict[int, Break], x: float, y: float) -> list[Element]:
    """The sign of each break with its number beside it."""
    drawn: list[Element] = []
    for at, number in enumerate(numbers[:_MOST_BADGES]):
        mark = breaks[number].mark
        left = x - _BADGE * at
        drawn += [
            sign(mark, left, y, 10),
            element("text", f"{number}", class_=f"number {mark}", x=left - 12, y=y - 5, text_anchor="end"),
        ]
    return drawn


def legend(picture: Topology) -> tuple[tuple[int, Mark, str, str], ...]:
    """Number, mark, place and words of each break, for the words beside the drawing."""
    return tuple(
        (entry.number, entry.mark, entry.hop, f"{SIGNS[entry.mark]} {entry.words}") for entry in picture.breaks
    )
