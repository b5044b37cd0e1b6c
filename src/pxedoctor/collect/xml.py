"""Reads XML that a stranger may have written: no entities, no DTD, namespaces set aside."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring


def root_of(text: str) -> Element | None:
    """The root element with every tag's namespace taken off; None for anything that is not plain XML."""
    try:
        root: Element = fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, RecursionError):
        return None
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = element.tag.rpartition("}")[2]
    return root


def attribute(element: Element | None, path: str, name: str) -> str:
    """The attribute of the first element at `path` ("." is the element itself), or ""."""
    found = element.find(path) if element is not None else None
    return found.get(name, "") if found is not None else ""


def text_at(element: Element | None, path: str) -> str:
    found = element.findtext(path) if element is not None else None
    return (found or "").strip()


def children(element: Element | None, path: str) -> Iterator[Element]:
    return iter(element.findall(path)) if element is not None else iter(())
