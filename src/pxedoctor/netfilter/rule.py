"""One rule's words to matches and a target.

1. A quoted word keeps its spaces; `\\x` in quotes is x (libxtables, xtables_save_string).
2. An option that is known, with a value that is understood, becomes its match.
3. Anything else becomes `Unmodelled` with the words as they stand. No word is passed over.
"""

from collections.abc import Callable

import msgspec

from pxedoctor.netfilter.match import (
    Address,
    AddressType,
    Device,
    LinkType,
    Match,
    Ports,
    Protocol,
    States,
    Unmodelled,
    number_of,
)
from pxedoctor.netfilter.tree import Target

_ALL_ONES = 0xFFFFFFFF


class Word(msgspec.Struct, frozen=True):
    """`quoted` words are values even where they look like options."""

    text: str
    quoted: bool = False


def words_of(text: str) -> tuple[Word, ...]:
    """ValueError where a quote is not closed."""
    found: list[Word] = []
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
        elif text[position] == '"':
            value, position = _quoted(text, position + 1)
            found.append(Word(value, quoted=True))
        else:
            end = position
            while end < len(text) and not text[end].isspace():
                end += 1
            found.append(Word(text[position:end]))
            position = end
    return tuple(found)


def _quoted(text: str, position: int) -> tuple[str, int]:
    letters: list[str] = []
    while position < len(text) and text[position] != '"':
        if text[position] == "\\":
            position += 1
        letters.append(text[position : position + 1])
        position += 1
    if position >= len(text):
        raise ValueError("a quote is not closed")
    return "".join(letters), position + 1


def _device_in(value: str, negated: bool) -> Match:
    return Device("in", value, negated)


def _device_out(value: str, negated: bool) -> Match:
    return Device("out", value, negated)


def _source(value: str, negated: bool) -> Match:
    return Address("source", *_network(value), negated)


def _destination(value: str, negated: bool) -> Match:
    return Address("destination", *_network(value), negated)


def _network(value: str) -> tuple[int, int]:
    address, _, mask = value.partition("/")
    if not mask:
        return number_of(address), _ALL_ONES
    if mask.isascii() and mask.isdecimal() and int(mask) <= 32:
        return number_of(address), _ALL_ONES << 32 - int(mask) & _ALL_ONES
    return number_of(address), number_of(mask)


def _source_ports(value: str, negated: bool) -> Match:
    return Ports("source", _ranges(value), negated)


def _destination_ports(value: str, negated: bool) -> Match:
    return Ports("destination", _ranges(value), negated)


def _either_port(value: str, negated: bool) -> Match:
    return Ports("either", _ranges(value), negated)


def _ranges(value: str) -> tuple[tuple[int, int], ...]:
    return tuple(_range(part) for part in value.split(","))


def _range(part: str) -> tuple[int, int]:
    first, colon, last = part.partition(":")
    low = int(first or 0)
    high = int(last or 65535) if colon else low
    if not 0 <= low <= high <= 65535:
        raise ValueError(f"not a range of ports: {part}")
    return low, high


def _states(value: str, negated: bool) -> Match:
    return States(frozenset(value.split(",")), negated)


def _source_type(value: str, negated: bool) -> Match:
    return AddressType("source", frozenset(value.split(",")), negated)


def _destination_type(value: str, negated: bool) -> Match:
    return AddressType("destination", frozenset(value.split(",")), negated)


_BASE: dict[str, Callable[[str, bool], Match]] = {
    "-i": _device_in,
    "-o": _device_out,
    "-s": _source,
    "-d": _destination,
    "-p": Protocol,
}
_PORT: dict[str, Callable[[str, bool], Match]] = {"--sport": _source_ports, "--dport": _destination_ports}
_MODULES: dict[str, dict[str, Callable[[str, bool], Match]]] = {
    "udp": _PORT,
    "tcp": _PORT,
    "multiport": {
        "--sports": _source_ports,
        "--dports": _destination_ports,
        "--ports": _either_port,
    },
    "conntrack": {"--ctstate": _states},
    "state": {"--state": _states},
    "addrtype": {"--src-type": _source_type, "--dst-type": _destination_type},
    "pkttype": {"--pkt-type": LinkType},
    "comment": {},
}
# What begins a new part of a rule; a module's own options never look like this.
_STARTS = frozenset({*_BASE, "-f", "-m", "-j", "-g"})


class Reader:
    """Walks the words of one rule once, from left to right."""

    def __init__(self, words: tuple[Word, ...]) -> None:
        self._words = words
        self._position = 0
        self.matches: list[Match] = []
        self.target: Target | None = None

    def read(self) -> None:
        module = ""
        while self._position < len(self._words):
            if self._is("-j") or self._is("-g"):
                self._target()
                return
            if self._is("-m"):
                module = self._text(1)
                self._position += 2
                if module not in _MODULES:
                    self.matches.append(Unmodelled(f"-m {module}{self._rest_of_module()}"))
            elif module == "comment" and self._is("--comment"):
                self._position += 2
            else:
                self._option(_BASE | _MODULES.get(module, {}))

    def _is(self, text: str, ahead: int = 0) -> bool:
        index = self._position + ahead
        return index < len(self._words) and self._words[index] == Word(text)

    def _text(self, ahead: int) -> str:
        index = self._position + ahead
        return self._words[index].text if index < len(self._words) else ""

    def _option(self, known: dict[str, Callable[[str, bool], Match]]) -> None:
        negated = self._is("!")
        name, value = self._text(int(negated)), self._text(int(negated) + 1)
        if name not in known or not value:
            self._position += 1 + int(negated)
            self.matches.append(Unmodelled(("! " if negated else "") + name + self._rest_of_module()))
            return
        self._position += 2 + int(negated)
        try:
            self.matches.append(known[name](value, negated))
        except ValueError:
            self.matches.append(Unmodelled(f"{'! ' if negated else ''}{name} {value}"))

    def _rest_of_module(self) -> str:
        """The words up to the next part of the rule."""
        begin = self._position
        while self._position < len(self._words) and not self._at_start_of_part():
            self._position += 1
        return "".join(f" {word.text}" for word in self._words[begin : self._position])

    def _at_start_of_part(self) -> bool:
        word = self._words[self._position + int(self._is("!"))] if self._has(int(self._is("!"))) else Word("")
        return not word.quoted and word.text in _STARTS

    def _has(self, ahead: int) -> bool:
        return self._position + ahead < len(self._words)

    def _target(self) -> None:
        goto = self._is("-g")
        options = " ".join(word.text for word in self._words[self._position + 2 :])
        self.target = Target(self._text(1), options, goto)
        self._position = len(self._words)
