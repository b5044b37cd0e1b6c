"""Files of shell variables (ifcfg, netifrc): one assignment a line; a change keeps its quotes and its comment."""

import re

import msgspec

from pxedoctor.plans.owners.lines import inserted, replaced, split

_ASSIGNMENT = (
    r"""(?P<key>[ \t]*(?:export[ \t]+)?[A-Za-z_]\w{0,80}=)(?:"(?P<double>[^"\\$`\n]*)"|'(?P<single>[^'\n]*)'"""
    r"""|(?P<bare>[^\s"'\\$`#;|&<>()]*))(?P<rest>[ \t]*(?:[ \t]\#.*)?)"""
)


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """`index` counts lines from 0; `value` without its quotes."""

    index: int
    key: str
    value: str


def assignments(text: str) -> tuple[Assignment, ...]:
    """Those that are one plain word or one quoted text; anything cleverer is passed over, see `is_clever`."""
    found = ((index, re.fullmatch(_ASSIGNMENT, line.rstrip("\r\n"))) for index, line in enumerate(split(text)))
    return tuple(Assignment(index=i, key=_key(match), value=_value(match)) for i, match in found if match)


def _key(match: re.Match[str]) -> str:
    return match["key"].split()[-1][:-1]


def _value(match: re.Match[str]) -> str:
    return next(value for name in ("double", "single", "bare") if (value := match[name]) is not None)


def value(text: str, key: str) -> str | None:
    """The last assignment, which is the one that counts."""
    found = [entry.value for entry in assignments(text) if entry.key == key]
    return found[-1] if found else None


def is_clever(text: str, key: str) -> bool:
    """Whether the key is set in a way that is not understood: computed, continued, or behind a test."""
    named = [i for i, line in enumerate(split(text)) if re.search(rf"(?<![\w#]){re.escape(key)}=", line.split("#")[0])]
    return any(index not in {entry.index for entry in assignments(text)} for index in named)


def with_value(text: str, key: str, wanted: str, after: str) -> str | None:
    """The text with the key set where it was set, else on a line of its own behind the key `after`; in its quotes."""
    if is_clever(text, key):
        return None
    found = {entry.key: entry.index for entry in assignments(text)}
    place = found.get(key, found.get(after))
    if place is None:
        return None
    line = split(text)[place].rstrip("\r\n")
    match = re.fullmatch(_ASSIGNMENT, line)
    if match is None:
        return None
    mark = next((mark for name, mark in (("double", '"'), ("single", "'")) if match[name] is not None), "")
    if key in found:
        return replaced(text, place, f"{match['key']}{mark}{wanted}{mark}{match['rest']}")
    return inserted(text, place, f"{key}={mark}{wanted}{mark}")
