"""Is a package manager at work? It restarts daemons, and whoever repairs meanwhile repairs what is not broken.

dpkg, apt and rpm lock files of their own with fcntl(2), which /proc/locks shows by device and inode; zypper and pacman
leave a file. Asking takes no lock.
"""

import os
import re

_LOCKED = {
    "/var/lib/dpkg/lock-frontend": "apt or dpkg",
    "/var/lib/dpkg/lock": "dpkg",
    "/var/lib/rpm/.rpm.lock": "rpm",
    "/usr/lib/sysimage/rpm/.rpm.lock": "rpm",
}
_THERE = {"/run/zypp.pid": "zypper", "/var/lib/pacman/db.lck": "pacman"}
# 1: POSIX  ADVISORY  WRITE 4711 fd:00:1234 0 EOF
_LOCK = re.compile(r"^\d+: (?:POSIX|FLOCK|OFDLCK)\s+\S+\s+\S+\s+-?\d+ ([0-9a-f]+):([0-9a-f]+):(\d+) ", re.MULTILINE)


def held(locks: str) -> frozenset[tuple[int, int, int]]:
    """Major, minor and inode of every file that somebody locks, from the text of /proc/locks (proc_locks(5))."""
    return frozenset((int(major, 16), int(minor, 16), int(inode)) for major, minor, inode in _LOCK.findall(locks))


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
        if (os.major(found.st_dev), os.minor(found.st_dev), found.st_ino) in locks:
            return name
    return next((name for path, name in _THERE.items() if os.path.exists(path)), "")
