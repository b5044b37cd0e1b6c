"""Elements of SVG and HTML as values that cannot hold markup: every text and attribute is escaped when it is written.

Texts come from hosts, guests and networks. They are made harmless to look at (`harmless.shown`) and then escaped, so
that a hostile name ends as visible characters and never as an element, an attribute or a control byte.
"""

import html
import re

import msgspec

from pxedoctor.report.harmless import shown

_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9:-]*")


class Element(msgspec.Struct, frozen=True):
    """One element with its attributes and children. Jinja's autoescape takes it as it is (`__html__`)."""

    tag: str
    attributes: tuple[tuple[str, str], ...] = ()
    children: tuple["Element | str", ...] = ()

    def __post_init__(self) -> None:
        for name in (self.tag, *(name for name, _ in self.attributes)):
            if not _NAME.fullmatch(name):
                raise ValueError(f"not the name of an element or attribute: {name!r}")

    def __html__(self) -> str:
        return self.text()

    def text(self) -> str:
        """The markup, without a line break of its own."""
        head = "".join(f' {name}="{escaped(value)}"' for name, value in self.attributes)
        inner = "".join(child.text() if isinstance(child, Element) else escaped(child) for child in self.children)
        return f"<{self.tag}{head}>{inner}</{self.tag}>" if inner else f"<{self.tag}{head}/>"


def escaped(text: str) -> str:
    return html.escape(shown(text), quote=True)


def element(tag: str, *children: Element | str | None, **attributes: str | float) -> Element:
    """`class_` is the attribute class, `text_anchor` text-anchor; numbers have one decimal at most; a None is left out.

    A name that needs its own capitals (viewBox) is written so.
    """
    pairs = tuple((name.rstrip("_").replace("_", "-"), _value(value)) for name, value in attributes.items())
    return Element(tag, pairs, tuple(child for child in children if child is not None))


def _value(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
