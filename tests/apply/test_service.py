"""The plain-pid manager, with a real daemon of this test's own."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.service import RESTARTING, PlainPid, Systemd, manager

# A daemon as old as Unix: it writes its pid, notes each SIGHUP, and forks away from who started it.
_DAEMON = """\
#!/usr/bin/env python3
import os, signal, sys, time
if os.fork():
    os._exit(0)
os.setsid()
name, pid_file, notes = sys.argv[1:]
open(f"/proc/self/comm", "w").write(name)
signal.signal(signal.SIGHUP, lambda *_: open(notes, "a").write("reloaded\\n"))
signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.5), os._exit(0)))
open(pid_file, "w").write(f"{os.getpid()}\\n")
open(notes, "a").write("started\\n")
time.sleep(60)
"""


class Daemon:
    """One daemon: its name, its pid file in /run, and what it noted."""

    def __init__(self, folder: Path) -> None:
        self.name = f"pxdt{os.getpid() % 100000}"
        self.pid_file = Path(f"/run/{self.name}.pid")
        self.notes = folder / "notes"
        self.program = folder / "daemon"
        self.program.write_text(_DAEMON)
        self.program.chmod(0o755)

    def start(self) -> None:
        python = shutil.which("python3")
        assert python
        argv = [python, str(self.program), self.name, str(self.pid_file), str(self.notes)]
        subprocess.run(argv, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.wait_for("started", 1)

    def wait_for(self, word: str, times: int) -> None:
        deadline = time.monotonic() + 20
        while not self.notes.exists() or self.notes.read_text().split().count(word) < times:
            assert time.monotonic() < deadline, self.notes
            time.sleep(0.02)

    @property
    def pid(self) -> int:
        return int(self.pid_file.read_text())


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    made = Daemon(tmp_path)
    yield made
    if made.pid_file.exists():
        pid = made.pid
        if Path(f"/proc/{pid}/comm").exists() and Path(f"/proc/{pid}/comm").read_text().strip() == made.name:
            os.kill(pid, signal.SIGKILL)
        made.pid_file.unlink()


def test_reload_is_a_sighup(daemon: Daemon) -> None:
    daemon.start()
    PlainPid().control(daemon.name, "reload")
    daemon.wait_for("reloaded", 1)


def test_restart_is_another_process_with_the_same_arguments(daemon: Daemon) -> None:
    daemon.start()
    before, argv = daemon.pid, Path(f"/proc/{daemon.pid}/cmdline").read_bytes()
    PlainPid().control(daemon.name, "restart")
    daemon.wait_for("started", 2)
    assert daemon.pid != before
    assert Path(f"/proc/{daemon.pid}/cmdline").read_bytes() == argv


def test_whoever_is_killed_in_the_middle_of_a_restart_leaves_no_host_without_its_daemon(daemon: Daemon) -> None:
    """kill -9 while the old process still takes its time to end."""
    daemon.start()
    before = daemon.pid
    restart = "import sys; from pxedoctor.apply.service import PlainPid; PlainPid().control(sys.argv[1], 'restart')"
    doctor = subprocess.Popen([sys.executable, "-c", restart, daemon.name])
    while RESTARTING not in helpers_of(before):
        assert doctor.poll() is None, "it was quicker than this test"
        time.sleep(0.01)
    doctor.kill()
    doctor.wait()
    daemon.wait_for("started", 2)
    assert daemon.pid != before


def helpers_of(pid: int) -> str:
    """The command lines of all processes that name this one."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            lines.append(path.read_bytes().decode(errors="replace"))
    return "".join(line for line in lines if f"\0{pid}\0" in line)


def test_what_is_not_running_is_not_reloaded(daemon: Daemon) -> None:
    with pytest.raises(NotGrantedError, match="not running"):
        PlainPid().control(daemon.name, "reload")


def test_what_is_not_installed_is_not_started(daemon: Daemon) -> None:
    with pytest.raises(NotGrantedError, match="not installed"):
        PlainPid().control(daemon.name, "restart")


def test_a_pid_that_another_program_has_now_is_left_alone(daemon: Daemon) -> None:
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        daemon.pid_file.write_text(f"{stranger.pid}\n")
        with pytest.raises(NotGrantedError):
            PlainPid().control(daemon.name, "restart")
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_daemon_that_does_not_come_up_again_is_told(daemon: Daemon) -> None:
    daemon.start()
    daemon.program.write_text("import sys; sys.exit(7)\n")
    with pytest.raises(NotGrantedError, match="ended with 7"):
        PlainPid().control(daemon.name, "restart")


def test_who_manages_services_here() -> None:
    assert isinstance(manager(), Systemd) is Path("/run/systemd/system").is_dir()
