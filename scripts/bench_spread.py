"""A distribution drawn as SVG: for each kind every single round as a dot, on a logarithmic axis of milliseconds."""

import math
from pathlib import Path
from typing import NamedTuple

_WIDTH, _LEFT, _RIGHT, _TOP, _ROW, _BOTTOM = 760, 290, 20, 40, 34, 40
_MARKS = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


class Row(NamedTuple):
    """Milliseconds of each round."""

    name: str
    milliseconds: list[float]


def drawn(title: str, rows: list[Row], goals: tuple[float, ...]) -> str:
    """`goals`: milliseconds at which a line is drawn through all rows."""
    height = _TOP + _ROW * len(rows) + _BOTTOM
    marks = "".join(_mark(value, height, "#ddd") + _label(value, height) for value in _MARKS)
    lines = "".join(_mark(value, height, "#b3261e") for value in goals)
    body = "".join(_row(row, _TOP + _ROW * number + _ROW / 2) for number, row in enumerate(rows))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif"'
    paper = '<rect width="100%" height="100%" fill="#fff"/>'
    name = f'<text x="10" y="22" font-size="14">{title}</text>'
    return f'{head} font-size="12"><title>{title}</title>{paper}{name}{marks}{lines}{body}</svg>\n'


def _at(milliseconds: float) -> float:
    low, high = math.log(_MARKS[0]), math.log(_MARKS[-1])
    part = (math.log(min(max(milliseconds, _MARKS[0]), _MARKS[-1])) - low) / (high - low)
    return _LEFT + part * (_WIDTH - _LEFT - _RIGHT)


def _mark(value: float, height: int, colour: str) -> str:
    x = _at(value)
    return f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{height - _BOTTOM}" stroke="{colour}"/>'


def _label(value: float, height: int) -> str:
    return f'<text x="{_at(value):.1f}" y="{height - _BOTTOM + 18}" text-anchor="middle">{value:g} ms</text>'


def _row(row: Row, y: float) -> str:
    dots = "".join(
        f'<circle cx="{_at(value):.1f}" cy="{y + (number % 5 - 2) * 3:.1f}" r="2.5" fill="#1e5fb3" fill-opacity="0.5"/>'
        for number, value in enumerate(row.milliseconds)
    )
    middle = sorted(row.milliseconds)[len(row.milliseconds) // 2]
    x = _at(middle)
    median = f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y - 11:.1f}" y2="{y + 11:.1f}" stroke="#000" stroke-width="2"/>'
    return f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{row.name}</text>{dots}{median}'


def write(path: Path, title: str, rows: list[Row], goals: tuple[float, ...]) -> None:
    path.write_text(drawn(title, rows, goals), encoding="utf-8")
