"""What a restart must not cut into: a package manager at work, and what libvirt does for guests just now.

A package manager restarts daemons itself, and whoever repairs meanwhile repairs what is not broken. A restart of the
daemon that runs guests breaks off their migrations, backups and block jobs. Both are asked for at the moment of acting.

dpkg, apt and rpm lock a file with fcntl(2), Alpine's apk with flock(2): /proc/locks shows it by device and inode.
zypper and pacman leave a file. Asking takes no lock.
"""

import fcntl
import os
import re
import struct
from pathlib import Path

from pxedoctor.apply.error import NotGrantedError

# Of libvirt's daemons those that run guests; the others do nothing for them.
_RUNS_GUESTS = frozenset({"libvirtd", "virtqemud"})
_GUESTS = Path("/run/libvirt/qemu")

_LOCKED = {
    "/var/lib/dpkg/lock-frontend": "apt or dpkg",
    "/var/lib/dpkg/lock": "dpkg",
    "/var/lib/rpm/.rpm.lock": "rpm",
    "/usr/lib/sysimage/rpm/.rpm.lock": "rpm",
    "/lib/apk/db/lock": "apk",
}
_THERE = {"/run/zypp.pid": "zypper", "/var/lib/pacman/db.lck": "pacman"}
# struct flock: type, whence, start, length, pid (include/uapi/asm-generic/fcntl.h).
_FLOCK = struct.Struct("@hhqqi4x")
# 1: POSIX  ADVISORY  WRITE 4711 fd:00:1234 0 EOF
_LOCK = r"(?m)^\d+: (?:POSIX|FLOCK|OFDLCK)\s+\S+\s+\S+\s+-?\d+ ([0-9a-f]+):([0-9a-f]+):(\d+) "


def held(locks: str) -> frozenset[tuple[int, int, int]]:
    """Major, minor and inode of every file that somebody locks, from the text of /proc/locks (proc_locks(5))."""
    return frozenset((int(major, 16), int(minor, 16), int(inode)) for major, minor, inode in re.findall(_LOCK, locks))


def _is_locked(path: str) -> bool:
    """By fcntl(2), asked of the file itself: on btrfs and overlayfs stat(2) has another device than /proc/locks."""
    try:
        with open(path, "rb") as file:
            asked = fcntl.fcntl(file, fcntl.F_GETLK, _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))
    except OSError:
        return False
    return bool(_FLOCK.unpack(asked)[0] != fcntl.F_UNLCK)


def packages_busy() -> str:
    """Who is at work; "" for nobody, or where it cannot be told."""
    try:
        with open("/proc/locks", encoding="ascii", errors="replace") as file:
            locks = held(file.read())
    except OSError:
        return ""
    for path, name in _LOCKED.items():
        try:
            found = os.stat(path)
        except OSError:
            continue
        if (os.major(found.st_dev), os.minor(found.st_dev), found.st_ino) in locks or _is_locked(path):
            return name
    return next((name for path, name in _THERE.items() if os.path.exists(path)), "")


def require_idle(daemon: str) -> None:
    """NotGrantedError where a restart of the daemon would cut into something, with who does what."""
    if manager := packages_busy():
        raise NotGrantedError(f"{manager} is at work, and may restart {daemon} itself: try again when it has ended")
    if daemon in _RUNS_GUESTS and (jobs := guests_jobs()):
        raise NotGrantedError(
            f"{daemon} would break off what it does for {', '.join(jobs)}: try again when it has ended"
        )


def guests_jobs(folder: Path = _GUESTS) -> list[str]:
    """Guests and their jobs, as libvirt keeps them beside each running guest; what is unreadable tells of none."""
    from lxml import etree

    found = []
    for path in sorted(folder.glob("*.xml")):
        try:
            status = etree.parse(path, etree.XMLParser(resolve_entities=False, no_network=True)).getroot()
        except (OSError, etree.LxmlError):
            continue
        job = status.find("job")
        words = [job.get("async", ""), job.get("type", "")] if job is not None else []
        what = next((word for word in words if word not in {"", "none"}), "")
        found += [f"{path.stem} ({what})"] if what else []
    return found
