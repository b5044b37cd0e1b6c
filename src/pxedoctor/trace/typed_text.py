"""A serial line's bytes as the text that a person would have seen."""

import re

# ECMA-48 control sequences (CSI ... final byte), and the two-byte escapes such as RIS (ESC c) that SeaBIOS sends first.
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-Z\\-~]")


def as_seen(raw: bytes) -> str:
    """Escape codes out, carriage returns and backspaces carried out, of empty lines in a row only one kept."""
    text = _ESCAPES.sub("", raw.decode("ascii", errors="replace"))
    lines = "\n".join(_typed(line).rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n")


def _typed(line: str) -> str:
    shown: list[str] = []
    at = 0
    for letter in line:
        if letter == "\r":
            at = 0
        elif letter == "\b":
            at = max(0, at - 1)
        elif letter.isprintable():
            shown[at : at + 1] = [letter]
            at += 1
    return "".join(shown)
