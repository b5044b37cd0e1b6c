"""The marks of all pictures: each has a shape, a word and a colour, so that none of the three is needed alone."""

from enum import StrEnum

from pxedoctor.report.drawing.element import Element, element
from pxedoctor.road.hop import Fate
from pxedoctor.verdict.report import Verdict


class Mark(StrEnum):
    """The value is the class in the page's style."""

    GOOD = "good"
    BAD = "bad"
    DOUBT = "doubt"
    NONE = "none"


WORDS = {Mark.GOOD: "passes", Mark.BAD: "dies here", Mark.DOUBT: "nobody can tell", Mark.NONE: ""}
SIGNS = {Mark.GOOD: "✓", Mark.BAD: "✕", Mark.DOUBT: "?", Mark.NONE: ""}

_OF_FATE = {Fate.PASS: Mark.GOOD, Fate.DROP: Mark.BAD, Fate.UNKNOWN: Mark.DOUBT}
_OF_VERDICT = {Verdict.HEALTHY: Mark.GOOD, Verdict.BROKEN: Mark.BAD, Verdict.UNKNOWN: Mark.DOUBT}


def of_fate(fate: Fate) -> Mark:
    return _OF_FATE[fate]


def of_verdict(verdict: Verdict) -> Mark:
    return _OF_VERDICT[verdict]


def sign(mark: Mark, x: float, y: float, size: float = 9) -> Element:
    """A cross in an octagon, a tick in a circle, a question mark in a diamond: told apart without their colours."""
    match mark:
        case Mark.BAD:
            arm = size * 0.45
            strokes = f"M{x - arm:.1f} {y - arm:.1f}L{x + arm:.1f} {y + arm:.1f}"
            strokes += f"M{x + arm:.1f} {y - arm:.1f}L{x - arm:.1f} {y + arm:.1f}"
            inner = element("path", class_="sign", d=strokes)
            outer = element("polygon", points=_octagon(x, y, size))
        case Mark.GOOD:
            tick = (
                f"M{x - size * 0.45:.1f} {y:.1f}l{size * 0.3:.1f} {size * 0.35:.1f}l{size * 0.55:.1f} -{size * 0.7:.1f}"
            )
            inner = element("path", class_="sign", d=tick)
            outer = element("circle", cx=x, cy=y, r=size)
        case _:
            inner = element("text", "?", class_="sign", x=x, y=y + size * 0.45, text_anchor="middle")
            points = f"{x:.1f},{y - size * 1.2:.1f} {x + size * 1.2:.1f},{y:.1f} {x:.1f},{y + size * 1.2:.1f}"
            outer = element("polygon", points=f"{points} {x - size * 1.2:.1f},{y:.1f}")
    return element("g", outer, inner, class_=f"mark {mark}")


def _octagon(x: float, y: float, size: float) -> str:
    near = size * 0.42
    quarter = ((near, -size), (size, -near), (size, near), (near, size))
    corners = [*quarter, *((-dx, -dy) for dx, dy in quarter)]
    return " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in corners)
