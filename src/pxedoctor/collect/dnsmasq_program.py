"""Understands which dnsmasq there is, and what it answered."""

from pxedoctor.access.answer import Absent, Answers, Failed, Forbidden, Text, run_question
from pxedoctor.collect.ask.dnsmasq_program import ABSENT, FIND, behind, version_of
from pxedoctor.collect.texts import text_of, why_missing
from pxedoctor.model.dnsmasq_program import DnsmasqProgram
from pxedoctor.model.fact import Missing


def parse(answers: Answers) -> DnsmasqProgram | Missing:
    question = run_question(FIND)
    if question not in answers:
        return Missing("absent", "libvirt has no networks: nobody asked for a dnsmasq")
    path = (text_of(answers, question) or "").strip()
    if path == ABSENT:
        return DnsmasqProgram()
    if not path.startswith("/"):
        return why_missing(answers, question)
    real = (text_of(answers, run_question(behind(path))) or "").strip()
    answered, said = _answer(answers, path)
    return DnsmasqProgram(path=path, real=real or path, answered=answered, said=said)


def _answer(answers: Answers, path: str) -> tuple[bool, str]:
    match answers.get(run_question(version_of(path))):
        case Text(text):
            return True, text.partition("\n")[0]
        case Absent(why) | Failed(why) | Forbidden(why):
            return False, why
        case _:
            return False, "it was not asked"
