"""The grammar of interfaces(5), which ifupdown, ifupdown2 and ifupdown-ng share: stanzas, and options in them.

A comment is a line that begins with #, and nothing else is one. A line that ends in a backslash goes on; an option that
does is marked, because what is written in it cannot be replaced in place.
"""

import re

import msgspec

from pxedoctor.model.network_files import NetworkFile
from pxedoctor.plans.owners.lines import inserted, replaced, split

# Words that begin a stanza of their own (ifupdown 0.8, ifupdown2, ifupdown-ng).
_STANZAS = frozenset(
    (
        "iface", "mapping", "auto", "rename", "source", "source-directory", "source-dir", "template", "no-auto-down",
        "no-scripts", "vlan", "interface",
    )
)  # fmt: skip
_KEY = r"bridge[-_](\w+)"


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """`index` counts lines from 0. `plain`: it stands on one line, and can be replaced there."""

    index: int
    key: str
    value: str
    plain: bool = True


class Stanza(msgspec.Struct, frozen=True, kw_only=True):
    """One `iface NAME ...`: `words` behind the name, `index` of its line, `last` of its last option's line."""

    file: NetworkFile
    index: int
    name: str
    words: tuple[str, ...]
    options: tuple[Option, ...] = ()
    last: int = 0

    def bridge_options(self, name: str) -> tuple[Option, ...]:
        """Options bridge_NAME and bridge-NAME, which are one to every reader."""
        return tuple(option for option in self.options if bridge_key(option.key) == name.replace("-", "_"))

    @property
    def is_bridge(self) -> bool:
        return bool(self.bridge_options("ports"))


def bridge_key(key: str) -> str:
    """`stp` for bridge_stp and bridge-stp; "" for what is no option of a bridge."""
    match = re.fullmatch(_KEY, key.replace("-", "_"))
    return match[1] if match else ""


def stanzas(file: NetworkFile) -> tuple[Stanza, ...]:
    """Every `iface` of one file; a line that belongs to none is passed over."""
    found: list[Stanza] = []
    is_open = False
    for index, words, plain in _logical_lines(file.text):
        first = words[0]
        if first in _STANZAS or first.startswith("allow-"):
            is_open = first == "iface" and len(words) > 1
            if is_open:
                found.append(Stanza(file=file, index=index, name=words[1], words=tuple(words[2:]), last=index))
        elif is_open:
            option = Option(index=index, key=first, value=" ".join(words[1:]), plain=plain)
            found[-1] = msgspec.structs.replace(found[-1], options=(*found[-1].options, option), last=index)
    return tuple(found)


def _logical_lines(text: str) -> list[tuple[int, list[str], bool]]:
    """Lines that say something: where each begins, its words, and whether it is one line on disk."""
    found: list[tuple[int, list[str], bool]] = []
    begun: tuple[int, str] | None = None
    for index, raw in enumerate(split(text)):
        line = raw.rstrip("\r\n")
        if begun is None and (not line.strip() or line.lstrip().startswith("#")):
            continue
        start, before = begun or (index, "")
        if line.endswith("\\"):
            begun = (start, f"{before}{line[:-1]} ")
            continue
        words = f"{before}{line}".split()
        if words:
            found.append((start, words, begun is None))
        begun = None
    return found


def with_option(stanza: Stanza, name: str, value: str) -> str | None:
    """The file's text with bridge option `name` set in the stanza; None where that cannot be done in place.

    A new option gets the indentation and the spelling (`bridge_` or `bridge-`) of the stanza's own.
    """
    present = stanza.bridge_options(name)
    if len(present) > 1 or (present and not present[0].plain):
        return None
    lines = split(stanza.file.text)
    if present:
        line = lines[present[0].index].rstrip("\r\n")
        match = re.fullmatch(r"(\s*\S+\s+)(.*?)(\s*)", line)
        if match is None:
            return None
        return replaced(stanza.file.text, present[0].index, f"{match[1]}{value}{match[3]}")
    pattern = stanza.bridge_options("ports")[0]
    if not all(option.plain for option in stanza.options):
        return None
    indent = re.match(r"\s*", lines[pattern.index])
    mark = "-" if pattern.key.startswith("bridge-") else "_"
    return inserted(stanza.file.text, stanza.last, f"{indent[0] if indent else ''}bridge{mark}{name} {value}")
