"""A check's docstring as a text under headings: the same for `explain`, --json and the pages under docs/causes.

The docstring is a title, then six headings at the margin with their text indented by four. Within a text: blank lines
part paragraphs, `- ` starts an item, and lines indented by four more are code, kept as they are.
"""

import re
import textwrap
from typing import Literal, NamedTuple

from pxedoctor.report.catalogue import Cause
from pxedoctor.report.style import EMPTY, Line, Role, Style, draw, line, paragraph

HEADINGS = ("What it does", "Why the guest fails", "What you see", "Fix", "Fix safety", "References")


class Block(NamedTuple):
    kind: Literal["paragraph", "item", "code"]
    text: str


class Section(NamedTuple):
    heading: str
    blocks: tuple[Block, ...]


class Explanation(NamedTuple):
    title: str
    sections: tuple[Section, ...]


def explanation(check: Cause) -> Explanation:
    """Raises ValueError where the docstring has not the six headings in order, each with a text under it."""
    title, _, body = _clean(check.__doc__ or "").partition("\n\n")
    texts: dict[str, list[str]] = {}
    heading = ""
    for text in body.splitlines():
        if text and not text.startswith(" "):
            heading = text
            texts[heading] = []
        elif heading:
            texts[heading].append(text.removeprefix("    "))
    if tuple(texts) != HEADINGS:
        raise ValueError(f"{check.META.name}: headings are {', '.join(texts) or 'none'}; not {', '.join(HEADINGS)}")
    sections = tuple(Section(heading, _blocks(lines)) for heading, lines in texts.items())
    if empty := [section.heading for section in sections if not section.blocks]:
        raise ValueError(f"{check.META.name}: no text under {', '.join(empty)}")
    return Explanation(" ".join(title.split()), sections)


def _clean(doc: str) -> str:
    """As inspect.cleandoc, which brings 10 ms of imports with it."""
    first, _, rest = doc.partition("\n")
    return f"{first.lstrip()}\n{textwrap.dedent(rest)}".strip("\n")


def _blocks(lines: list[str]) -> tuple[Block, ...]:
    blocks: list[Block] = []
    fresh = True
    for text in lines:
        if not text.strip():
            fresh = True
        elif text.startswith("    "):
            blocks.append(Block("code", text.removeprefix("    ").rstrip()))
            fresh = True
        elif text.startswith("- ") or fresh:
            kind: Literal["item", "paragraph"] = "item" if text.startswith("- ") else "paragraph"
            blocks.append(Block(kind, text.removeprefix("- ").strip()))
            fresh = False
        else:
            blocks[-1] = Block(blocks[-1].kind, f"{blocks[-1].text} {text.strip()}")
    return tuple(blocks)


def render_explanation(check: Cause, style: Style) -> str:
    told = explanation(check)
    meta = check.META
    lines: list[Line] = [
        line(f"{meta.name} ({meta.code})", Role.STRONG),
        *paragraph(told.title, style, 0),
        line(f"stage: {meta.stage}; repair: {meta.fix}", Role.DIM),
    ]
    for section in told.sections:
        lines += [EMPTY, *_section_lines(section, style)]
    return draw(lines, style)


def section_lines(check: Cause, heading: str, style: Style) -> list[Line]:
    """One of the HEADINGS with its text."""
    found = next(section for section in explanation(check).sections if section.heading == heading)
    return _section_lines(found, style)


def _section_lines(section: Section, style: Style) -> list[Line]:
    lines: list[Line] = [line(section.heading, Role.STRONG)]
    for number, block in enumerate(section.blocks):
        before = section.blocks[number - 1].kind if number else None
        if before is not None and (before, block.kind) not in {("item", "item"), ("code", "code")}:
            lines.append(EMPTY)
        lines += _block_lines(block, style)
    return lines


def _block_lines(block: Block, style: Style) -> list[Line]:
    match block.kind:
        case "code":
            return [line(block.text, Role.COMMAND, 6)]
        case "item":
            return paragraph(f"- {block.text}", style, 2, hang=2)
        case "paragraph":
            return paragraph(block.text, style, 2)


def markdown(check: Cause) -> str:
    """The page of one cause."""
    told = explanation(check)
    meta = check.META
    parts = [
        f"# {meta.name} ({meta.code})",
        _plain(told.title),
        f"Stage: {meta.stage}. Repair: {meta.fix}.",
    ]
    for section in told.sections:
        parts += [f"## {section.heading}", *_markdown_blocks(section.blocks)]
    return "\n\n".join(parts) + "\n"


def _markdown_blocks(blocks: tuple[Block, ...]) -> list[str]:
    parts: list[str] = []
    before = None
    for block in blocks:
        text = f"    {block.text}" if block.kind == "code" else _plain(block.text)
        text = f"- {text}" if block.kind == "item" else text
        if before == block.kind and block.kind != "paragraph":
            parts[-1] = f"{parts[-1]}\n{text}"
        else:
            parts.append(text)
        before = block.kind
    return parts


def _plain(text: str) -> str:
    """Markdown that shows the text as it stands: no HTML and no emphasis outside of `code`."""
    pieces = re.split(r"(`[^`]*`)", text)
    return "".join(piece if piece.startswith("`") else re.sub(r"([<*\[\]])", r"\\\1", piece) for piece in pieces)
