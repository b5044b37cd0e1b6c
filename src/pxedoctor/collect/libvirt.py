"""Understands which libvirt daemons run, which sleep behind a socket, and network.conf."""

import re

from pxedoctor.access.answer import Absent, Answers, Failed, Forbidden, list_question, read_question
from pxedoctor.collect.ask.connection import STATE
from pxedoctor.collect.ask.libvirt import (
    AUTOSTARTED_MARK,
    DAEMONS,
    NETWORK_CONF,
    NETWORKS_LIVE,
    UNIX_SOCKETS,
    accepting,
    is_pid,
    pid_file,
    socket_file,
    stat_file,
)
from pxedoctor.collect.texts import text_of, why_missing
from pxedoctor.model.fact import Missing
from pxedoctor.model.libvirt import Daemon, Libvirt

_BACKEND = r'(?m)^\s*firewall_backend\s*=\s*"([^"]*)"'


def parse(answers: Answers) -> Libvirt | Missing:
    state = answers.get(list_question(STATE))
    if isinstance(state, Absent):
        return Missing("absent", "libvirt has not run on this host since it booted", "install and start libvirt")
    if isinstance(state, Forbidden | Failed) or state is None:
        return why_missing(answers, list_question(STATE))
    backend = re.search(_BACKEND, text_of(answers, read_question(NETWORK_CONF)) or "")
    return Libvirt(
        daemons=tuple(daemon for daemon in (_daemon(answers, name) for name in DAEMONS) if daemon is not None),
        configured_backend=backend.group(1) if backend else "",
        networks_autostarted=AUTOSTARTED_MARK in (text_of(answers, list_question(NETWORKS_LIVE)) or "").splitlines(),
    )


def _daemon(answers: Answers, name: str) -> Daemon | None:
    pid = (text_of(answers, read_question(pid_file(name))) or "").strip()
    if is_pid(pid) and _alive(text_of(answers, read_question(stat_file(pid)))):
        return Daemon(name=name, pid=int(pid))
    # Somebody accepts, and it is not the daemon: it is systemd, for the daemon.
    if socket_file(name) in accepting(text_of(answers, read_question(UNIX_SOCKETS)) or ""):
        return Daemon(name=name, asleep=True)
    return None


def _alive(stat: str | None) -> bool:
    # proc(5): the state is the first letter after the last ")" of the command's name.
    return stat is not None and stat.rpartition(")")[2].split()[:1] not in (["Z"], ["X"])
