"""Understands `ps -o pid,ppid,stat,comm`, /proc/PID/stat and /proc/PID/cmdline."""

from pxedoctor.access.answer import Answers, Text, link_question, list_question, read_question, run_question
from pxedoctor.collect.ask.libvirt import NETWORKS_LIVE, is_pid, stat_file
from pxedoctor.collect.ask.processes import FIRST, PROC, PS, SELF, cmdline_file, namespace_link, status_file
from pxedoctor.collect.dnsmasq import read_from, settings_of
from pxedoctor.collect.texts import text_of, why_missing
from pxedoctor.collect.unit_filters import filter_of, unit_of
from pxedoctor.model.fact import Missing
from pxedoctor.model.process import Process, lives_elsewhere


def parse(answers: Answers) -> tuple[Process, ...] | Missing:
    if text_of(answers, read_question(stat_file(FIRST))) is None:
        return Missing("forbidden", "procfs hides other people's processes (hidepid)", "run it as root")
    listing = text_of(answers, run_question(PS))
    if listing is not None:
        listed = [_from_ps(answers, line) for line in listing.splitlines()]
    elif isinstance(answers.get(list_question(PROC)), Text):
        listed = [_from_stat(answers, pid) for pid in (text_of(answers, list_question(PROC)) or "").split()]
    else:
        return why_missing(answers, run_question(PS), "install procps")
    found = {process.pid: process for process in listed if process is not None}
    for pid in _pids_in_files(answers):
        process = _from_stat(answers, pid)
        if process is not None:
            found.setdefault(process.pid, process)
    return tuple(found[pid] for pid in sorted(found))


def _pids_in_files(answers: Answers) -> list[str]:
    names = (text_of(answers, list_question(NETWORKS_LIVE)) or "").splitlines()
    texts = (text_of(answers, read_question(f"{NETWORKS_LIVE}/{name}")) for name in names if name.endswith(".pid"))
    return [text.strip() for text in texts if text is not None and is_pid(text.strip())]


def _from_ps(answers: Answers, line: str) -> Process | None:
    words = line.split(None, 3)
    if len(words) < 4 or not (is_pid(words[0]) and is_pid(words[1])):
        return None
    pid, parent, state, name = words
    # ps marks a zombie's name as well as its state.
    name = name.removesuffix("<defunct>").strip()
    return _process(answers, (pid, parent, state, name))


def _from_stat(answers: Answers, pid: str) -> Process | None:
    stat = text_of(answers, read_question(stat_file(pid))) if is_pid(pid) else None
    if not stat:
        return None
    # proc(5): the name is in parentheses and may hold some itself; then the state, then the parent.
    name = stat.partition("(")[2].rpartition(")")[0]
    rest = stat.rpartition(")")[2].split()
    if len(rest) < 2 or not is_pid(rest[1]):
        return None
    return _process(answers, (pid, rest[1], rest[0], name))


def _process(answers: Answers, words: tuple[str, str, str, str]) -> Process:
    pid, parent, state, name = words
    arguments = text_of(answers, read_question(cmdline_file(pid))) or ""
    return Process(
        pid=int(pid),
        parent=int(parent),
        state=state,
        name=name,
        command=_command(answers, pid),
        elsewhere=_elsewhere(answers, pid),
        settings=settings_of(answers, arguments),
        read_from=read_from(answers, arguments),
        unit=unit_of(answers, pid),
        filtered=filter_of(answers, pid),
        uid=next(iter(_numbers(answers, pid, "Uid:")[3:]), None),
        gids=(*_numbers(answers, pid, "Gid:")[3:], *_numbers(answers, pid, "Groups:")),
    )


def _numbers(answers: Answers, pid: str, word: str) -> tuple[int, ...]:
    """Of /proc/PID/status; the last of four is the one that decides about files (proc_pid_status(5))."""
    lines = (text_of(answers, read_question(status_file(pid))) or "").splitlines()
    line = next((line for line in lines if line.startswith(word)), "")
    return tuple(int(number) for number in line.split()[1:] if is_pid(number))


def _elsewhere(answers: Answers, pid: str) -> bool:
    its, ours = (text_of(answers, link_question(namespace_link(process))) for process in (pid, SELF))
    return lives_elsewhere(its, ours)


def _command(answers: Answers, pid: str) -> str:
    return (text_of(answers, read_question(cmdline_file(pid))) or "").replace("\0", " ").strip()
