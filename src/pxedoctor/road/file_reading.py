"""Whether the TFTP server of this host can read a boot file: the way's permission bits, as the kernel weighs them.

1. Readable. 2. Gone: this component does not exist. 3. Closed: these components refuse it. 4. Missing: nobody can tell.

A server that runs as root passes every folder, and then demands that everybody may read the file (dnsmasq 2.90
src/tftp.c check_tftp_fileperm; tftpd-hpa validate_access, which demands it always).
"""

import msgspec

from pxedoctor.model.boot_file import BootFile, Entry
from pxedoctor.model.fact import Missing
from pxedoctor.model.process import Process

_ROOT = 0
_READ, _PASS = 4, 1


class Readable(msgspec.Struct, frozen=True):
    file: BootFile


class Gone(msgspec.Struct, frozen=True):
    file: BootFile
    path: str


class Closed(msgspec.Struct, frozen=True):
    """`refusing`: folders that do not let it pass, or the file itself."""

    file: BootFile
    refusing: tuple[Entry, ...]


Reading = Readable | Gone | Closed | Missing


def reading(file: BootFile, server: Process) -> Reading:
    if file.absent:
        return Gone(file, file.absent)
    own = file.file
    if file.unknown or own is None or server.uid is None:
        return Missing("forbidden", f"whether {server.name} may read {file.path}", "run it as root")
    refusing = tuple(entry for entry in file.entries if not _lets(entry, server, file))
    if any(entry.acl for entry in refusing):
        return Missing("absent", f"what the ACL of {refusing[0].path} says", f"getfacl {refusing[0].path}")
    return Closed(file, refusing) if refusing or own.kind == "folder" else Readable(file)


def _lets(entry: Entry, server: Process, file: BootFile) -> bool:
    if entry.kind != "folder":
        return bool(entry.mode & _READ) if _demands_all(server) else _may(entry, server, _READ)
    return server.uid == _ROOT or _may(entry, server, _PASS)


def _demands_all(server: Process) -> bool:
    return server.uid == _ROOT or server.name.endswith("tftpd")


def _may(entry: Entry, server: Process, bit: int) -> bool:
    """The owner's bits for the owner, else the group's for its members, else the others' (path_resolution(7))."""
    if entry.uid == server.uid:
        return bool(entry.mode >> 6 & bit)
    if entry.gid in server.gids:
        return bool(entry.mode >> 3 & bit)
    return bool(entry.mode & bit)
