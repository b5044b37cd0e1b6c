"""Regression cases, one a line (tests/netfilter/cases): rulesets, a packet, its way, its fate, and the rule."""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from judge.exchange import exchange
from judge.layout import Layout, Sent, Switches
from judge.ruleset import parsed
from judge.ways import Fate, Rules, Walker, fates

FOLDER = Path(__file__).parents[1] / "netfilter" / "cases"
LAYOUT = Layout("br0", {"a": "vnet0", "b": "vnet1", "c": "vnet2"})
PROGRAMS = {
    ".iptables": "iptables-nft",
    ".ip6tables": "ip6tables-nft",
    ".ebtables": "ebtables",
    ".arptables": "arptables",
    ".nft": "nft",
}
_WAY = re.compile(r"(\S+) -> (\S+?)( \(br_netfilter\))?")
_LETTERS = {"vnet0": "a", "vnet1": "b", "vnet2": "c", "host": ""}


class Case(msgspec.Struct, frozen=True):
    """`to` is a port's letter or "host"; `line` where it stands."""

    line: str
    rulesets: tuple[str, ...]
    sent: Sent
    to: str
    switches: Switches
    fate: str
    rule: str

    def __str__(self) -> str:
        return self.line

    def texts(self) -> Iterator[tuple[str, str]]:
        """(program, listing) of each ruleset."""
        for name in self.rulesets:
            yield PROGRAMS[Path(name).suffix], (FOLDER / "rules" / name).read_text(encoding="utf-8")

    def foretold(self) -> Fate:
        tables = tuple(table for program, text in self.texts() for table in parsed(program, text, ""))
        way = Walker(LAYOUT, self.sent, self.switches).way()
        return fates(Rules(tables), way, 0)[self.to]


def cases() -> tuple[Case, ...]:
    lines = [line for file in sorted(FOLDER.glob("*.txt")) for line in file.read_text(encoding="utf-8").splitlines()]
    return tuple(_case(line) for line in lines if line and not line.startswith("#"))


def _case(line: str) -> Case:
    rulesets, name, way, fate, rule = (word.strip() for word in line.split("; ", 4))
    found = _WAY.fullmatch(way)
    if found is None:
        raise ValueError(f"not a way: {way}")
    start, to = _LETTERS[found[1]], _LETTERS[found[2]] or "host"
    return Case(
        line=line,
        rulesets=tuple(rulesets.split(" + ")),
        sent=exchange(name, start, to),
        to=to,
        switches=Switches(ip=bool(found[3]), ip6=bool(found[3])),
        fate=fate,
        rule=rule,
    )


def on_court(text: str, layout: Layout) -> str:
    """A listing with the court's devices for those that the cases speak of."""
    names = {"br0": layout.bridge} | {LAYOUT.ports[letter]: port for letter, port in layout.ports.items()}
    return re.sub(rf"\b({'|'.join(names)})\b", lambda found: names[found[1]], text)
