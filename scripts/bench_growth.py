"""How the whole diagnosis grows with the rules of a host: measured, and drawn as SVG."""

from pathlib import Path
from typing import NamedTuple

from bench_rules import against_save

SIZES = (5_000, 10_000, 20_000, 50_000, 100_000, 200_000)
_RULES_A_CHAIN = 100
_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 640, 320, 60, 40, 20


class Point(NamedTuple):
    rules: int
    ours: float
    save: float
    memory: float
    program: float


def grown(runs: int) -> list[Point]:
    points: list[Point] = []
    for rules in SIZES:
        pair = against_save(rules // _RULES_A_CHAIN, _RULES_A_CHAIN, runs)
        points.append(Point(rules, pair.ours, pair.theirs, pair.memory, pair.program))
    return points


def drawn(points: list[Point]) -> str:
    """Both axes linear, so that what grows with the rules is a straight line."""
    most_rules, most_seconds = max(p.rules for p in points), max(p.ours for p in points) * 1.1

    def at(rules: float, seconds: float) -> str:
        x = _LEFT + rules / most_rules * (_WIDTH - _LEFT - 20)
        y = _HEIGHT - _BOTTOM - seconds / most_seconds * (_HEIGHT - _BOTTOM - _TOP)
        return f"{x:.1f},{y:.1f}"

    def line(name: str, colour: str, seconds: list[float]) -> str:
        places = [at(point.rules, value) for point, value in zip(points, seconds, strict=True)]
        x, y = places[-1].split(",")
        dots = "".join(f'<circle cx="{p.split(",")[0]}" cy="{p.split(",")[1]}" r="3" fill="{colour}"/>' for p in places)
        label = f'<text x="{float(x) - 8:.1f}" y="{float(y) - 8:.1f}" text-anchor="end" fill="{colour}">{name}</text>'
        return f'<polyline points="{" ".join(places)}" fill="none" stroke="{colour}" stroke-width="2"/>{dots}{label}'

    ticks = "".join(
        f'<text x="{at(point.rules, 0).split(",")[0]}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">'
        f"{point.rules // 1000}k</text>"
        for point in points
        if point.rules >= most_rules / 10
    )
    steps = [most_seconds / 1.1 * part / 4 for part in range(5)]
    grid = "".join(
        f'<line x1="{_LEFT}" x2="{_WIDTH - 20}" y1="{at(0, step).split(",")[1]}" y2="{at(0, step).split(",")[1]}"'
        f' stroke="#ddd"/><text x="{_LEFT - 8}" y="{float(at(0, step).split(",")[1]) + 4:.1f}" text-anchor="end">'
        f"{step:.1f} s</text>"
        for step in steps
    )
    ours = line("pxedoctor diagnose", "#b3261e", [point.ours for point in points])
    theirs = line("iptables-nft-save", "#1e5fb3", [point.save for point in points])
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif"'
    title = "<title>Seconds to diagnose a host, by its iptables rules</title>"
    paper = '<rect width="100%" height="100%" fill="#fff"/>'
    return f'{head} font-size="12">{title}{paper}{grid}{ticks}{theirs}{ours}</svg>\n'


def write(points: list[Point], path: Path) -> None:
    path.write_text(drawn(points), encoding="utf-8")
