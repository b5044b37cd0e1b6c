"""Understands what `systemctl show` tells of a unit's traffic: which settings filter it."""

from pxedoctor.access.answer import Answers, Text, list_question, read_question, run_question
from pxedoctor.collect.ask.unit_filters import BOOTED, PROPERTIES, cgroup_file, show, unit_in
from pxedoctor.collect.texts import text_of


def unit_of(answers: Answers, pid: str) -> str | None:
    """The process' service; "" for none, or none that is known; None where systemd does not run."""
    booted = isinstance(answers.get(list_question(BOOTED)), Text)
    return unit_in(text_of(answers, read_question(cgroup_file(pid))) or "") if booted else None


def filter_of(answers: Answers, pid: str) -> str:
    """In one clause what filters the process' traffic; "" where nothing does, or nobody was asked."""
    unit = unit_in(text_of(answers, read_question(cgroup_file(pid))) or "")
    told = text_of(answers, run_question(show(unit))) if unit else None
    lines = (line.strip() for line in (told or "").splitlines())
    settings = [line for line in lines if line.partition("=")[0] in PROPERTIES and line.partition("=")[2]]
    return f"{'; '.join(settings)} of {unit}" if settings else ""
