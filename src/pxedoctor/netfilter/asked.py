"""Which properties of a packet rules speak of, so that many can look for theirs without reading each rule again."""

from collections.abc import Iterable, Iterator

from pxedoctor.netfilter.condition import Name, Number, Part
from pxedoctor.netfilter.field import Field

Asked = frozenset[tuple[Field, Part]]


def asked_by(parts: Iterable[object]) -> Asked:
    """Of the parts of rules: each name and each range that one asks for, or for anything but."""
    return frozenset(_pairs(parts))


def _pairs(parts: Iterable[object]) -> Iterator[tuple[Field, Part]]:
    for part in parts:
        if isinstance(part, Name):
            yield from ((part.field, name) for name in part.names)
        elif isinstance(part, Number):
            yield from ((part.field, span) for span in part.ranges)
