"""One libvirt definition to one fact: understood, or named as not understood. Never left out in silence."""

from collections.abc import Callable
from typing import Literal, TypeVar

import msgspec

from pxedoctor.access.answer import Absent, Answers, Forbidden, Text, list_question, read_question, run_question
from pxedoctor.collect import libvirt
from pxedoctor.collect.ask.connection import Connection
from pxedoctor.collect.ask.libvirt import domain_names
from pxedoctor.collect.texts import text_of, why_missing
from pxedoctor.model.fact import Missing, Unmodelled

Kind = Literal["domain", "network"]

T = TypeVar("T")


def closed_to_us(answers: Answers, *folders: str) -> str | None:
    """The question about one of the folders, or about a definition in it, that was forbidden; None where none was."""
    for folder in folders:
        names = (text_of(answers, list_question(folder)) or "").splitlines()
        files = (read_question(f"{folder}/{name}") for name in names if name.endswith(".xml"))
        for question in (list_question(folder), *files):
            if isinstance(answers.get(question), Forbidden):
                return question
    return None


def why_closed(answers: Answers, closed: str) -> Missing:
    """Why neither a forbidden file nor libvirt told it: with a daemon asleep, libvirt was not asked."""
    missing, daemons = why_missing(answers, closed), libvirt.parse(answers)
    asleep = () if isinstance(daemons, Missing) else tuple(one.name for one in daemons.daemons if one.asleep)
    if not asleep:
        return missing
    return msgspec.structs.replace(
        missing, would_help=f"run it as root; or ask libvirt with --wake ({', '.join(asleep)} sleeps)"
    )


def why_not_told(answers: Answers, there: Connection) -> Missing:
    """Why another libvirt than the system's told nothing: it refused, or it was not asked, as that would wake it."""
    question = run_question(domain_names(there.virsh))
    answer = answers.get(question)
    if answer is not None and not isinstance(answer, Text):
        return why_missing(answers, question)
    if answer is not None:
        return Missing("failed", f"{there.uri} told its guests and not its networks")
    why = f"no daemon of {there.uri} is seen to run at {' or '.join(there.sockets)}; it was not woken"
    return Missing("asleep", why, "--wake asks it all the same; as a plain user, run it as root")


def understood(
    kind: Kind,
    answers: Answers,
    question: str,
    origin: str,
    understand: Callable[[str, str], T],
) -> T | Unmodelled:
    """`understand` takes the text and its origin and raises ValueError. The name of what it refuses is its file's."""
    name = origin.rpartition("/")[2].removesuffix(".xml").rpartition("=")[2]
    text = text_of(answers, question)
    if text is None:
        return Unmodelled(kind=kind, name=name, origin=origin, why=why_missing(answers, question).why)
    try:
        return understand(text, origin)
    except (ValueError, OverflowError) as error:
        return Unmodelled(kind=kind, name=name, origin=origin, why=str(error))


def understood_in(
    kind: Kind, answers: Answers, folder: str, understand: Callable[[str, str], T]
) -> list[T | Unmodelled]:
    """Every definition in a folder. One that vanished between the listing and the reading is none any more."""
    names = text_of(answers, list_question(folder)) or ""
    paths = (f"{folder}/{name}" for name in names.splitlines() if name.endswith(".xml"))
    return [
        understood(kind, answers, read_question(path), path, understand)
        for path in paths
        if not isinstance(answers.get(read_question(path)), Absent)
    ]
