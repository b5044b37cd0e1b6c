"""What is told of every cause, read from one file instead of from 70 modules: a check brings half of pxedoctor with it.

`scripts/generate_docs.py` makes report/causes.json from the checks, and checks it. No msgspec here: it is half of what
`list` would import.
"""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from pxedoctor.findings.meta import FixAvailability


class Identity(Protocol):
    """Of a Meta the part that a person is told; `stage` as its word."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def stage(self) -> str: ...
    @property
    def fix(self) -> "FixAvailability": ...
    @property
    def aliases(self) -> tuple[str, ...]: ...


class Cause(Protocol):
    """A check, or its entry in the catalogue: its identity, and its docstring in six headings."""

    __doc__: str | None

    @property
    def META(self) -> Identity: ...  # noqa: N802 - as a check calls it


class Entry(NamedTuple):
    """The identity of a cause, as the file has it."""

    code: str
    name: str
    stage: str
    fix: "FixAvailability"
    aliases: tuple[str, ...]


class Listed:
    """A cause of the file, to be asked as a check is."""

    def __init__(self, entry: Entry, doc: str) -> None:
        self.META = entry
        self.__doc__ = doc


def encoded(causes: Sequence[Cause]) -> str:
    """The file, a cause a line."""
    lines = (json.dumps([*_entry(cause), cause.__doc__], ensure_ascii=False) for cause in causes)
    return "[\n" + ",\n".join(lines) + "\n]\n"


def decoded(text: str) -> tuple[Listed, ...]:
    """What `encoded` has written, in the order of CHECKS."""
    rows = json.loads(text)
    return tuple(Listed(Entry(code, name, stage, fix, tuple(was)), doc) for code, name, stage, fix, was, doc in rows)


def _entry(cause: Cause) -> Entry:
    told = cause.META
    return Entry(told.code, told.name, str(told.stage), told.fix, told.aliases)
