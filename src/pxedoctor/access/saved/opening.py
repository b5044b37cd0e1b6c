"""What a person may hand to `--from`: a snapshot, a sosreport (packed, or its folder), or a folder of saved texts."""

import os
from datetime import UTC, datetime
from typing import BinaryIO

from pxedoctor.access import snapshot
from pxedoctor.access.answer import Access
from pxedoctor.access.replay import Replay
from pxedoctor.access.saved.archive import is_tar, read_archive
from pxedoctor.access.saved.host import COMMANDS, SavedHost
from pxedoctor.access.saved.tree import Folder, OnDisk, Parts, Tree, find
from pxedoctor.access.snapshot import SnapshotError

# What of a sosreport is kept in memory: the plugins and files that a question leads to.
_PLUGINS = frozenset(
    {"networking", "firewall_tables", "firewalld", "libvirt", "virsh", "kernel", "process", "host", "logs", "date"}
)
_TOPS = frozenset({"etc", "run", "usr"})
_FILES = (("proc", "net"), ("proc", "sys"), ("proc", "modules"), ("lib", "modules"), ("boot",), ("var", "log"))
# A folder that holds one of these is somebody's collection of texts.
_OUTPUTS = ("nft_", "iptables", "ip6tables", "ebtables", "ip_", "virsh_", "ps_", "sysctl_", "ethtool_", "tc_")
_WOULD_HELP = (
    "give a file that `pxedoctor snapshot -o FILE` wrote, a sosreport, or a folder of outputs that are named as sos"
    " names them, e.g. nft_-a_list_ruleset"
)


def open_saved(path: str) -> tuple[Access, str]:
    """What is asked instead of this machine, and the time its answers are of. Raises SnapshotError."""
    try:
        if os.path.isdir(path):
            return _folder(path)
        with snapshot.opened(path) as file:
            if not is_tar(file):
                taken = snapshot.read(path)
                return Replay(taken.answers), taken.taken_at
            return _archive(path, file)
    except OSError as error:
        raise SnapshotError(f"{path} cannot be read: {error.strerror}", "check the path and its permissions") from error
    except ValueError as error:
        raise SnapshotError(f"{path!r} is not a path: {error}", _WOULD_HELP) from error


def _archive(path: str, file: BinaryIO) -> tuple[Access, str]:
    archive = read_archive(path, file, _is_wanted)
    _refuse_others(path, archive)
    return SavedHost(archive, "the sosreport"), _time(archive.newest)


def _folder(path: str) -> tuple[Access, str]:
    names = os.listdir(path)
    only = os.path.join(path, names[0]) if len(names) == 1 else ""
    if only and not os.path.islink(only):
        # One thing in it: it stands for that.
        return open_saved(only)
    tree = OnDisk(path)
    _refuse_others(path, tree)
    folder = find(tree, COMMANDS)
    inside = (f"{COMMANDS}/{name}" for name in folder.names) if isinstance(folder, Folder) else ("",)
    return SavedHost(tree, "the folder"), _time(max((tree.newest(name) for name in inside), default=0))


def _refuse_others(path: str, tree: Tree) -> None:
    top = find(tree, "/")
    names = top.names if isinstance(top, Folder) else ()
    if COMMANDS not in names and not any(name.startswith(_OUTPUTS) for name in names):
        raise SnapshotError(
            f"{path} is neither a snapshot nor a sosreport, and holds no output of a command", _WOULD_HELP
        )


def _is_wanted(parts: Parts) -> bool:
    """Whether a diagnosis may ask for this member; the archive's own folder may stand before it."""
    return any(_is_asked_for(parts[skipped:]) for skipped in (0, 1))


def _is_asked_for(parts: Parts) -> bool:
    if len(parts) < 2:
        return parts[:1] == () or parts[0].startswith(_OUTPUTS)
    if parts[0] == COMMANDS:
        return parts[1] in _PLUGINS and len(parts) == 3
    if parts[0] == "proc" and len(parts) > 2 and parts[1].isdecimal():
        return parts[2] == "net"
    return parts[0] in _TOPS or any(parts[: len(folder)] == folder for folder in _FILES)


def _time(seconds: int) -> str:
    # 2^33 is in the year 2242; more is no time that a file can have.
    return datetime.fromtimestamp(min(max(seconds, 0), 2**33), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
