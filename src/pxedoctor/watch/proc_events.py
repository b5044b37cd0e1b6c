"""Listens to the process connector and keeps a Lineage of what it hears.

Needs CAP_NET_ADMIN in the initial network namespace and the initial pid namespace: elsewhere the kernel refuses, or
tells pids that mean nothing here (linux drivers/connector/cn_proc.c). /proc is read at once at each exec: a process
that lives for a millisecond is often still there.
"""

import os

import msgspec

from pxedoctor.access.heard import Heard
from pxedoctor.watch.elsewhere import Elsewhere
from pxedoctor.watch.exec_events import ExecEvents
from pxedoctor.watch.lineage import Lineage, Told
from pxedoctor.watch.proc_message import INDEX, Executed, Exited, Forked, Message, Renamed, parse, subscription
from pxedoctor.watch.unit_requests import UnitRequests

DAEMONS = frozenset(
    {"dnsmasq", "dhcpd", "kea-dhcp4", "kea-dhcp6", "libvirtd", "virtnetworkd", "virtqemud", "firewalld", "in.tftpd"}
)

_NETLINK_CONNECTOR = 11
# Some 20,000 events: the kernel drops what does not fit, and says so once.
_RECEIVE_BYTES = 8 * 1024 * 1024
# Who it was stands in the first words. A compiler's, a browser's or qemu's line has thousands of characters, and
# thousands of processes are remembered: the memory of them would be another with what the host does.
_MOST_COMMAND = 512
_CUT = "..."
_MOST_NAME = 15


class Became(msgspec.Struct, frozen=True):
    """What became of a daemon that guests depend on, in words."""

    pid: int
    what: str


class ProcessEvents:
    """Raises OSError where the kernel does not let us listen. `drain` must be called whenever the socket is ready.

    /proc is the one that is mounted when this is made, also for a keeper that enters another mount namespace later.
    """

    def __init__(self) -> None:
        self.lineage = Lineage()
        self.unit_requests = UnitRequests()
        self._programs: ExecEvents | None = None
        self._proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
        self._elsewhere = Elsewhere(self._proc)
        try:
            self._heard = Heard(_NETLINK_CONNECTOR, room=_RECEIVE_BYTES, groups=INDEX)
        except OSError:
            os.close(self._proc)
            raise
        try:
            self._heard.send(subscription(self._heard.port))
        except OSError:
            self.close()
            raise
        self._read_the_living()

    def open_programs(self) -> ExecEvents:
        """Also hears which program it was, where /proc is asked too late; made where the host's files are seen."""
        self._programs = ExecEvents(self._proc)
        return self._programs

    def fileno(self) -> int:
        return self._heard.fileno()

    def close(self) -> None:
        self._heard.close()
        os.close(self._proc)

    def drain(self, goes_on: bool = False) -> tuple[Became, ...]:
        """Takes in everything that was said until now. Returns what became of daemons that this host's guests need.

        `goes_on`: what was heard before has not all been told of yet.
        """
        told_of: list[Became] = []
        if not goes_on:
            self.unit_requests.turn()
        for datagram in self._heard.datagrams(self._lose):
            message = parse(datagram)
            if isinstance(message, Exited) and (name := self._daemon(message.pid)):
                told_of.append(Became(message.pid, f"{name} (pid {message.pid}) ended"))
            self._take_in(message)
            if isinstance(message, Executed) and (name := self._daemon(message.pid)):
                told_of.append(Became(message.pid, f"{name} (pid {message.pid}) started"))
        return tuple(told_of)

    def _daemon(self, pid: int) -> str:
        """The name of a daemon of this host that this is; "" for a copy of one, which runs a program for it or waits
        for one."""
        lived = self.lineage.lived(pid)
        if lived is None or lived.told.name not in DAEMONS or self.lineage.is_copy(lived):
            return ""
        return "" if self._elsewhere.has(pid) else lived.told.name

    def _take_in(self, message: Message | None) -> None:
        match message:
            case Forked(pid, parent):
                self.lineage.forked(pid, parent)
                self._elsewhere.forked(pid, parent)
            case Executed(pid):
                said = self._told(pid)
                self.lineage.executed(pid, said)
                self.unit_requests.executed(pid, said)
                (self._elsewhere.began if said.name in DAEMONS else self._elsewhere.ended)(pid)
            case Renamed(pid, name):
                self.lineage.renamed(pid, name)
            case Exited(pid):
                self.lineage.exited(pid)
                self.unit_requests.ended(pid)
                self._elsewhere.ended(pid)
            case None:
                pass

    def _told(self, pid: int) -> Told:
        said = told(self._proc, pid)
        begun = self._programs.begun(pid) if self._programs is not None else ()
        if said.command or not begun:
            return said
        before = self.lineage.lived(pid)
        # A process that has ended, or is ending, has a name at most; it had its user from its parent.
        user = before.told.session_user if before is not None else None
        return Told(name=begun[-1].rpartition("/")[2][:_MOST_NAME], command=begun, session_user=user)

    def _lose(self) -> None:
        self.lineage.gap()
        self._read_the_living()

    def _read_the_living(self) -> None:
        """Parents before their children, so that a chain is whole."""
        pids = sorted(int(name) for name in os.listdir(self._proc) if name.isdigit())
        alive = {pid: told(self._proc, pid) for pid in pids}
        done: set[int] = set()
        for pid in alive:
            for ancestor in reversed(_line_of(pid, alive)):
                if ancestor not in done:
                    done.add(ancestor)
                    self.lineage.found(ancestor, alive[ancestor])
                    if alive[ancestor].name in DAEMONS:
                        self._elsewhere.began(ancestor)


def _line_of(pid: int, alive: dict[int, Told]) -> list[int]:
    line = [pid]
    while (parent := alive[line[-1]].parent) is not None and parent in alive and parent not in line:
        line.append(parent)
    return line


def told(proc: int, pid: int) -> Told:
    """What /proc, an open folder, says of a process; empty where it is gone."""
    try:
        command = _command(_read(proc, f"{pid}/cmdline", _MOST_COMMAND + 1))
        status = dict(line.split(":\t", 1) for line in _read(proc, f"{pid}/status").splitlines() if ":\t" in line)
        return Told(
            name=status["Name"].strip(),
            command=command,
            cgroup=_cgroup(_read(proc, f"{pid}/cgroup")),
            uid=int(status["Uid"].split()[0]),
            session_user=_session_user(_read(proc, f"{pid}/loginuid")),
            parent=int(status["PPid"]) or None,
        )
    except (OSError, ValueError, KeyError, IndexError):
        return Told()


def _command(text: str) -> tuple[str, ...]:
    """The words of /proc/PID/cmdline; a line that is longer than what is kept ends in `...`."""
    words = tuple(word for word in text[:_MOST_COMMAND].split("\0") if word)
    return (*words, _CUT) if len(text) > _MOST_COMMAND else words


def _read(proc: int, path: str, most: int = 65536) -> str:
    handle = os.open(path, os.O_RDONLY, dir_fd=proc)
    try:
        return os.read(handle, most).decode(errors="backslashreplace")
    finally:
        os.close(handle)


def _cgroup(text: str) -> str:
    """The path in the unified hierarchy (cgroups(7))."""
    return next((line[3:] for line in text.splitlines() if line.startswith("0::")), "")


def _session_user(text: str) -> int | None:
    number = int(text or "-1") & 0xFFFFFFFF
    return None if number == 0xFFFFFFFF else number
