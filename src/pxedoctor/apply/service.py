"""Restarts and reloads services through whatever manages them here: systemd, OpenRC, or nobody but a pid file."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Protocol

from pxedoctor.apply.busy import require_idle
from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.run import run
from pxedoctor.plans.request import ServiceAction

# libvirtd with many guests needs some seconds to let go; systemd itself waits 90 s.
_STOP_SECONDS = 30
_START_SECONDS = 30
_POLL_SECONDS = 0.02
# Stopping and starting are one program of its own session: whoever kills pxedoctor between the two leaves no host
# without its daemon. $1 is the old process, $2 how often to look (every 0.05 s), the rest the daemon's command line.
RESTARTING = """\
pid=$1 looks=$2; shift 2
kill -TERM "$pid" 2>/dev/null
while kill -0 "$pid" 2>/dev/null && ! grep -q '^State:.Z' "/proc/$pid/status" 2>/dev/null; do
    looks=$((looks - 1))
    if [ "$looks" -le 0 ]; then exit 75; fi
    sleep 0.05
done
exec "$@"
"""
_LOOKS_A_SECOND = 20
# libvirt lets a client in once its state is as it was, the rules of its networks among it (src/remote/remote_daemon.c
# daemonRunStateInit); that it runs, or has told systemd so, is earlier.
_ANSWERS_AT = {"libvirtd": "qemu:///system", "virtqemud": "qemu:///system", "virtnetworkd": "network:///system"}
_STILL_THERE = 75


class Manager(Protocol):
    def control(self, name: str, action: ServiceAction) -> None: ...


def control(name: str, action: ServiceAction) -> None:
    """A restart is refused while it would cut into somebody's work; a reload cuts into nothing.

    A restart of libvirt's ends when it answers.
    """
    if action == "restart":
        require_idle(name)
    manager().control(name, action)
    if action == "restart" and name in _ANSWERS_AT:
        _await_answer(_ANSWERS_AT[name])


def _await_answer(uri: str) -> None:
    """Whoever looks at the host next says what came of a daemon that does not answer in time, or without virsh.

    Without systemd its pid is there before its socket: then virsh is refused at once.
    """
    asked = ("virsh", "-c", uri, "uri")
    deadline = time.monotonic() + _START_SECONDS
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        while (left := deadline - time.monotonic()) > 0:
            done = subprocess.run(asked, stdin=subprocess.DEVNULL, capture_output=True, timeout=left, check=False)
            if done.returncode == 0:
                return
            time.sleep(_POLL_SECONDS)


def manager() -> Manager:
    """sd_booted(3) is the existence of /run/systemd/system; OpenRC keeps its state in /run/openrc."""
    if Path("/run/systemd/system").is_dir():
        return Systemd()
    if Path("/run/openrc").is_dir():
        return OpenRc()
    return PlainPid()


class Systemd:
    def control(self, name: str, action: ServiceAction) -> None:
        run(("systemctl", action, f"{name}.service"))


class OpenRc:
    def control(self, name: str, action: ServiceAction) -> None:
        run(("rc-service", name, action))


class PlainPid:
    """A daemon known by /run/NAME.pid alone: signalled, waited for, and started again with its own command line."""

    def control(self, name: str, action: ServiceAction) -> None:
        pid = self._pid(name)
        if action == "reload":
            if pid is None:
                raise NotGrantedError(f"{name} is not running, so it cannot be reloaded")
            self._signal(name, pid, signal.SIGHUP)
            return
        self._start(name, pid, self._argv(name, pid))

    def _pid(self, name: str) -> int | None:
        try:
            pid = int(Path(f"/run/{name}.pid").read_text())
            running = Path(f"/proc/{pid}/comm").read_text().strip()
        except (OSError, ValueError):
            return None
        return pid if running == name[:15] and _lives(pid) else None

    def _argv(self, name: str, pid: int | None) -> list[str]:
        if pid is not None:
            try:
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            except OSError as error:
                raise NotGrantedError(f"{name} (pid {pid}) ended by itself: {error}") from error
            return [word.decode(errors="surrogateescape") for word in words if word]
        program = shutil.which(name)
        if program is None:
            raise NotGrantedError(f"{name} is not installed")
        return [program, "-d"]

    def _signal(self, name: str, pid: int, number: signal.Signals) -> None:
        try:
            os.kill(pid, number)
        except OSError as error:
            raise NotGrantedError(f"{name} (pid {pid}) took no {number.name}: {error.strerror}") from error

    def _start(self, name: str, old: int | None, argv: list[str]) -> None:
        """Stops the old process first, where there is one."""
        looks = str(_STOP_SECONDS * _LOOKS_A_SECOND)
        whole = argv if old is None else ["sh", "-c", RESTARTING, "sh", str(old), looks, *argv]
        # To nowhere, and not to a pipe: a daemon that keeps its output open would be waited for.
        nowhere = subprocess.DEVNULL
        try:
            starting = subprocess.Popen(whole, stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True)
        except OSError as error:
            raise NotGrantedError(f"{name} cannot be started: {error}") from error
        deadline = time.monotonic() + _STOP_SECONDS + _START_SECONDS
        while self._pid(name) in {None, old}:
            if starting.poll() == _STILL_THERE and old is not None:
                raise NotGrantedError(f"{name} (pid {old}) did not end within {_STOP_SECONDS} s")
            if starting.poll():
                raise NotGrantedError(f"{name} ended with {starting.returncode} when it was started: {' '.join(argv)}")
            if time.monotonic() > deadline:
                raise NotGrantedError(f"{name} did not start: {' '.join(argv)}")
            time.sleep(_POLL_SECONDS)


def _lives(pid: int) -> bool:
    """Whether there is such a process, and no zombie: in a container the first process may never wait for it."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="backslashreplace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}
