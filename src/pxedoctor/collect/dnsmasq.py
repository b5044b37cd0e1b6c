"""Understands which configuration files a dnsmasq has read, and puts their settings together."""

from pxedoctor.access.answer import Absent, Answers, list_question, read_question
from pxedoctor.collect.ask.dnsmasq import DEFAULT, files_of, is_read, named_in
from pxedoctor.collect.texts import text_of
from pxedoctor.model.process import ReadFrom

_LIBVIRT = "/libvirt/"
_FOLLOWED = ("conf-file", "conf-dir")


def settings_of(answers: Answers, command: str) -> tuple[str, ...] | None:
    """`command` as /proc/PID/cmdline has it. () for a program that is no dnsmasq, or libvirt's own.

    None where a file that it was told to read could not be had.
    """
    texts = [text for _, text in _read(answers, command)]
    return None if None in texts else tuple(line for text in texts for line in _lines(text or ""))


def read_from(answers: Answers, command: str) -> tuple[ReadFrom, ...]:
    """Where its settings stand, as far as it could be had."""
    return tuple(source for source, text in _read(answers, command) if text is not None)


def _read(answers: Answers, command: str) -> list[tuple[ReadFrom, str | None]]:
    """Everything that it reads, in order, with its text: "" for a folder, None for what could not be had."""
    if "dnsmasq" not in command.partition("\0")[0] or _LIBVIRT in command:
        return []
    waiting = [_source(kind, path, path != DEFAULT) for kind, path in files_of(command)]
    done: list[tuple[ReadFrom, str | None]] = []
    seen: set[str] = set()
    while waiting:
        source = waiting.pop(0)
        if source.value in seen:
            continue
        seen.add(source.value)
        if source.option == "conf-dir":
            names = _names(answers, source.value)
            waiting += [_source("conf-file", path, False) for path in names or ()]
            text = "" if names is not None else None
        else:
            text = text_of(answers, read_question(source.value))
            waiting += [_source(kind, path, False) for kind, path in named_in(text or "")]
        if not _may_be_absent(source) or not _is_absent(answers, source):
            done.append((source, text))
    return done


def _source(kind: str, path: str, argument: bool) -> ReadFrom:
    return ReadFrom(option="conf-dir" if kind == "conf-dir" else "conf-file", value=path, argument=argument)


def _names(answers: Answers, value: str) -> list[str] | None:
    folder = value.partition(",")[0]
    names = text_of(answers, list_question(folder))
    return None if names is None else [f"{folder}/{name}" for name in names.splitlines() if is_read(name, value)]


def _may_be_absent(source: ReadFrom) -> bool:
    return source.option == "conf-dir" or source.value == DEFAULT


def _is_absent(answers: Answers, source: ReadFrom) -> bool:
    path = source.value.partition(",")[0]
    question = list_question(path) if source.option == "conf-dir" else read_question(path)
    return isinstance(answers.get(question), Absent)


def _lines(text: str) -> list[str]:
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    pairs = (line.partition("=") for line in lines if line)
    return [f"{name.strip()}{sign}{value.strip()}" for name, sign, value in pairs if name.strip() not in _FOLLOWED]
