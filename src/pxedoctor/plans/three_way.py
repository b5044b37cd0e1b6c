"""What a step changed, three times: as it was before, as pxedoctor wrote it, as it is now.

1. A passage of a file is undoable where what pxedoctor wrote is still there, undone where what was before is there
   again, and in conflict where somebody has written something else; values likewise.
2. Secrets are cut out of all three before they are compared, so that one alone is no difference.
3. However large the file, and whatever it holds, little is compared: the lines around the place.
"""

from collections.abc import Callable, Sequence
from operator import eq
from typing import TYPE_CHECKING, Literal

import msgspec

from pxedoctor.plans.hunks import Cut, Hunk, applied_anywhere, backwards, between, lines_of
from pxedoctor.plans.request import EditFile, RemoveFile, WriteFile

if TYPE_CHECKING:
    from difflib import SequenceMatcher

Standing = Literal["undoable", "undone", "conflict"]
Lines = tuple[str, ...]

NOT_THERE = "not there"
# How far from its old place a passage is looked for, and how many lines somebody may have put into it, on either side.
_REACH, _GROWN = 500, 8
# More lines than any configuration file that is compared whole has.
_MOST_LINES = 2_000


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """Lines of a file with their ends; `line`: where they are now, from 1."""

    path: str
    line: int
    standing: Standing
    before: Lines
    written: Lines
    now: Lines


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """One live value, or one attribute of a definition; NOT_THERE for none."""

    name: str
    standing: Standing
    before: str
    written: str
    now: str


class ThreeWay(msgspec.Struct, frozen=True, kw_only=True):
    """() where the step has nothing that can be compared; `unreadable`: why it could not be, "" where it could."""

    passages: tuple[Passage, ...] = ()
    values: tuple[Value, ...] = ()
    unreadable: str = ""

    @property
    def in_conflict(self) -> bool:
        standings = [*(part.standing for part in self.passages), *(part.standing for part in self.values)]
        return "conflict" in standings


class Merged(msgspec.Struct, frozen=True):
    """One line, and in which of the three texts it is."""

    text: str
    before: bool
    written: bool
    now: bool


def value_of(name: str, before: str, written: str, now: str) -> Value:
    standing: Standing = "undone" if now == before else "undoable" if now == written else "conflict"
    return Value(name=name, standing=standing, before=before, written=written, now=now)


def of_edit(request: EditFile, text: str, cut: Cut) -> ThreeWay:
    """`request` takes a change of lines back; `text` is the whole file as it is now, uncut."""
    shown = _cut(text, cut)
    return ThreeWay(passages=tuple(_met(request.path, hunk, text, shown, cut) for hunk in request.hunks))


def _met(path: str, hunk: Hunk, text: str, shown: Lines, cut: Cut) -> Passage:
    written, before = _cut("".join(hunk.before), cut), _cut("".join(hunk.after), cut)
    standing: Standing = "conflict"
    if applied_anywhere(text, (hunk,), cut) is not None:
        standing = "undoable"
    elif applied_anywhere(text, backwards((hunk,)), cut) is not None:
        standing = "undone"
    like = before if standing == "undone" else written
    first, last = _place(like, shown, hunk.line - 1)
    now = tuple(shown[first:last])
    return Passage(path=path, line=first + 1, standing=standing, before=before, written=written, now=now)


def _place(wanted: Lines, shown: Lines, at: int) -> tuple[int, int]:
    """From which line to which (from 0, the last not included) the passage is now: where most of it is still found."""
    start, found = _nearest(wanted, shown, min(at, len(shown)))
    if not found:
        return start, min(start + len(wanted), len(shown))
    stands = shown[start : start + 1] == wanted[:1]
    low = start if stands else max(0, start - _GROWN)
    blocks = _matcher(wanted, shown[low : start + len(wanted) + _GROWN]).get_matching_blocks()[:-1]
    head, tail = blocks[0], blocks[-1]
    # What is before the first line found again, and after the last, has taken the place of as many lines.
    first = low + head.b - head.a
    last = low + tail.b + tail.size + len(wanted) - (tail.a + tail.size)
    return max(0, first), min(last, len(shown))


