"""Access to a host that was saved as texts, by sos or by hand: a command's text answers the command, a file the file.

1. Where sos saved the same fact in another form (`ip -d address` for `ip -j` and sysfs, `sysctl -a` for /proc/sys, ps
   for procfs) it is told again in the form that was asked for.
2. What is not there is Failed: unknown, not absent. Absent is only what is missing in a folder that sos copies whole.
"""

import json
import re
from collections.abc import Callable, Sequence
from functools import cached_property

from pxedoctor.access.answer import Absent, Answer, Failed, Forbidden, Text
from pxedoctor.access.saved import devices, processes
from pxedoctor.access.saved.tree import File, Folder, Tree, find, link_at

COMMANDS = "sos_commands"
# Copied with everything in them (sos/report/plugins/libvirt.py, networking.py), as far as they were there.
_WHOLE = ("/run/libvirt", "/proc/net", "/etc/libvirt/qemu/networks", "/etc/libvirt/qemu")
_DAEMON_PID = r"/run/(libvirtd|virtqemud|virtnetworkd)\.pid"
_PROCESS_FILE = r"/proc/(\d{1,9})/(stat|cmdline)"
_QDISC = r"(?m)^qdisc (\S+) (\S+) dev (\S+) (root|parent \S+|ingress_block \S+)?"
_NAME_BYTES = 255
# Of the question for the journal these two say what is wanted; the others only make less of it.
_JOURNAL_WORDS = 2


def saved_name(argv: Sequence[str]) -> str:
    """The name of the file in which sos keeps what a command printed (sos/report/plugins, _mangle_command)."""
    command = re.sub(r"^/(usr/|)(bin|sbin)/", "", " ".join(argv))
    command = re.sub(r"[^\w\-./]+", "_", command)
    return command.replace("/", ".").strip(" ._-")[:_NAME_BYTES]


