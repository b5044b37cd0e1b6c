"""Asks for the files in which a bridge may be configured, by every system that makes bridges, and which are installed.

1. Folders are listed first, and only names that their readers would take are read.
2. A file that is a link is read only where the link leads into one of these folders; else its target is noted alone.
3. What `source` lines of /etc/network/interfaces name is read too, below /etc.
4. Secrets (Wi-Fi keys, passwords) become stars; a NetworkManager profile of anything but a bridge or its port is not
   kept at all.
5. Of each file the first mebibyte is kept, as of a firewall's.
"""

import errno
import os
import posixpath
import re
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase

from pxedoctor.access.answer import Answer, Failed, Text
from pxedoctor.access.notebook import Notebook
from pxedoctor.collect.ask import firewall_files
from pxedoctor.collect.ask.firewall_files import CUT_HERE

INTERFACES = "/etc/network/interfaces"
_NM = "NetworkManager/system-connections"
# Folder, and the patterns of the names in it.
FOLDERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("/etc/network", ("interfaces", "interfaces.new")),
    ("/etc/network/interfaces.d", ("*",)),
    ("/etc/network/ifupdown2/policy.d", ("*.json",)),
    ("/var/lib/ifupdown2/policy.d", ("*.json",)),
    ("/usr/lib/netplan", ("*.yaml",)),
    ("/etc/netplan", ("*.yaml",)),
    ("/run/netplan", ("*.yaml",)),
    ("/etc/systemd/network", ("*.netdev", "*.network")),
    ("/run/systemd/network", ("*.netdev", "*.network")),
    ("/usr/lib/systemd/network", ("*.netdev", "*.network")),
    (f"/etc/{_NM}", ("*",)),
    (f"/run/{_NM}", ("*.nmconnection",)),
    (f"/usr/lib/{_NM}", ("*.nmconnection",)),
    ("/etc/sysconfig/network-scripts", ("ifcfg-*",)),
    ("/etc/sysconfig/network", ("ifcfg-*",)),
    ("/etc/nmstate", ("*.yml", "*.yaml")),
    ("/etc/conf.d", ("net",)),
    ("/etc/netctl", ("*",)),
    ("/etc/openvswitch", ("conf.db",)),
    ("/etc/systemd/system", ("*.service",)),
    ("/etc/local.d", ("*.start",)),
)
NETDEV_FOLDERS = ("/etc/systemd/network", "/run/systemd/network", "/usr/lib/systemd/network")
SCRIPT_FOLDERS = ("/etc/systemd/system", "/etc/local.d")
KEPT_NETWORKS = ("/var/lib/incus/networks", "/var/lib/lxd/networks", "/var/snap/lxd/common/lxd/networks")
# A folder or file that is there if the program is.
SIGNS: tuple[tuple[str, str, str], ...] = (
    ("ifupdown2", "list", "/usr/share/ifupdown2"),
    ("ifupdown-ng", "list", "/usr/libexec/ifupdown-ng"),
    ("bridge-utils", "list", "/lib/bridge-utils"),
    ("Proxmox VE", "list", "/etc/pve"),
    ("brctl", "link", "/usr/sbin/brctl"),
    ("brctl", "link", "/sbin/brctl"),
    ("network-scripts", "link", "/etc/sysconfig/network-scripts/ifup-eth"),
    ("iptables", "link", "/usr/sbin/iptables"),
    ("iptables", "link", "/sbin/iptables"),
    ("NetworkManager", "link", "/etc/systemd/system/multi-user.target.wants/NetworkManager.service"),
)

_MOST_SOURCED = 50
_NM_BRIDGE = r"(?m)^\s{0,20}(?:type\s{0,20}=\s{0,20}(?:bridge|ovs-)|(?:port|slave)-type\s{0,20}=\s{0,20}bridge\s*$)"
_ABOUT_BRIDGES = r"\bbrctl\b|\bbridge\b|\bstp_state\b|\bforward_delay\b"
_SOURCE = r"(?m)^[ \t]{0,80}(source|source-directory|source-dir)[ \t]{1,20}(\S{1,500})[ \t]*$"
# Names that `source-directory` takes (interfaces(5)): what an editor or a package manager leaves is not read.
_PLAIN_NAME = r"[a-zA-Z0-9_-]+"

# A folder's names; a file's text, or None where there is none to be had.
ListFolder = Callable[[str], Iterable[str]]
ReadFile = Callable[[str], str | None]


def ask(host: Notebook) -> None:
    def read(path: str) -> str | None:
        target = link_target(path, host.readlink(path))
        if target and not is_ours(target):
            return None
        answer = host.read(path, cut=cut_of(path))
        return answer.text if isinstance(answer, Text) else None

    reached(host.names, read)
    for folder in KEPT_NETWORKS:
        host.list(folder)
    for _, how, path in SIGNS:
        if how == "list":
            host.list(path)
        else:
            host.readlink(path)


