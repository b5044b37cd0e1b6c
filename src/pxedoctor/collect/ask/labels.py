"""Asks for the SELinux labels of what libvirt's dnsmasq reads: its own folder, and the boot files with the way to them.

1. Only where the kernel has SELinux on: elsewhere labels say nothing, and no program is run.
2. What they are, and what restorecon would make of them: with -n it changes nothing.
"""

from pxedoctor.access.answer import Text, run_question
from pxedoctor.access.notebook import Notebook
from pxedoctor.collect.ask import boot_files

ENFORCE = "/sys/fs/selinux/enforce"
FOLDER = "/var/lib/libvirt/dnsmasq"
_MOST_FILES = 256
_RESOLVED = run_question(boot_files.resolved(""))[: -len("''")]


def are(*paths: str) -> tuple[str, ...]:
    return ("stat", "-c", "%C %n", "--", *paths)


def would_be(*paths: str) -> tuple[str, ...]:
    """One line for each that is to change (policycoreutils, setfiles/restore.c)."""
    return ("restorecon", "-n", "-v", "--", *paths)


def ask(host: Notebook) -> None:
    if not isinstance(host.read(ENFORCE), Text):
        return
    paths = [path for path in dict.fromkeys((*_of_dnsmasq(host), *_of_boot_files(host))) if "\n" not in path]
    if paths:
        host.run_all((are(*paths[:_MOST_FILES]), would_be(*paths[:_MOST_FILES])))


def _of_dnsmasq(host: Notebook) -> list[str]:
    names = host.names(FOLDER)
    return [FOLDER, *(f"{FOLDER}/{name}" for name in sorted(names))] if names else []


def _of_boot_files(host: Notebook) -> list[str]:
    """Without links: what a link has for a label, nobody asks. Those that are not there would fail the question."""
    boot_files.ask(host)
    answers = [answer for question, answer in tuple(host.answers.items()) if question.startswith(_RESOLVED)]
    real = sorted(answer.text.rstrip("\n") for answer in answers if isinstance(answer, Text))
    ways = [boot_files.way(path) for path in real]
    there = [way for way in ways if isinstance(host.run(boot_files.ls(*way), cut=boot_files.without_moving), Text)]
    return [step for way in there for step in way[1:]]
