"""Understands where the kept log lines are; the lines themselves stay as they were written."""

from pxedoctor.access.answer import Answers, Failed, Forbidden, Text, list_question, run_question
from pxedoctor.collect.ask.logs import JOURNAL, LIBVIRT_FOLDER, SYSTEM_FILES, SYSTEM_FOLDER, tail
from pxedoctor.collect.texts import text_of, why_missing
from pxedoctor.model.fact import Missing
from pxedoctor.model.log import LogLine


def parse(answers: Answers) -> tuple[LogLine, ...] | Missing:
    """All kept lines, in the order of their sources. Missing where there is none and a source could not be read."""
    asked = [(run_question(argv), origin) for argv, origin in _sources(answers) if run_question(argv) in answers]
    lines = tuple(
        LogLine(origin=origin, text=line)
        for question, origin in asked
        for line in (text_of(answers, question) or "").splitlines()
    )
    # journalctl shows an ordinary user an empty journal and no error: the files beside it tell what is forbidden.
    refused = [question for question, _ in asked if isinstance(answers[question], Forbidden | Failed)]
    if not lines and refused:
        return why_missing(answers, refused[0])
    if not any(isinstance(answers[question], Text) for question, _ in asked):
        return Missing("absent", "this host keeps no journal and no log file that pxedoctor knows")
    return lines


def _sources(answers: Answers) -> list[tuple[tuple[str, ...], str]]:
    own = (text_of(answers, list_question(LIBVIRT_FOLDER)) or "").splitlines()
    files = [f"{SYSTEM_FOLDER}/{name}" for name in SYSTEM_FILES]
    files += [f"{LIBVIRT_FOLDER}/{name}" for name in own]
    return [(JOURNAL, "journalctl --boot"), *((tail(path), path) for path in files)]