def reached(names: ListFolder, read: ReadFile) -> tuple[str, ...]:
    """Every path that is looked at, in order; asked of a host, or of what a host once answered."""
    done: list[str] = []
    for folder, patterns in FOLDERS:
        found = tuple(names(folder))
        for name in found:
            if any(fnmatchcase(name, pattern) for pattern in patterns) and not name.startswith("."):
                done.append(f"{folder}/{name}")
        if folder in NETDEV_FOLDERS:
            # The file that they are about may be in another of these folders: netplan's are in /run.
            drop_ins = [f"{folder}/{name}" for name in found if name.endswith((".netdev.d", ".network.d"))]
            done += [path for drop_in in drop_ins for path in _drop_ins(drop_in, names)]
    for path in done:
        if not path.startswith("/etc/network/"):
            read(path)
    return (*done, *_interfaces(names, read, set(done)), *_scripts(names, read, set(done)))


def _drop_ins(folder: str, names: ListFolder) -> list[str]:
    return [f"{folder}/{name}" for name in names(folder) if name.endswith(".conf")]


def _interfaces(names: ListFolder, read: ReadFile, known: set[str]) -> list[str]:
    """What /etc/network/interfaces and all that it sources sources, which was not reached before."""
    waiting = sorted(path for path in known if path.startswith("/etc/network/"))
    done: list[str] = []
    while waiting and len(done) < _MOST_SOURCED:
        for path in sourced(read(waiting.pop(0)) or "", names):
            if path not in known:
                known.add(path)
                done.append(path)
                waiting.append(path)
    return done


def sourced(text: str, names: ListFolder) -> list[str]:
    """Paths below /etc that `source` (a shell pattern) and `source-directory` lines of interfaces(5) name."""
    paths: list[str] = []
    for word, given in re.findall(_SOURCE, text):
        where = given if given.startswith("/") else f"/etc/network/{given}"
        if not where.startswith("/etc/") or "/../" in where:
            continue
        if word == "source":
            folder, _, pattern = where.rpartition("/")
            paths += [f"{folder}/{name}" for name in names(folder) if fnmatchcase(name, pattern)]
        else:
            folder = where.rstrip("/")
            paths += [f"{folder}/{name}" for name in names(folder) if re.fullmatch(_PLAIN_NAME, name)]
    return paths


def _scripts(names: ListFolder, read: ReadFile, known: set[str]) -> list[str]:
    """Scripts that run at a start: those in which firewall rules are looked for too."""
    paths = ["/etc/rc.local"]
    for folder in firewall_files.SCRIPT_FOLDERS:
        paths += [f"{folder}/{name}" for name in names(folder) if re.fullmatch(r"[\w-]+(?:\.sh)?", name)]
    fresh = [path for path in paths if path not in known]
    for path in fresh:
        read(path)
    return fresh


def link_target(path: str, answer: Answer) -> str:
    """Where a link leads, as an absolute path; "" where it is none."""
    if not isinstance(answer, Text):
        return ""
    return posixpath.normpath(posixpath.join(path.rpartition("/")[0], answer.text.strip()))


def is_ours(path: str) -> bool:
    """Whether a link may lead there: into a folder that is read anyhow."""
    folders = {folder for folder, _ in FOLDERS} | set(firewall_files.SCRIPT_FOLDERS)
    return path.rpartition("/")[0] in folders


def cut_of(path: str) -> Callable[[str], str]:
    folder = path.rpartition("/")[0]
    if firewall_files.is_script(path):
        return firewall_files.cut_of(path)
    if folder in SCRIPT_FOLDERS:
        return _about_bridges
    return _profile if folder.endswith(_NM) else firewall_files.configuration


def _about_bridges(text: str) -> str:
    lines = firewall_files.configuration(text).splitlines()
    kept = [line if re.search(_ABOUT_BRIDGES, line) or line == CUT_HERE.rstrip() else "" for line in lines]
    return "\n".join(kept) + "\n" if any(kept) else ""


def _profile(text: str) -> str:
    return firewall_files.configuration(text) if re.search(_NM_BRIDGE, text) else ""


def is_there(answer: Answer | None, how: str) -> bool:
    """A sign of a program: a folder with something in it, or a path that exists, link or not."""
    if how == "list":
        return isinstance(answer, Text) and bool(answer.text.strip())
    # readlink(2) of what is there and no link.
    return isinstance(answer, Text) or (isinstance(answer, Failed) and os.strerror(errno.EINVAL) in answer.why)
