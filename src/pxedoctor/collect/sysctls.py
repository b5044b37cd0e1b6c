"""Understands files below /proc/sys: each holds one value.

The keys are paths below /proc/sys, e.g. `net/ipv4/conf/eno1.10/rp_filter`, because a device's name may hold dots;
sysctl(8) takes them so. A setting that this kernel does not have is no key.
"""

from pxedoctor.access.answer import Answers, Text, list_question, read_question
from pxedoctor.collect.ask.sysctls import SYSCTL
from pxedoctor.collect.texts import why_missing
from pxedoctor.model.fact import Missing


def parse(answers: Answers) -> dict[str, str] | Missing:
    if not isinstance(answers.get(list_question(f"{SYSCTL}/net")), Text):
        return why_missing(answers, list_question(f"{SYSCTL}/net"), "mount procfs at /proc")
    prefix = read_question(f"{SYSCTL}/net/")
    start = len(read_question(f"{SYSCTL}/"))
    return {
        question[start:]: answer.text.strip()
        for question, answer in answers.items()
        if question.startswith(prefix) and isinstance(answer, Text)
    }
