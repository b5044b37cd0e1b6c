"""What a rule surely demands, from the first words of its text, without reading it.

Of 10,000 rules a packet meets few. Reading one costs 60 microseconds, these words 2: they tell of most rules that this
packet cannot meet them. They are the plainest of conditions, each with one exact value, and nothing may stand before
them but each other. What is told here the rule itself says too, once it is read.
"""

import re
import struct
from collections.abc import Callable, Iterator, Sequence

from pxedoctor.netfilter.condition import Part
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.index import Demand, Index, ValueOf, looked_up
from pxedoctor.netfilter.seen import Absent, Range

# One condition; the last group that matched tells which: 2 a device, 7 an address, 10 a port.
_ONE = re.compile(
    r'([io]ifname) "([\w.:@-]+)" '
    r"|ip ([sd]addr) (\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3}) "
    r"|(tcp|udp) ([sd]port) (\d{1,5}) ",
    re.ASCII,
)
_DEVICE, _ADDRESS = 2, 7
_NAMES = {"iifname": Field.IN_NAME, "oifname": Field.OUT_NAME}
_FIELDS = {
    "saddr": Field.SOURCE4,
    "daddr": Field.DESTINATION4,
    "sport": Field.SOURCE_PORT,
    "dport": Field.DESTINATION_PORT,
}
_PROTOCOLS: dict[str, Demand] = {"tcp": (Field.PROTOCOL, ((6, 6),)), "udp": (Field.PROTOCOL, ((17, 17),))}
_MOST_PORT, _MOST_OCTET = 0xFFFF, 0xFF
# So many rules are not worth to be filed but by their first words.
_BY_FIRST = 256
# As nft writes it, so that one value is one text.
_OCTET = r"(?:0|[1-9]\d{0,2})"
_PORT = r"(?:0|[1-9]\d{0,4})"
# A line's first condition, its words and its value, where that is exact; else empty.
_FIRST = re.compile(
    rf'^(?:(?=[io]ifname "[\w.:@-]+" |ip [sd]addr {_OCTET}(?:\.{_OCTET}){{3}} |(?:tcp|udp) [sd]port {_PORT} )'
    r'((?:\w+ )?\w+) "?([^" ]+))?',
    re.ASCII | re.MULTILINE,
)


def _addresses(values: Sequence[str]) -> Sequence[int]:
    """All of a chain by one conversion: one for each takes three times as long."""
    return struct.unpack(f"!{len(values)}I", bytes(map(int, ".".join(values).split("."))))


def _ports(values: Sequence[str]) -> Sequence[int]:
    ports = [int(value) for value in values]
    if max(ports) > _MOST_PORT:
        raise ValueError(f"{max(ports)} is no port")
    return ports


# Of a first condition's words: the property, and what reads its values; ValueError where one of them cannot be.
_FIRST_FIELDS: dict[str, tuple[Field | None, Callable[[Sequence[str]], Sequence[int | str]]]] = {
    "": (None, list),
    **{word: (field, list) for word, field in _NAMES.items()},
    **{f"ip {word}": (_FIELDS[word], _addresses) for word in ("saddr", "daddr")},
    **{f"{protocol} {word}": (_FIELDS[word], _ports) for protocol in _PROTOCOLS for word in ("sport", "dport")},
}


def demands_in(text: str) -> Iterator[Demand]:
    """One after the other, as they are asked for; none more where words tell nothing, or hold what cannot be."""
    one = _ONE.match(text)
    while one is not None:
        if one.lastindex == _DEVICE:
            yield _NAMES[one[1]], ((one[2], False),)
        elif one.lastindex == _ADDRESS:
            first, second, third, fourth = int(one[4]), int(one[5]), int(one[6]), int(one[7])
            if max(first, second, third, fourth) > _MOST_OCTET:
                return
            value = first << 24 | second << 16 | third << 8 | fourth
            yield _FIELDS[one[3]], ((value, value),)
        else:
            value = int(one[10])
            if value > _MOST_PORT:
                return
            yield _FIELDS[one[9]], ((value, value),)
            yield _PROTOCOLS[one[8]]
        one = _ONE.match(text, one.end())


def by_first_words(texts: Sequence[str]) -> "Index | ByFirstWords":
    """Finds among rules, by their texts, those that a packet may meet."""
    if len(texts) <= _BY_FIRST:
        return ByFirstWords(texts)
    return Index(len(texts), lambda number: demands_in(texts[number]))


class ByFirstWords:
    """An index of a few hundred rules, which an exchange's dozen packets meet: filed by their first condition's text.

    To learn which of a rule's demands tells it from others would cost more than it saves. The others are asked for only
    of rules that a packet may meet.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        filed: dict[str, dict[str, list[int]]] = {}
        for number, (words, value) in enumerate(_FIRST.findall("\n".join(texts)) if texts else ()):
            filed.setdefault(words, {}).setdefault(value, []).append(number)
        self._filed = [_by_value(words, values) for words, values in filed.items()]

    def possible(self, value_of: ValueOf) -> list[int]:
        """As of an Index, without those that any other demand of theirs rules out."""
        found: list[int] = []
        for of, filed in self._filed:
            value = None if of is None else value_of(of)
            if not isinstance(value, Absent):
                for exact in looked_up(value, -1 if isinstance(value, str) else 0, filed):
                    found += filed.get(exact, ())
        return [number for number in sorted(found) if self._may_be(number, value_of)]

    def _may_be(self, number: int, value_of: ValueOf) -> bool:
        return all(_touches(value_of(of), parts) for of, parts in demands_in(self._texts[number]))


def _by_value(words: str, values: dict[str, list[int]]) -> tuple[Field | None, dict[int | str, list[int]]]:
    """Where one value cannot be, all these rules are looked at for every packet."""
    of, read = _FIRST_FIELDS[words]
    try:
        return of, dict(zip(read(list(values)), values.values(), strict=True))
    except ValueError:
        return None, dict(values.items())


def _touches(value: Range | str | Absent | None, parts: Sequence[Part]) -> bool:
    if value is None:
        return True
    if isinstance(value, Absent):
        return False
    if isinstance(value, str):
        return any(value.startswith(str(name)) if prefix else value == name for name, prefix in parts)
    low, high = value
    return any(not isinstance(first, str) and first <= high and low <= last for first, last in parts)
