"""Judges all rules of a table, whether iptables-nft can have written them, each shape of rule once."""

from collections.abc import Iterator

from pxedoctor.access.netlink_attribute import attribute, spans
from pxedoctor.access.nft_expression import foreign

# So many shapes of one length are remembered.
_MOST_SHAPES = 32

# struct nfgenmsg, before the attributes; NFTA_RULE_EXPRESSIONS.
HEAD = 4
_EXPRESSIONS = 4

_Span = tuple[int, int]


class Judge:
    """Of one table's rules. Thousands of rules have a few shapes, and differ in bytes that decide nothing here:
    counters, what fields are compared with, what is handed to xtables' extensions. Each shape is looked at once.
    """

    def __init__(self, family: str) -> None:
        self._family = family
        self._known: dict[int, list[tuple[int, int]]] = {}

    def foreign(self, message: bytes) -> str:
        """`message`: its attributes begin at HEAD."""
        number = int.from_bytes(message, "big")
        shapes = self._known.setdefault(len(message), [])
        for mask, shape in shapes:
            if number & mask == shape:
                return ""
        why = foreign(self._family, attribute(message, _EXPRESSIONS, HEAD))
        if not why and len(shapes) < _MOST_SHAPES:
            mask = int.from_bytes(_deciding(message), "big")
            shapes.append((mask, number & mask))
        return why


def _deciding(message: bytes) -> bytes:
    """A mask: 0xff for each byte that the judgement hangs on: heads of attributes, and what expressions do."""
    mask = bytearray(b"\0" * HEAD + b"\xff" * (len(message) - HEAD))
    for kind, start, end in spans(message, HEAD, len(message)):
        if kind != _EXPRESSIONS:
            mask[start:end] = bytes(end - start)
            continue
        for _, first, last in spans(message, start, end):
            for at, to in _indifferent(message, first, last):
                mask[at:to] = bytes(to - at)
    return bytes(mask)


def _indifferent(message: bytes, start: int, end: int) -> Iterator[_Span]:
    """Of one expression."""
    inside = {kind: (first, last) for kind, first, last in spans(message, start, end)}
    name = message[slice(*inside[1])].rstrip(b"\0")
    data = inside.get(2, (end, end))
    if name in {b"counter", b"match", b"target"}:
        yield data
        return
    for kind, first, last in spans(message, *data):
        if name == b"cmp" and kind == 3:
            # Of one byte: the protocol.
            yield from ((at, to) for _, at, to in spans(message, first, last) if to - at > 1)
        if name == b"immediate" and kind == 2:
            for _, at, to in spans(message, first, last):
                # The verdict's code is 1, the name of the chain it leads to 2.
                yield from ((begin, stop) for inner, begin, stop in spans(message, at, to) if inner == 2)
