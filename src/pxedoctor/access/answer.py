"""What a host can answer to a question, and how a question is written down.

1. Text: it printed or holds this.
2. Absent: there is no such file, folder, link or program.
3. Forbidden: it is there, and not for us.
4. Failed: it is there and could not be had, with the reason in its own words.
"""

import shlex
from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec


class Text(msgspec.Struct, frozen=True, tag="text"):
    text: str


class Absent(msgspec.Struct, frozen=True, tag="absent"):
    why: str


class Forbidden(msgspec.Struct, frozen=True, tag="forbidden"):
    why: str


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    why: str


Answer = Text | Absent | Forbidden | Failed
Answers = Mapping[str, Answer]


def run_question(argv: Sequence[str]) -> str:
    return f"run {shlex.join(argv)}"


def read_question(path: str) -> str:
    return f"read {path}"


def list_question(folder: str) -> str:
    return f"list {folder}"


def link_question(path: str) -> str:
    return f"link {path}"


def dump_question(what: str) -> str:
    return f"dump {what}"


def readable(answers: Answers) -> dict[str, str]:
    """What the host said, for a person: of what it refused, the reason in brackets; what is absent is left out."""
    return {
        question: answer.text if isinstance(answer, Text) else f"({type(answer).__name__.lower()}: {answer.why})"
        for question, answer in answers.items()
        if not isinstance(answer, Absent)
    }


class Access(Protocol):
    """The calls that a live host, a snapshot and a host behind ssh all answer. `list` is one name a line, sorted.

    `run_all` is `run` for each, in their order; a live host has many listings sooner so than one by one.

    `dump` is for what no program lists cheaply: one of the netlink dumps of access/netlink.py, a JSON list a line.
    `is_saved`: these are texts that somebody saved without asking our questions, so that asking can change nothing and
    the answer to another question may be there.
    """

    is_saved: bool

    def run(self, argv: Sequence[str]) -> Answer: ...

    def run_all(self, argvs: Sequence[Sequence[str]]) -> Sequence[Answer]: ...

    def read(self, path: str) -> Answer: ...

    def list(self, folder: str) -> Answer: ...

    def readlink(self, path: str) -> Answer: ...

    def dump(self, what: str) -> Answer: ...
