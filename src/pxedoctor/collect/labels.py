"""Understands the SELinux labels that stat(1) told, and what restorecon(8) would make of them."""

from pxedoctor.access.answer import Answers, Text, read_question, run_question
from pxedoctor.collect.ask.labels import ENFORCE, are, would_be
from pxedoctor.collect.texts import why_missing
from pxedoctor.model.fact import Missing
from pxedoctor.model.label import Label

_ARE = run_question(are("x"))[: -len("x")]
_WOULD_BE = run_question(would_be("x"))[: -len("x")]


def parse(answers: Answers) -> tuple[Label, ...] | Missing:
    """() where SELinux is on and nothing was there to ask about."""
    on = read_question(ENFORCE)
    if on not in answers:
        return Missing("absent", "nobody asked whether SELinux is on")
    if not isinstance(answers[on], Text):
        return why_missing(answers, on)
    now: dict[str, str] = {}
    changes: list[str] = []
    for question, answer in answers.items():
        if not question.startswith((_ARE, _WOULD_BE)):
            continue
        if not isinstance(answer, Text):
            return why_missing(answers, question)
        lines = answer.text.splitlines()
        if question.startswith(_ARE):
            now |= {path: label for label, _, path in (line.partition(" ") for line in lines) if path and label != "?"}
        else:
            changes += lines
    return tuple(Label(path=path, now=label, wanted=_wanted(path, label, changes)) for path, label in now.items())


def _wanted(path: str, now: str, changes: list[str]) -> str:
    """`Would relabel /srv/f from A to B`: a label has no space; a path may."""
    start = f"Would relabel {path} from {now} to "
    told = (line.removeprefix(start) for line in changes if line.startswith(start))
    return next((label for label in told if " " not in label), now)
