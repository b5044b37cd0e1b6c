"""A change of a text as hunks: a few lines, what they were and what they become, with the lines around them.

A hunk says where it stood, so that a file that somebody changed meanwhile is not changed on top of that; and it holds
no more of the file than it must, so that a journal of hunks is no copy of anybody's secrets.
"""

from collections.abc import Callable

import msgspec

# How a text was seen when the hunks were made: its secrets are stars there, line by line.
Cut = Callable[[str], str]
STARS = "*****"

_AROUND = 2


class Hunk(msgspec.Struct, frozen=True, kw_only=True):
    """Lines with their ends, from line `line` on (from 1) of the text before. Both sides hold what is around them."""

    line: int
    before: tuple[str, ...]
    after: tuple[str, ...]


def lines_of(text: str) -> list[str]:
    r"""Lines with their ends; \n alone ends a line."""
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def between(before: str, after: str) -> tuple[Hunk, ...]:
    """What makes `after` of `before`; () where they are the same."""
    import difflib

    old, new = lines_of(before), lines_of(after)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    hunks = []
    for group in matcher.get_grouped_opcodes(_AROUND):
        first, last = group[0], group[-1]
        hunks.append(
            Hunk(line=first[1] + 1, before=tuple(old[first[1] : last[2]]), after=tuple(new[first[3] : last[4]]))
        )
    return tuple(hunks)


def backwards(hunks: tuple[Hunk, ...]) -> tuple[Hunk, ...]:
    """What makes the text before of the text after."""
    back, shift = [], 0
    for hunk in hunks:
        back.append(Hunk(line=hunk.line + shift, before=hunk.after, after=hunk.before))
        shift += len(hunk.after) - len(hunk.before)
    return tuple(back)


def as_it_is(text: str) -> str:
    """Nothing was cut out of the text."""
    return text


def applied(text: str, hunks: tuple[Hunk, ...], cut: Cut = as_it_is) -> str | None:
    """The text with every hunk made where it stood; None where the lines there are others now."""
    change = _Change(text, cut)
    for hunk in hunks:
        if not change.make(hunk, hunk.line - 1 + change.shift):
            return None
    return change.text


def applied_anywhere(text: str, hunks: tuple[Hunk, ...], cut: Cut = as_it_is) -> str | None:
    """As `applied`, but lines may have moved: each hunk where it stood, else at the one other place where it fits."""
    change = _Change(text, cut)
    for hunk in hunks:
        places = change.places(hunk)
        wanted = hunk.line - 1 + change.shift
        if wanted not in places and len(places) != 1:
            return None
        if not change.make(hunk, wanted if wanted in places else places[0]):
            return None
    return change.text


class _Change:
    """A text that is being changed, line by line."""

    def __init__(self, text: str, cut: Cut) -> None:
        self._cut = cut
        self._lines = lines_of(text)
        self.shift = 0

    @property
    def text(self) -> str:
        return "".join(self._lines)

    def places(self, hunk: Hunk) -> list[int]:
        starts = range(len(self._lines) - len(hunk.before) + 1)
        return [start for start in starts if self._fits(hunk, start)]

    def make(self, hunk: Hunk, start: int) -> bool:
        """False where other lines are there, or where a secret would be written as the stars that it was seen as."""
        import difflib

        if not self._fits(hunk, start):
            return False
        fresh: list[str] = []
        matcher = difflib.SequenceMatcher(None, hunk.before, hunk.after, autojunk=False)
        for same, first, last, new, end in matcher.get_opcodes():
            # What stays is taken from the text itself: it may hold what the hunk does not.
            lines = self._lines[start + first : start + last] if same == "equal" else list(hunk.after[new:end])
            if same != "equal" and any(STARS in line for line in lines):
                return False
            fresh += lines
        self._lines[start : start + len(hunk.before)] = fresh
        self.shift += len(hunk.after) - len(hunk.before)
        return True

    def _fits(self, hunk: Hunk, start: int) -> bool:
        there = self._lines[start : start + len(hunk.before)]
        return len(there) == len(hunk.before) and all(map(self._is, there, hunk.before))

    def _is(self, line: str, wanted: str) -> bool:
        return line == wanted or (STARS in wanted and self._cut(line) == self._cut(wanted))


def is_done(text: str, hunks: tuple[Hunk, ...], cut: Cut = as_it_is) -> bool:
    """Whether the text is already as the hunks would make it."""
    return applied_anywhere(text, backwards(hunks), cut) is not None


def unified(path: str, hunks: tuple[Hunk, ...]) -> str:
    """A unified diff, as `diff -u` prints it and patch(1) takes it."""
    import difflib

    lines = [f"--- {path}\n", f"+++ {path}\n"]
    shift = 0
    for hunk in hunks:
        lines.append(f"@@ -{_span(hunk.line, hunk.before)} +{_span(hunk.line + shift, hunk.after)} @@\n")
        shift += len(hunk.after) - len(hunk.before)
        for line in difflib.ndiff(hunk.before, hunk.after, charjunk=None):
            if not line.startswith("?"):
                lines.append(line[0] + line[2:])
                if not line.endswith("\n"):
                    lines.append("\n\\ No newline at end of file\n")
    return "".join(lines)


def _span(line: int, lines: tuple[str, ...]) -> str:
    """Of no lines it is the line before that counts (POSIX diff, unified format)."""
    return f"{line if lines else line - 1},{len(lines)}"


def added(path: str, text: str) -> str:
    """A unified diff that makes a new file."""
    return f"--- /dev/null\n+++ {path}\n@@ -0,0 +1,{len(lines_of(text))} @@\n{_marked('+', text)}"


def removed(path: str, text: str) -> str:
    """A unified diff that removes a file."""
    return f"--- {path}\n+++ /dev/null\n@@ -1,{len(lines_of(text))} +0,0 @@\n{_marked('-', text)}"


def _marked(mark: str, text: str) -> str:
    return "".join(f"{mark}{line}" for line in lines_of(text))
