"""Understands what ls, readlink and od tell of the boot files that were asked about."""

import re
import shlex

from pxedoctor.access.answer import Answers, Forbidden, Text, run_question
from pxedoctor.collect.ask.boot_files import beginning, ls, resolved, way
from pxedoctor.collect.texts import text_of, why_missing
from pxedoctor.model.boot_file import BootFile, Entry, Kind

_KINDS: dict[str, Kind] = {"d": "folder", "-": "file"}
# ls of coreutils, LC_ALL=C.
_GONE = ("No such file or directory", "Not a directory")
_BITS = "rwxrwxrwx"
# In the place of an x: set-user-ID, set-group-ID and the sticky bit, with it (small letter) or without.
_SPECIAL = {"s": True, "t": True, "S": False, "T": False}
_SET = ((2, 0o4000), (5, 0o2000), (8, 0o1000))
_RESOLVED = run_question(resolved(""))[: -len("''")]


def parse(answers: Answers) -> tuple[BootFile, ...]:
    """One for each file that was asked about."""
    asked = (question for question in answers if question.startswith(_RESOLVED))
    paths = sorted(shlex.split(question.removeprefix("run "))[-1] for question in asked)
    return tuple(_file(answers, path) for path in paths)


def _file(answers: Answers, path: str) -> BootFile:
    real = (text_of(answers, run_question(resolved(path))) or "").rstrip("\n")
    entries, absent, unknown = _way(answers, path)
    if real not in {"", path}:
        further, absent_there, unknown_there = _way(answers, real)
        entries |= further
        absent, unknown = absent or absent_there, unknown or unknown_there
    listed = (text_of(answers, run_question(ls(*way(path)))) or "").splitlines()
    size = listed[-1].split(None, 5)[4] if listed and len(listed[-1].split(None, 5)) > 5 else ""
    return BootFile(
        path=path,
        real=real,
        entries=tuple(entries.values()),
        absent=absent,
        unknown=unknown,
        size=int(size) if size.isascii() and size.isdigit() else None,
        first=_bytes(text_of(answers, run_question(beginning(path))) or ""),
    )


def _way(answers: Answers, path: str) -> tuple[dict[str, Entry], str, str]:
    """The entries that could be looked at; the first that is not there; why one could not be looked at."""
    steps = way(path)
    listed = text_of(answers, run_question(ls(*steps)))
    if listed is not None:
        return _entries(listed, steps), "", ""
    entries: dict[str, Entry] = {}
    for step in steps:
        question = run_question(ls(step))
        answer = answers.get(question)
        if not isinstance(answer, Text):
            why = why_missing(answers, question).why
            gone = not isinstance(answer, Forbidden) and any(word in why for word in _GONE)
            return entries, step if gone else "", "" if gone else why
        entries |= _entries(answer.text, [step])
    return entries, "", ""


def _entries(listing: str, steps: list[str]) -> dict[str, Entry]:
    """ls lists them in alphabetical order; a line that is not understood is of none of them."""
    by_name = {name: entry for line in listing.splitlines() if (entry := _entry(line)) for name in (entry.path,)}
    return {step: by_name[step] for step in steps if step in by_name}


def _entry(line: str) -> Entry | None:
    """`drwxr-xr-x - 0 0 - "/srv"`: a + behind the mode is an ACL, a dot an SELinux context."""
    words = line.split(None, 5)
    if len(words) < 6 or len(words[0]) < 10 or not (words[2].isdigit() and words[3].isdigit()):
        return None
    return Entry(
        path=_unquoted(words[5]),
        kind=_KINDS.get(words[0][0], "other"),
        mode=_mode(words[0][1:10]),
        uid=int(words[2]),
        gid=int(words[3]),
        acl=words[0][10:] == "+",
    )


def _mode(letters: str) -> int:
    mode = 0
    for place, letter in enumerate(letters):
        mode |= (letter == _BITS[place] or _SPECIAL.get(letter, False)) << (8 - place)
    return mode | sum(bit for place, bit in _SET if letters[place] in _SPECIAL)


_ESCAPE = r"\\([0-7]{3}|.)"


def _unquoted(name: str) -> str:
    """C's quotes taken off: a path that was asked about holds no newline, and bytes that are not ASCII are octal."""
    inner = name.strip().removeprefix('"').removesuffix('"')
    raw = re.sub(_ESCAPE, lambda match: chr(int(match[1], 8) & 0xFF) if len(match[1]) == 3 else match[1], inner)
    try:
        return raw.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return raw


def _bytes(digits: str) -> bytes:
    try:
        return bytes.fromhex("".join(digits.split()))
    except ValueError:
        return b""
