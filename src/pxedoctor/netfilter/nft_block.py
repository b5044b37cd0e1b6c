"""One table of an nft listing, block by block."""

import re

import msgspec

from pxedoctor.netfilter.nft_hint import by_first_words
from pxedoctor.netfilter.nft_priority import priority_of
from pxedoctor.netfilter.syntax import Chain, ListingError, NamedSet, RuleReader, Table

_BLOCK = re.compile(r"(\S.*?) \{( #.*)?$")
_BASE = re.compile(
    r"type (?P<kind>\S+) hook (?P<hook>\S+)( devices? =? ?(?P<devices>\{[^}]*\}|\S+))?"
    r" priority (?P<priority>[^;]+);( policy (?P<policy>accept|drop);)?( flags offload;)?$"
)
# Sets that rules write: `add @seen { ip saddr }`, in old versions `set add ip saddr @seen`.
_WRITTEN = re.compile(r"(?:add|update|delete) @([^\s{]+)|set (?:add|update) [^@]*@(\S+)")
# A rule of which nothing is printed; an empty line is none of nft's.
_NO_RULE = "\t\t"
_QUOTED = re.compile(r'"[^"]*"')


class TableBlock:
    """Reads the lines of one table; `read` says how far it came."""

    def __init__(self, family: str, name: str, origin: str, reader: RuleReader) -> None:
        self._family = family
        self._name = name
        self._origin = origin
        self._dormant = False
        self._chains: dict[str, Chain] = {}
        self._sets: dict[str, NamedSet] = {}
        self._reader = reader
        self._written: set[str] = set()

    def read(self, lines: list[str], at: int) -> int:
        """`at`: the line after the table's first, from 0. Returns the one after its last."""
        while True:
            number, line = at + 1, self._line(lines, at)
            at += 1
            if line == "}":
                return at
            if not line or line.startswith(("comment ", "#")):
                continue
            if line.startswith("flags "):
                self._dormant = self._dormant or "dormant" in line[6:].replace(",", " ").split()
                continue
            header = _BLOCK.match(line)
            if header is None:
                raise ListingError(number, f"not a block of table {self._name}: {line[:60]}")
            at = self._block(header[1].split(), number, lines, at)

    def done(self) -> Table:
        for name in self._written & self._sets.keys():
            if self._sets[name].known:
                self._sets[name] = msgspec.structs.replace(self._sets[name], known=False, why="rules write it")
        return Table(
            family=self._family,
            name=self._name,
            origin=self._origin,
            dialect="nft",
            dormant=self._dormant,
            chains=self._chains,
            sets=self._sets,
        )

    def _line(self, lines: list[str], at: int) -> str:
        if at >= len(lines):
            raise ListingError(len(lines), f"the listing ends in the middle of table {self._name}")
        return lines[at].strip()

    def _block(self, words: list[str], number: int, lines: list[str], at: int) -> int:
        match words:
            case ["chain", name]:
                return self._chain(name, number, lines, at)
            case ["set" | "map" | "meter", name]:
                return self._set(name, lines, at)
            case _:
                return self._passed_over(lines, at)

    def _chain(self, name: str, number: int, lines: list[str], at: int) -> int:
        written: list[tuple[int, str]] = []
        base: re.Match[str] | None = None
        text = lines[number - 1].strip()
        while True:
            line = self._line(lines, at)
            at += 1
            if line == "}":
                break
            if not line and lines[at - 1] != _NO_RULE:
                continue
            if line.startswith("type "):
                base = _BASE.match(line)
                if base is None:
                    raise ListingError(at, f"not the type of a chain: {line[:60]}")
                text = line
            elif line.startswith('comment "') and not written and base is None:
                continue
            else:
                rule = _as_written(lines[at - 1], line)
                first = at
                if line[-1:] == "{":
                    rule, at = self._whole(rule, lines, at)
                if " @" in rule:
                    self._note_writes(rule)
                written.append((first, rule))
        self._add(name, number, text, base, tuple(written))
        return at

    def _whole(self, rule: str, lines: list[str], at: int) -> tuple[str, int]:
        """A rule that goes on over several lines, because it holds a chain of its own."""
        depth = _depth(rule)
        while depth > 0:
            line = self._line(lines, at)
            at += 1
            rule = f"{rule} {line}"
            depth += _depth(line)
        return rule, at

    def _add(
        self, name: str, number: int, text: str, base: "re.Match[str] | None", written: tuple[tuple[int, str], ...]
    ) -> None:
        if name in self._chains:
            raise ListingError(number, f"chain {name} comes twice")
        if base is None:
            self._chains[name] = Chain(
                name=name, line=number, text=text, reader=self._reader, hint=by_first_words, written=written
            )
            return
        try:
            priority = priority_of(base["priority"], self._family)
        except ValueError as error:
            raise ListingError(number, f"no priority: {base['priority']}") from error
        self._chains[name] = Chain(
            name=name,
            line=number,
            text=text,
            reader=self._reader,
            hint=by_first_words,
            hook=base["hook"],
            priority=priority,
            policy=base["policy"] or "accept",
            kind=base["kind"],
            devices=tuple((base["devices"] or "").replace(",", " ").replace('"', " ").strip("{} ").split()),
            written=written,
        )

    def _note_writes(self, rule: str) -> None:
        for found in _WRITTEN.finditer(rule):
            self._written.add(found[1] or found[2])

    def _set(self, name: str, lines: list[str], at: int) -> int:
        from pxedoctor.netfilter.nft_set import SetBlock

        block = SetBlock(name, self._family)
        while True:
            line = self._line(lines, at)
            at += 1
            if line == "}":
                break
            if line.startswith("elements = {"):
                body = [line[len("elements = {") :]]
                while not body[-1].endswith("}") or sum(piece.count('"') for piece in body[-1:]) % 2:
                    body.append(self._line(lines, at))
                    at += 1
                block.take_elements("\n".join(body)[:-1])
            elif line:
                block.take(line)
        self._sets[name] = block.done()
        return at

    def _passed_over(self, lines: list[str], at: int) -> int:
        depth = 1
        while depth > 0:
            depth += _depth(self._line(lines, at))
            at += 1
        return at


def _as_written(line: str, stripped: str) -> str:
    """Without its indent. Spaces after tabs stay: nft prints them for a statement that it has no words for."""
    return line.strip("\t\r") if line[:1] == "\t" else stripped


def _depth(line: str) -> int:
    """How many more braces it opens than it closes."""
    if '"' in line:
        line = _QUOTED.sub("", line)
    return line.count("{") - line.count("}")
