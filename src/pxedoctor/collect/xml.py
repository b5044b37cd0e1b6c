"""Reads XML that a stranger may have written: no entities, no DTD, bounded size, namespaces set aside."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError, fromstring

# libxml2, with which libvirt reads its definitions, takes no text above 10 MB either (XML_MAX_TEXT_LENGTH).
_MOST_CHARACTERS = 10_000_000


class XmlError(ValueError):
    """The text is not XML that pxedoctor would read; the message says why."""


def root_of(text: str) -> Element | None:
    """As `tree_of`; None for anything that is not plain XML."""
    try:
        return tree_of(text)
    except XmlError:
        return None


def tree_of(text: str) -> Element:
    """The root element with every tag's namespace taken off; XmlError for anything that is not plain XML."""
    if len(text) > _MOST_CHARACTERS:
        raise XmlError(f"{len(text)} characters are more than any definition has")
    try:
        root = _safely_parsed(text) if "<!DOCTYPE" in text else fromstring(text)
    except (ParseError, ValueError, RecursionError) as error:
        raise XmlError(f"not well-formed XML: {error}") from error
    for element in root.iter() if "xmlns" in text else ():
        if isinstance(element.tag, str):
            element.tag = element.tag.rpartition("}")[2]
    return root


def _safely_parsed(text: str) -> Element:
    """By defusedxml, in Python. Entities are declared in a document type alone: what names none cannot harm in C."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring as defused

    try:
        root: Element = defused(text, forbid_dtd=True)
    except DefusedXmlException as error:
        raise XmlError("it declares a document type or entities, which no definition needs") from error
    return root


def attribute(element: Element | None, path: str, name: str) -> str:
    """The attribute of the first element at `path` ("." is the element itself), or ""."""
    found = _first(element, path)
    return found.get(name, "") if found is not None else ""


def text_at(element: Element | None, path: str) -> str:
    found = _first(element, path)
    return ((found.text if found is not None else None) or "").strip()


def children(element: Element | None, path: str) -> Iterator[Element]:
    if element is None:
        return iter(())
    step, _, rest = path.partition("/")
    found = element.iterfind(step) if step == "*" else iter(element.findall(step))
    return (child for parent in found for child in children(parent, rest)) if rest else found


def _first(element: Element | None, path: str) -> Element | None:
    """As Element.find, which walks a path of several steps in Python, and one of a single step in C."""
    if element is None or "/" not in path:
        return None if element is None else element.find(path)
    return next(children(element, path), None)
