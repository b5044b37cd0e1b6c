"""Understands which of the firewall's configuration files are there, and what stands in them."""

from pxedoctor.access.answer import Answers, Failed, Forbidden, Text, list_question, read_question
from pxedoctor.collect.ask.firewall_files import CUT_HERE, reached
from pxedoctor.collect.texts import text_of
from pxedoctor.model.firewall_files import FirewallFile


def parse(answers: Answers) -> tuple[FirewallFile, ...]:
    """Files that are there, also those that may not be read; empty where there is none."""

    def names(folder: str) -> list[str]:
        return (text_of(answers, list_question(folder)) or "").splitlines()

    paths = reached(names, lambda path: text_of(answers, read_question(path)))
    found = (_file(answers, path) for path in dict.fromkeys(paths))
    return tuple(entry for entry in found if entry is not None)


def _file(answers: Answers, path: str) -> FirewallFile | None:
    match answers.get(read_question(path)):
        case Text(text) if text:
            return FirewallFile(path=path, text=text, whole=not text.endswith(CUT_HERE))
        case Forbidden(why) | Failed(why):
            return FirewallFile(path=path, closed=why)
        case _:
            return None
