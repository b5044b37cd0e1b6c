"""Understands which configuration files a dnsmasq has read, and puts their settings together."""

from pxedoctor.access.answer import Absent, Answers, list_question, read_question
from pxedoctor.collect.ask.dnsmasq import DEFAULT, files_of, is_read, named_in
from pxedoctor.collect.texts import text_of

_LIBVIRT = "/libvirt/"
_FOLLOWED = ("conf-file", "conf-dir")


def settings_of(answers: Answers, command: str) -> tuple[str, ...] | None:
    """`command` as /proc/PID/cmdline has it. () for a program that is no dnsmasq, or libvirt's own.

    None where a file that it was told to read could not be had.
    """
    if "dnsmasq" not in command.partition("\0")[0] or _LIBVIRT in command:
        return ()
    waiting = files_of(command)
    settings: list[str] = []
    seen: set[str] = set()
    while waiting:
        kind, path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        if kind == "conf-dir":
            found = _in_folder(answers, path)
        else:
            text = _file(answers, path)
            settings += _lines(text) if text is not None else ()
            found = None if text is None else named_in(text)
        if found is None:
            return None
        waiting += found
    return tuple(settings)


def _in_folder(answers: Answers, path: str) -> list[tuple[str, str]] | None:
    folder = path.partition(",")[0]
    names = text_of(answers, list_question(folder))
    if names is None:
        return [] if isinstance(answers.get(list_question(folder)), Absent) else None
    return [("conf-file", f"{folder}/{name}") for name in names.splitlines() if is_read(name, path)]


def _file(answers: Answers, path: str) -> str | None:
    if path == DEFAULT and isinstance(answers.get(read_question(path)), Absent):
        return ""
    return text_of(answers, read_question(path))


def _lines(text: str) -> list[str]:
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    pairs = (line.partition("=") for line in lines if line)
    return [f"{name.strip()}{sign}{value.strip()}" for name, sign, value in pairs if name.strip() not in _FOLLOWED]
