"""Restarts and reloads services through whatever manages them here: systemd, OpenRC, or nobody but a pid file."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Protocol

from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.run import run
from pxedoctor.plans.request import ServiceAction

# libvirtd with many guests needs some seconds to let go; systemd itself waits 90 s.
_STOP_SECONDS = 30
_START_SECONDS = 30
_POLL_SECONDS = 0.02


class Manager(Protocol):
    def control(self, name: str, action: ServiceAction) -> None: ...


def control(name: str, action: ServiceAction) -> None:
    manager().control(name, action)


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
        argv = self._argv(name, pid)
        if pid is not None:
            self._stop(name, pid)
        self._start(name, argv)

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

    def _stop(self, name: str, pid: int) -> None:
        self._signal(name, pid, signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        while _lives(pid):
            if time.monotonic() > deadline:
                raise NotGrantedError(f"{name} (pid {pid}) did not end within {_STOP_SECONDS} s")
            time.sleep(_POLL_SECONDS)

    def _signal(self, name: str, pid: int, number: signal.Signals) -> None:
        try:
            os.kill(pid, number)
        except OSError as error:
            raise NotGrantedError(f"{name} (pid {pid}) took no {number.name}: {error.strerror}") from error

    def _start(self, name: str, argv: list[str]) -> None:
        # To nowhere, and not to a pipe: a daemon that keeps its output open would be waited for.
        nowhere = subprocess.DEVNULL
        try:
            starting = subprocess.Popen(argv, stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True)
        except OSError as error:
            raise NotGrantedError(f"{name} cannot be started: {error}") from error
        deadline = time.monotonic() + _START_SECONDS
        while self._pid(name) is None:
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
