"""The grammar that NetworkManager's keyfiles and systemd's files share: [sections] of KEY=VALUE, with line numbers."""

import re

import msgspec

from pxedoctor.plans.owners.lines import inserted, replaced, split

_SECTION = r"[ \t]*\[([^\[\]]{1,200})\][ \t]*"
_ENTRY = r"[ \t]*([^=\s\[#;][^=]{0,200}?)[ \t]*=[ \t]*(.*?)[ \t]*"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """`index` counts lines from 0. `plain`: neither this line nor the one before goes on in another."""

    index: int
    section: str
    key: str
    value: str
    plain: bool = True


def entries(text: str) -> tuple[Entry, ...]:
    """Every KEY=VALUE in order; what is neither that nor a section nor a comment is passed over."""
    found: list[Entry] = []
    section, goes_on = "", False
    for index, raw in enumerate(split(text)):
        line = raw.rstrip("\r\n")
        if line.lstrip().startswith(("#", ";")):
            continue
        was_open, goes_on = goes_on, line.endswith("\\")
        if was_open:
            continue
        if match := re.fullmatch(_SECTION, line):
            section = match[1]
        elif match := re.fullmatch(_ENTRY, line):
            found.append(Entry(index=index, section=section, key=match[1], value=match[2], plain=not goes_on))
    return tuple(found)


def last(found: tuple[Entry, ...], section: str, key: str) -> Entry | None:
    """The entry that counts: a later one overrides an earlier one, and a section may come twice."""
    named = [entry for entry in found if (entry.section, entry.key) == (section, key)]
    return named[-1] if named else None


def value(text: str, section: str, key: str) -> str | None:
    entry = last(entries(text), section, key)
    return entry.value if entry else None


def with_entry(text: str, section: str, key: str, wanted: str) -> str | None:
    """The text with the entry set, in its place, else behind its section's last line; None where it cannot be done."""
    found = entries(text)
    entry = last(found, section, key)
    if entry is not None:
        if not entry.plain:
            return None
        line = split(text)[entry.index].rstrip("\r\n")
        return replaced(text, entry.index, f"{line[: line.index('=') + 1]}{_gap(line)}{wanted}")
    siblings = [other for other in found if other.section == section]
    if siblings:
        return inserted(text, siblings[-1].index, f"{key}={wanted}") if siblings[-1].plain else None
    header = [
        i
        for i, line in enumerate(split(text))
        if (m := re.fullmatch(_SECTION, line.rstrip("\r\n"))) and m[1] == section
    ]
    if header:
        return inserted(text, header[-1], f"{key}={wanted}")
    lines = split(text)
    gap = [""] if lines and lines[-1].strip() else []
    return inserted(text, len(lines) - 1, *gap, f"[{section}]", f"{key}={wanted}")


def _gap(line: str) -> str:
    behind = line[line.index("=") + 1 :]
    return behind[: len(behind) - len(behind.lstrip())]