def _nearest(wanted: Lines, shown: Lines, at: int) -> tuple[int, bool]:
    """Where the passage begins: where it stood or close by, if as much of it is found again there as further off."""
    best, most = at, sum(map(eq, wanted, shown[at : at + len(wanted)]))
    for reach in (_GROWN, _REACH):
        low = max(0, at - reach)
        run = _matcher(wanted, shown[low : at + len(wanted) + reach]).find_longest_match()
        if run.size > most:
            best, most = max(0, low + run.b - run.a), run.size
    return best, most > 0


def _matcher(one: Sequence[str], other: Sequence[str]) -> "SequenceMatcher[str]":
    from difflib import SequenceMatcher

    return SequenceMatcher(None, one, other, autojunk=False)


def of_removal(request: RemoveFile, text: str | None, cut: Cut) -> ThreeWay:
    """`request` removes a file that pxedoctor made; `text` as it is now, None where it is gone."""
    written = _cut(request.text, cut)
    if text is None:
        return _whole(request.path, "undone", (), written, ())
    if text == request.text:
        return _whole(request.path, "undoable", (), written, written)
    ours, now = written[:_MOST_LINES], _cut(text, cut)[:_MOST_LINES]
    # The file is not as it was written, even where only a secret in it is another.
    hunks = backwards(between("".join(ours), "".join(now))) or (Hunk(line=1, before=now, after=ours),)
    return ThreeWay(
        passages=tuple(
            Passage(
                path=request.path,
                line=hunk.line,
                standing="conflict",
                before=(),
                written=hunk.after,
                now=hunk.before,
            )
            for hunk in hunks
        )
    )


def of_making(request: WriteFile, text: str | None, cut: Cut) -> ThreeWay:
    """`request` makes a file again that pxedoctor removed."""
    before = _cut(request.text, cut)
    if text is None:
        return _whole(request.path, "undoable", before, (), ())
    now = _cut(text, cut)[:_MOST_LINES]
    return _whole(request.path, "undone" if text == request.text else "conflict", before, (), now)


def _whole(path: str, standing: Standing, before: Lines, written: Lines, now: Lines) -> ThreeWay:
    passage = Passage(path=path, line=1, standing=standing, before=before, written=written, now=now)
    return ThreeWay(passages=(passage,))


def _cut(text: str, cut: Cut) -> Lines:
    return tuple(lines_of(cut(text)))


def merged(passage: Passage) -> list[Merged]:
    """All lines of the three texts in one order: before, written, now where they differ (as diff3(1) groups them)."""
    to_before = _matches(passage.written, passage.before)
    to_now = _matches(passage.written, passage.now)
    lines: list[Merged] = []
    b = w = n = 0
    for same in sorted(to_before.keys() & to_now.keys()):
        lines += _apart(passage.before[b : to_before[same]], passage.written[w:same], passage.now[n : to_now[same]])
        lines.append(Merged(passage.written[same], before=True, written=True, now=True))
        b, w, n = to_before[same] + 1, same + 1, to_now[same] + 1
    return lines + _apart(passage.before[b:], passage.written[w:], passage.now[n:])


def _matches(of: Lines, to: Lines) -> dict[int, int]:
    blocks = _matcher(of, to).get_matching_blocks()
    return {block.a + step: block.b + step for block in blocks for step in range(block.size)}


def _apart(before: Lines, written: Lines, now: Lines) -> list[Merged]:
    """Where the three differ: each in one piece, two that are the same once; of two alone, what both have, too."""
    if not before:
        return _of_two(written, now, lambda one, other: Merged("", before=False, written=one, now=other))
    if not written:
        return _of_two(before, now, lambda one, other: Merged("", before=one, written=False, now=other))
    if not now:
        return _of_two(before, written, lambda one, other: Merged("", before=one, written=other, now=False))
    texts: dict[Lines, list[bool]] = {}
    for index, text in enumerate((before, written, now)):
        texts.setdefault(text, [False, False, False])[index] = True
    return [Merged(line, *where) for text, where in texts.items() for line in text]


def _of_two(one: Lines, other: Lines, where: Callable[[bool, bool], Merged]) -> list[Merged]:
    lines: list[Merged] = []
    for same, first, last, new, end in _matcher(one, other).get_opcodes():
        lines += [msgspec.structs.replace(where(True, same == "equal"), text=text) for text in one[first:last]]
        if same != "equal":
            lines += [msgspec.structs.replace(where(False, True), text=text) for text in other[new:end]]
    return lines
