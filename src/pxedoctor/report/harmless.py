"""What comes from the host made harmless to look at, in one way.

Names, log lines and XML are written by anyone. Every character that is not printable (control characters, escape
sequences, bidirectional overrides, line separators: str.isprintable) is shown as its backslash escape: `\\x1b`, `\\n`,
`\\u202e`. Everything else is shown as it is; `<script>` is just text.
"""

import shlex
from collections.abc import Sequence


def shown(text: str) -> str:
    """The text with escapes for what is not printable; doing it twice changes nothing more."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def command_line(argv: Sequence[str]) -> str:
    """A command to paste into a shell. A word that is not printable is written as $'...' (POSIX.1-2024, bash, zsh)."""
    return " ".join(shlex.quote(word) if word.isprintable() else _dollar_quoted(word) for word in argv)


def _dollar_quoted(word: str) -> str:
    return "$'" + "".join(_dollar_char(char) for char in word) + "'"


def _dollar_char(char: str) -> str:
    if char in "\\'":
        return f"\\{char}"
    if char.isprintable():
        return char
    code = ord(char)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


# JSON leaves these as they are, and a terminal may obey them: DEL, C1 controls, line separators, direction overrides.
_OBEYED = [*range(0x7F, 0xA0), 0x200E, 0x200F, 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
_JSON_ESCAPES = {code: f"\\u{code:04x}" for code in _OBEYED}


def shown_json(text: str) -> str:
    """JSON text with the same meaning and no character that a terminal would obey."""
    return text.translate(_JSON_ESCAPES)
