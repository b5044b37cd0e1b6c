"""Waits for the end of the daemons that guests depend on, by pidfd_open(2), which needs no right to hear of processes.

They are found by their pid files. A pid file may be old: only a process that is called as such a daemon counts.
"""

import glob
import os
import select

import msgspec

from pxedoctor.watch.proc_events import DAEMONS

PID_FILES = (
    "/run/libvirt/network/*.pid",
    "/run/libvirtd.pid",
    "/run/virt*d.pid",
    "/run/dnsmasq*.pid",
    "/run/dnsmasq/*.pid",
    "/run/dhcpd*.pid",
    "/run/dhcp-server/*.pid",
    "/run/kea/*.pid",
)
# A host has a dnsmasq a network.
_MOST = 1024


class Ended(msgspec.Struct, frozen=True):
    name: str
    pid: int


class ServerEnds:
    """Raises OSError where /proc does not show this process's own pid namespace: pids would be others'."""

    def __init__(self, pid_files: tuple[str, ...] = PID_FILES) -> None:
        self._pid_files = pid_files
        if os.readlink("/proc/self") != str(os.getpid()):
            raise OSError(0, "/proc shows the processes of another pid namespace")
        self._waiting = select.epoll()
        self._known: dict[int, tuple[int, Ended]] = {}
        self.look()

    def fileno(self) -> int:
        return self._waiting.fileno()

    def close(self) -> None:
        for handle, _ in self._known.values():
            os.close(handle)
        self._waiting.close()

    def look(self) -> None:
        """Finds those that have begun since."""
        for pattern in self._pid_files:
            for path in glob.iglob(pattern):
                pid = _pid_in(path)
                if pid is not None and pid not in self._known and len(self._known) < _MOST:
                    self._wait_for(pid)

    def drain(self) -> tuple[Ended, ...]:
        """Those that have ended since the last time."""
        handles = {handle for handle, _ in self._waiting.poll(0)}
        ended = {pid: told for pid, (handle, told) in self._known.items() if handle in handles}
        for pid in ended:
            handle = self._known.pop(pid)[0]
            self._waiting.unregister(handle)
            os.close(handle)
        return tuple(ended.values())

    def _wait_for(self, pid: int) -> None:
        try:
            handle = os.pidfd_open(pid)
        except OSError:
            return
        # Asked after it was opened: a pid that is another's by now cannot slip in between.
        name = _name(pid)
        if name not in DAEMONS:
            os.close(handle)
            return
        self._known[pid] = (handle, Ended(name, pid))
        self._waiting.register(handle, select.EPOLLIN)


def _pid_in(path: str) -> int | None:
    try:
        with open(path, encoding="ascii") as file:
            pid = int(file.read(32))
    except (OSError, ValueError):
        return None
    return pid if pid > 1 else None


def _name(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8", errors="backslashreplace") as file:
            return file.read().rstrip("\n")
    except OSError:
        return ""
