"""Judges all rules of a table, whether iptables-nft can have written them, each shape of rule once."""

from collections.abc import Iterator

from pxedoctor.access.netlink_attribute import spans
from pxedoctor.access.nft_expression import foreign

# So many shapes of one length are remembered.
_MOST_SHAPES = 32

_Span = tuple[int, int]


class Judge:
    """Of one table's rules. Thousands of rules have a few shapes, and differ in bytes that decide nothing here:
    counters, what fields are compared with, what is handed to xtables' extensions. Each shape is looked at once.
    """

    def __init__(self, family: str) -> None:
        self._family = family
        self._known: dict[int, list[tuple[int, int]]] = {}

    def foreign(self, expressions: bytes) -> str:
        number = int.from_bytes(expressions, "big")
        shapes = self._known.setdefault(len(expressions), [])
        for mask, shape in shapes:
            if number & mask == shape:
                return ""
        why = foreign(self._family, expressions)
        if not why and len(shapes) < _MOST_SHAPES:
            mask = int.from_bytes(_deciding(expressions), "big")
            shapes.append((mask, number & mask))
        return why


def _deciding(expressions: bytes) -> bytes:
    """A mask: 0xff for each byte that the judgement hangs on."""
    mask = bytearray(b"\xff" * len(expressions))
    for _, start, end in spans(expressions, 0, len(expressions)):
        inside = {kind: (first, last) for kind, first, last in spans(expressions, start, end)}
        name = expressions[slice(*inside[1])].rstrip(b"\0")
        for first, last in _indifferent(expressions, name, inside.get(2, (end, end))):
            mask[first:last] = bytes(last - first)
    return bytes(mask)


def _indifferent(expressions: bytes, name: bytes, data: _Span) -> Iterator[_Span]:
    if name in {b"counter", b"match", b"target"}:
        yield data
        return
    for kind, first, last in spans(expressions, *data):
        if name == b"cmp" and kind == 3:
            # Of one byte: the protocol.
            yield from ((at, to) for _, at, to in spans(expressions, first, last) if to - at > 1)
        if name == b"immediate" and kind == 2:
            for _, at, to in spans(expressions, first, last):
                # The verdict's code is 1, the name of the chain it leads to 2.
                yield from ((begin, stop) for inner, begin, stop in spans(expressions, at, to) if inner == 2)
