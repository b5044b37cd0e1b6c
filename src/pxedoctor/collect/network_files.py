"""Understands which files that may configure a bridge are there, what stands in them, and who reads them."""

from typing import get_args

from pxedoctor.access.answer import Answers, Failed, Forbidden, Text, link_question, list_question, read_question
from pxedoctor.collect.ask.firewall_files import CUT_HERE
from pxedoctor.collect.ask.network_files import (
    KEPT_NETWORKS,
    SIGNS,
    is_ours,
    is_there,
    link_target,
    reached,
)
from pxedoctor.collect.texts import text_of
from pxedoctor.model.network_files import NetworkFile, NetworkFiles, Program

_MASK = "/dev/null"


def parse(answers: Answers) -> NetworkFiles:
    """Files that are there, also those that may not be read."""

    def names(folder: str) -> list[str]:
        return (text_of(answers, list_question(folder)) or "").splitlines()

    paths = reached(names, lambda path: text_of(answers, read_question(path)))
    found = (_file(answers, path) for path in dict.fromkeys(paths))
    signs = [name for name, how, path in SIGNS if is_there(answers.get(f"{how} {path}"), how)]
    programs = tuple(program for program in get_args(Program) if program in signs)
    kept = tuple(f"{folder}/{name}" for folder in KEPT_NETWORKS for name in names(folder))
    return NetworkFiles(files=tuple(entry for entry in found if entry is not None), programs=programs, kept=kept)


def _file(answers: Answers, path: str) -> NetworkFile | None:
    link = link_target(path, answers.get(link_question(path), Failed("not asked")))
    if link == _MASK:
        return NetworkFile(path=path, link=link)
    if link and not is_ours(link):
        why = f"it is a link to {link}, out of the folders that configure networks, and was not followed"
        return NetworkFile(path=path, link=link, closed=why)
    match answers.get(read_question(path)):
        case Text(text) if text:
            return NetworkFile(path=path, text=text, link=link, whole=not text.endswith(CUT_HERE))
        case Forbidden(why) | Failed(why):
            return NetworkFile(path=path, closed=why, link=link)
        case _:
            return None
