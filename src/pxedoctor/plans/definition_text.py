"""Edits the text of a libvirt definition: one element's attributes, everything else to the letter as it was written.

A plan is shown with what this makes of the text, and what this makes of it is what libvirtd is given.
"""

import re
from typing import TYPE_CHECKING
from xml.parsers import expat

import msgspec

from pxedoctor.plans.request import EditDefinition

if TYPE_CHECKING:
    from lxml.etree import _Element

Attributes = tuple[tuple[str, str | None], ...]
# XML 1.0, 4.6. (xml.sax.saxutils, which does this too, imports an HTTP client.)
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "'": "&apos;", '"': "&quot;"}
# A start tag of a text that is well-formed XML: what ends it stands in no quotes.
_TAG = rb"""<[^\s/>'"]+(?:'[^']*'|"[^"]*"|[^'">])*>"""
_ATTRIBUTE = rb"""\s+([^\s=/>]+)\s*=\s*('[^']*'|"[^"]*")"""


class DefinitionError(Exception):
    """The text cannot be edited; the message says why."""


class _Span(msgspec.Struct, frozen=True):
    """Where an element stands, in bytes: its start tag's begin and end, and its own end."""

    start: int
    inside: int
    end: int


def edited(text: str, edit: EditDefinition) -> str:
    """The text with the edit made. DefinitionError where it is no XML, or has not exactly one place for it."""
    parent, child = _place(text, edit)
    whole = text.encode()
    spans = _spans(whole, parent)
    if child is None:
        return _with_child(whole, parent, spans, edit).decode()
    span = spans[child]
    tag = _changed(whole[span.start : span.inside], edit.attributes)
    if not re.search(_ATTRIBUTE, tag) and (edit.inside or len(child) == 0):
        return (_without_blanks(whole[: span.start]) + whole[span.end :]).decode()
    return (whole[: span.start] + tag + whole[span.inside :]).decode()


def values(text: str, edit: EditDefinition) -> tuple[str | None, ...]:
    """What the text has of the attributes that are edited, in their order. DefinitionError as of `edited`."""
    _, child = _place(text, edit)
    return tuple(None if child is None else child.get(name) for name, _ in edit.attributes)


def _place(text: str, edit: EditDefinition) -> "tuple[_Element, _Element | None]":
    from lxml import etree

    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, remove_blank_text=False)
    try:
        parents = etree.fromstring(text.encode(), parser).xpath(edit.select)
    except (etree.LxmlError, UnicodeError) as error:
        raise DefinitionError(f"{edit.document} {edit.name} cannot be edited: {error}") from error
    if not isinstance(parents, list) or len(parents) != 1 or not isinstance(parents[0], etree._Element):
        raise DefinitionError(f"{edit.document} {edit.name} has not exactly one {edit.select}")
    return parents[0], parents[0].find(edit.child)


def _spans(whole: bytes, of: "_Element") -> "dict[_Element, _Span]":
    """Every element's place. lxml keeps no more of it than a line; expat counts bytes, in the same order."""
    opened: list[int] = []
    ended: dict[int, int] = {}
    still: list[int] = []

    def start(_name: str, _attributes: object) -> None:
        still.append(len(opened))
        opened.append(parser.CurrentByteIndex)

    def end(_name: str) -> None:
        ended[still.pop()] = parser.CurrentByteIndex

    parser = expat.ParserCreate("utf-8")
    # With a handler for all else no entity is expanded (expat, XML_SetDefaultHandler).
    parser.DefaultHandler = lambda _text: None
    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(whole, True)
    except expat.ExpatError as error:
        raise DefinitionError(f"it cannot be edited: {error}") from error
    elements = list(of.getroottree().getroot().iter("*"))
    if len(elements) != len(opened):
        raise DefinitionError("it cannot be edited: it declares entities")
    return {element: _span(whole, opened[at], ended[at]) for at, element in enumerate(elements)}


def _span(whole: bytes, start: int, last: int) -> _Span:
    """`last`: where the end tag begins; of an element without one (`<a/>`), where it ends."""
    tag = re.compile(_TAG).match(whole, start)
    if tag is None:
        raise DefinitionError(f"it cannot be edited: there is no tag at byte {start}")
    return _Span(start, tag.end(), tag.end() if tag[0].endswith(b"/>") else whole.index(b">", last) + 1)


def _changed(tag: bytes, attributes: Attributes) -> bytes:
    for name, value in attributes:
        found = next((entry for entry in re.finditer(_ATTRIBUTE, tag) if entry[1] == name.encode()), None)
        if found is not None and value is None:
            tag = tag[: found.start()] + tag[found.end() :]
        elif found is not None and value is not None:
            quote = found[2][:1]
            tag = tag[: found.start(2)] + quote + _escaped(value) + quote + tag[found.end() :]
        elif value is not None:
            ends = [entry.end() for entry in re.finditer(rb"^<[^\s/>]+|" + _ATTRIBUTE, tag)]
            tag = tag[: ends[-1]] + _written(name, value) + tag[ends[-1] :]
    return tag


def _escaped(value: str) -> bytes:
    return "".join(_ESCAPES.get(char, char) for char in value).encode()


def _written(name: str, value: str) -> bytes:
    """In libvirt's own quotes."""
    return b" " + name.encode() + b"='" + _escaped(value) + b"'"


def _with_child(whole: bytes, parent: "_Element", spans: "dict[_Element, _Span]", edit: EditDefinition) -> bytes:
    """With the child that was not there: behind the last of its name, else as the last in its parent."""
    name = edit.child.partition("[")[0]
    wanted = b"".join(_written(key, value) for key, value in edit.attributes if value is not None)
    if not wanted:
        return whole
    begun = b"<" + name.encode() + wanted
    made = begun + (b">" + edit.inside.encode() + b"</" + name.encode() + b">" if edit.inside else b"/>")
    others = [*parent.iterchildren("*")]
    before = next((other for other in reversed(others) if other.tag == name), others[-1] if others else None)
    if before is not None:
        span = spans[before]
        blanks = whole[len(_without_blanks(whole[: span.start])) : span.start]
        return whole[: span.end] + blanks + made + whole[span.end :]
    span = spans[parent]
    if whole[: span.inside].endswith(b"/>"):
        tag = re.match(rb"<([^\s/>]+)", whole[span.start :])
        end = b"</" + tag[1] + b">" if tag else b""
        return whole[: span.inside - 2] + b">" + made + end + whole[span.inside :]
    return whole[: span.inside] + made + whole[span.inside :]


def _without_blanks(text: bytes) -> bytes:
    """Without the blanks of a line's begin, and that line's begin itself; as it is where the line has more on it."""
    head = text.rstrip(b" \t")
    return head.removesuffix(b"\n").removesuffix(b"\r") if head.endswith(b"\n") else text