class SavedHost:
    """Access to the texts of one host. Asking changes nothing there: every question may be put."""

    is_saved = True

    def __init__(self, tree: Tree, name: str) -> None:
        self._tree = tree
        self._name = name

    def run(self, argv: Sequence[str]) -> Answer:
        said = self._printed(saved_name(argv))
        if said is not None:
            return said
        derive = _DERIVED_RUNS.get(" ".join(argv[:_JOURNAL_WORDS] if argv[0] == "journalctl" else argv))
        told = derive(self) if derive is not None else None
        if told is None and tuple(argv[:2]) == ("tail", "-n"):
            told = _last_lines(self.read(argv[-1]), argv[2])
        return told if told is not None else Failed(f"{self._name} holds no output of: {' '.join(argv)}")

    def run_all(self, argvs: Sequence[Sequence[str]]) -> tuple[Answer, ...]:
        return tuple(self.run(argv) for argv in argvs)

    def read(self, path: str) -> Answer:
        found = find(self._tree, path)
        if isinstance(found, File):
            return _content(found)
        told = self._derived_file(path)
        if told is not None:
            return Text(told)
        if any(path.startswith(f"{folder}/") and self._has_folder(folder) for folder in _WHOLE):
            return Absent(f"{path} was not on the host")
        return Failed(f"{self._name} holds no file {path}")

    def list(self, folder: str) -> Answer:
        if self._devices and (told := devices.listed(self._devices, folder)) is not None:
            return told
        found = find(self._tree, folder)
        if isinstance(found, Folder):
            return Forbidden(found.why) if found.why else Text("\n".join(found.names))
        if folder == "/run/dbus" and self._processes:
            names = {process.name for process in self._processes.values()}
            return Text("system_bus_socket" if names & {"dbus-daemon", "dbus-broker"} else "")
        if folder == "/proc/sys/net" and self._sysctls:
            below = {name.split("/")[1] for name in self._sysctls if name.startswith("net/")}
            return Text("\n".join(sorted(below)))
        if any(folder.startswith(whole) and self._knows(whole) for whole in _WHOLE):
            return Absent(f"{folder} was not on the host")
        return Failed(f"{self._name} holds no folder {folder}")

    def readlink(self, path: str) -> Answer:
        target = link_at(self._tree, path)
        return Text(target) if target is not None else Failed(f"{self._name} holds no link {path}")

    def dump(self, what: str) -> Answer:
        return Failed(f"{self._name} holds no netlink dump")

    def _printed(self, name: str) -> Answer | None:
        """What the command of this mangled name printed: in sos' folders, or at the top of a folder of texts."""
        for path in self._outputs.get(name, ()):
            found = find(self._tree, path)
            if isinstance(found, File):
                return _content(found)
        return None

    def text(self, *names: str) -> str:
        """The first of these commands' outputs; "" where none is there."""
        for name in names:
            said = self._printed(name)
            if isinstance(said, Text):
                return said.text
        return ""

    @cached_property
    def _outputs(self) -> dict[str, tuple[str, ...]]:
        """The name of each file of sos_commands/*/ and of the top, with its path."""
        found: dict[str, tuple[str, ...]] = {}
        plugins = find(self._tree, COMMANDS)
        folders = [f"{COMMANDS}/{name}" for name in plugins.names] if isinstance(plugins, Folder) else [""]
        for folder in folders:
            inside = find(self._tree, folder)
            for name in inside.names if isinstance(inside, Folder) else ():
                found[name] = (*found.get(name, ()), f"{folder}/{name}")
        return found

    @cached_property
    def _devices(self) -> dict[str, devices.Device]:
        found = devices.read_devices(self.text("ip_-d_address", "ip_-d_address_show"))
        counted = devices.read_devices(self.text("ip_-s_-d_link"))
        for name, device in found.items():
            if name in counted:
                device.received, device.sent = counted[name].received, counted[name].sent
        return found

    @cached_property
    def _processes(self) -> dict[int, processes.Process]:
        with_names = [name for name in self._outputs if name.startswith("ps_axo_pid_ppid_")]
        return processes.read_processes(self.text("ps_alxwww"), self.text(*with_names))

    @cached_property
    def _sysctls(self) -> dict[str, str]:
        """Path below /proc/sys to value. sysctl(8) prints a `.` in a device's name as `/`, and a `/` as `.`."""
        lines = (line.partition(" = ") for line in self.text("sysctl_-a").splitlines())
        swap = str.maketrans("./", "/.")
        return {name.translate(swap): value for name, equals, value in lines if equals}

    @property
    def _uname(self) -> dict[str, str]:
        """`uname -a`: the system, the host's name, the kernel's release, ..."""
        words = self.text("uname_-a").split()
        return {"/proc/sys/kernel/hostname": words[1], "/proc/sys/kernel/osrelease": words[2]} if words[2:] else {}

    def _derived_file(self, path: str) -> str | None:
        if path.startswith("/proc/sys/"):
            return self._sysctls.get(path.removeprefix("/proc/sys/"), self._uname.get(path))
        if path.startswith(f"{devices.NET}/"):
            return devices.value_at(self._devices, path)
        if path == "/proc/modules":
            return _modules(self.text("lsmod")) or None
        if (daemon := re.fullmatch(_DAEMON_PID, path)) is not None:
            pids = [process.pid for process in self._processes.values() if process.name == daemon[1]]
            return str(pids[0]) if pids else None
        if (asked := re.fullmatch(_PROCESS_FILE, path)) is not None and int(asked[1]) in self._processes:
            process = self._processes[int(asked[1])]
            return processes.as_stat(process) if asked[2] == "stat" else process.command
        return None

    def _has_folder(self, path: str) -> bool:
        return isinstance(find(self._tree, path), Folder)

    def _knows(self, whole: str) -> bool:
        """Whether the folder would be here if the host had it: sos' plugin that copies it has run."""
        return self._has_folder(whole) or ("libvirt" in whole and self._has_folder(f"{COMMANDS}/libvirt"))

    def links(self) -> Answer | None:
        return Text(devices.as_json(self._devices)) if self._devices else None

    def ps(self) -> Answer | None:
        return Text(processes.as_ps(self._processes)) if self._processes else None

    def journal(self) -> Answer | None:
        text = self.text("journalctl_--no-pager_--boot", "journalctl_--no-pager_--catalog_--boot")
        return Text(text) if text else None

    def qdiscs(self) -> Answer | None:
        text = self.text("tc_-s_qdisc_show")
        return Text(_qdiscs(text)) if text else None

    def firewalld_runs(self) -> Answer | None:
        if not self._processes:
            return None
        runs = any(process.name == "firewalld" for process in self._processes.values())
        return Text(f"   boolean {'true' if runs else 'false'}\n")

    def default_zone(self) -> Answer | None:
        config = self.read("/etc/firewalld/firewalld.conf")
        found = re.search(r"^DefaultZone=(\S+)", config.text, re.MULTILINE) if isinstance(config, Text) else None
        return Text(found[1]) if found else None


def _content(file: File) -> Answer:
    if file.content is None:
        return Failed(file.why)
    return Text(file.content.decode("utf-8", errors="backslashreplace"))


def _last_lines(answer: Answer, count: str) -> Answer:
    if not isinstance(answer, Text) or not count.isdecimal():
        return answer
    return Text("".join(answer.text.splitlines(keepends=True)[-int(count) :]))


def _modules(lsmod: str) -> str:
    """/proc/modules begins its lines with the name too (proc(5)); the rest is not asked for."""
    lines = (line.split() for line in lsmod.splitlines()[1:])
    return "".join(f"{words[0]} {words[1]} {words[2]} - Live 0x0\n" for words in lines if len(words) > 2)


def _qdiscs(text: str) -> str:
    """As `tc -j qdisc show`, with the keys that are asked for."""
    found = [
        {"kind": kind, "handle": handle, "dev": device} | ({"root": True} if where == "root" else {})
        for kind, handle, device, where in re.findall(_QDISC, text)
    ]
    return json.dumps(found)


_DERIVED_RUNS: dict[str, Callable[[SavedHost], Answer | None]] = {
    "ip -j -d -s -s address show": SavedHost.links,
    "ps -A -o pid=,ppid=,stat=,comm=": SavedHost.ps,
    "journalctl --boot": SavedHost.journal,
    "tc -j qdisc show": SavedHost.qdiscs,
    "dbus-send --system --print-reply --dest=org.freedesktop.DBus /org/freedesktop/DBus"
    " org.freedesktop.DBus.NameHasOwner string:org.fedoraproject.FirewallD1": SavedHost.firewalld_runs,
    "firewall-cmd --get-default-zone": SavedHost.default_zone,
}
