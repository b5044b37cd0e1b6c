"""Understands the host's name, kernel and os-release(5)."""

import shlex

from pxedoctor.access.answer import Answers, read_question, run_question
from pxedoctor.collect.ask.system import CPU_FLAGS, HOSTNAME, KERNEL, OS_RELEASE, PRODUCT, VENDOR
from pxedoctor.collect.texts import text_of, why_missing
from pxedoctor.model.fact import Missing
from pxedoctor.model.system import System

# arch/x86/include/asm/cpufeatures.h X86_FEATURE_HYPERVISOR: each hypervisor sets it for its guests.
_HYPERVISOR = "hypervisor"


def parse(answers: Answers) -> System | Missing:
    kernel = text_of(answers, read_question(KERNEL))
    if kernel is None:
        return why_missing(answers, read_question(KERNEL))
    release = _os_release(text_of(answers, read_question(OS_RELEASE)) or "")
    return System(
        hostname=(text_of(answers, read_question(HOSTNAME)) or "").strip(),
        kernel=kernel.strip(),
        os_id=release.get("ID", ""),
        os_like=tuple(release.get("ID_LIKE", "").split()),
        virtual=_HYPERVISOR in (text_of(answers, run_question(CPU_FLAGS)) or "").split(),
        machine=" ".join(filter(None, (_line(answers, VENDOR), _line(answers, PRODUCT)))),
    )


def _line(answers: Answers, path: str) -> str:
    return " ".join((text_of(answers, read_question(path)) or "").split())


def _os_release(text: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for line in text.splitlines():
        name, separator, value = line.partition("=")
        if not separator or name.startswith("#"):
            continue
        try:
            pairs[name.strip()] = " ".join(shlex.split(value))
        except ValueError:
            continue
    return pairs
