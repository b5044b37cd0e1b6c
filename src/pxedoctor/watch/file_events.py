"""Listens to files: what libvirt writes down of its networks and guests, and the lock of iptables-legacy.

1. inotify(7) tells that libvirt's state or definitions changed; not who did it.
2. iptables-legacy sends no event. It holds a lock file while it works, and fanotify(7) tells which process closed it;
   a listing closes it too, and then nothing is different.
"""

import ctypes
import os
import struct
from collections.abc import Iterator
from pathlib import Path

import msgspec

from pxedoctor.watch.fanotify import Fanotify

FOLDERS = (
    "/run/libvirt/network",
    "/run/libvirt/qemu",
    "/etc/libvirt/qemu",
    "/etc/libvirt/qemu/networks",
    "/etc/libvirt/nwfilter",
    "/run/libvirt/nwfilter-binding",
)
LOCK = "/run/xtables.lock"
# What libvirt's filters learned of guests' addresses: rewritten whenever it starts or firewalld reloads, and read by
# libvirt alone (src/nwfilter/nwfilter_dhcpsnoop.c, LEASEFILE and TMPLEASEFILE).
_NOBODY_S = frozenset({"nwfilter.leases", "nwfilter.ltmp"})

_NONBLOCK_CLOEXEC = os.O_NONBLOCK | os.O_CLOEXEC
# IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE (linux/inotify.h).
_CHANGES = 0x8 | 0x40 | 0x80 | 0x100 | 0x200
# IN_Q_OVERFLOW; IN_IGNORED.
_OVERFLOW, _IGNORED = 0x4000, 0x8000
_INOTIFY_EVENT = struct.Struct("=iIII")
# linux/fanotify.h: FAN_CLOSE | FAN_EVENT_ON_CHILD.
_FAN_CLOSED = 0x8 | 0x10 | 0x08000000
_BUFFER = 64 * 1024


class FileChange(msgspec.Struct, frozen=True):
    """`pid` of who did it, None where the kernel does not tell."""

    source: str
    what: str
    pid: int | None = None


class LibvirtFiles:
    """Raises OSError where the kernel gives no inotify. `lost`: how often it had no room for more.

    A folder that is not there is looked for again by `look`: libvirt makes its own when it starts.
    """

    def __init__(self, folders: tuple[str, ...] = FOLDERS) -> None:
        self.lost = 0
        self._folders = folders
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._handle = _checked(self._libc.inotify_init1(_NONBLOCK_CLOEXEC))
        self._watched: dict[str, int] = {}
        self.look()

    def fileno(self) -> int:
        return self._handle

    def close(self) -> None:
        os.close(self._handle)

    def look(self) -> tuple[FileChange, ...]:
        """Watches folders that have come since; those are told."""
        come = [folder for folder in self._folders if folder not in self._watched and os.path.isdir(folder)]
        for folder in come:
            self._watched[folder] = _checked(self._libc.inotify_add_watch(self._handle, os.fsencode(folder), _CHANGES))
        return tuple(FileChange("libvirt", f"{folder} is there now") for folder in come)

    def drain(self) -> tuple[FileChange, ...]:
        """Each file that changed, once."""
        names: dict[str, None] = {}
        for block in _blocks(self._handle):
            at = 0
            while at + _INOTIFY_EVENT.size <= len(block):
                watch, mask, _, length = _INOTIFY_EVENT.unpack_from(block, at)
                at += _INOTIFY_EVENT.size
                self._note(watch, mask)
                names[block[at : at + length].partition(b"\0")[0].decode(errors="backslashreplace")] = None
                at += length
        told = (name for name in names if name and name not in _NOBODY_S)
        return tuple(FileChange("libvirt", f"libvirt wrote {name}") for name in told)

    def _note(self, watch: int, mask: int) -> None:
        if mask & _OVERFLOW:
            self.lost += 1
        if mask & _IGNORED:
            # The folder is gone; one of the same name is another.
            self._watched = {folder: number for folder, number in self._watched.items() if number != watch}


class LegacyLock:
    """Raises OSError where the kernel does not let us listen (CAP_SYS_ADMIN)."""

    def __init__(self, lock: str = LOCK) -> None:
        self._lock = lock
        self._fanotify = Fanotify()
        try:
            self._fanotify.mark(str(Path(lock).parent), _FAN_CLOSED)
        except OSError:
            self.close()
            raise

    def fileno(self) -> int:
        return self._fanotify.fileno()

    def close(self) -> None:
        self._fanotify.close()

    def drain(self) -> tuple[FileChange, ...]:
        return tuple(FileChange("legacy-rules", "iptables-legacy was at work", pid) for pid in self._pids())

    def _pids(self) -> Iterator[int]:
        for file, pid in self._fanotify.events():
            try:
                is_lock = os.path.samestat(os.fstat(file), os.stat(self._lock))
            except OSError:
                is_lock = False
            if is_lock:
                yield pid


def _blocks(handle: int) -> Iterator[bytes]:
    while True:
        try:
            yield os.read(handle, _BUFFER)
        except BlockingIOError:
            return


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
