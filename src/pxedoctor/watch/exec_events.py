"""Which program a process began, also of one that is gone before /proc can be asked: fanotify keeps its file open.

The kernel opens a script, then its interpreter, then the dynamic loader, each to be executed (linux fs/exec.c,
fs/binfmt_script.c, fs/binfmt_elf.c); the loader is passed over.
"""

import contextlib
import os
import re
from collections import OrderedDict

from pxedoctor.watch.fanotify import Fanotify

# FAN_OPEN_EXEC; FAN_MARK_FILESYSTEM.
_OPEN_EXEC, _FILESYSTEM = 0x1000, 0x100
# Each of them may be a filesystem of its own.
_FOLDERS = ("/", "/usr", "/usr/local", "/opt", "/home", "/root", "/var", "/var/lib", "/tmp", "/run", "/srv", "/nix")
_LOADER = re.compile(r"ld(-linux|-musl)?[-.\w]*\.so[.\d]*")
_INTERPRETER = re.compile(r"(.*sh|busybox|env|python[\d.]*|perl[\d.]*|ruby[\d.]*|gawk|awk)")
_MOST = 4096


class ExecEvents:
    """Raises OSError where the kernel does not let us listen. `proc`: an open /proc in which this process is seen."""

    def __init__(self, proc: int) -> None:
        self._proc = proc
        self._fanotify = Fanotify()
        self._opened: OrderedDict[int, tuple[str, ...]] = OrderedDict()
        try:
            self._fanotify.mark("/", _OPEN_EXEC, _FILESYSTEM)
        except OSError:
            self.close()
            raise
        for folder in _FOLDERS[1:]:
            # What is not there holds no program; a filesystem that cannot be marked is one whose scripts may be missed.
            with contextlib.suppress(OSError):
                self._fanotify.mark(folder, _OPEN_EXEC, _FILESYSTEM)

    def fileno(self) -> int:
        return self._fanotify.fileno()

    def close(self) -> None:
        self._fanotify.close()

    def drain(self) -> None:
        for file, pid in self._fanotify.events():
            with contextlib.suppress(OSError):
                # As bytes: a file's name need not be a text, and what is told of it must be one.
                path = os.readlink(b"self/fd/%d" % file, dir_fd=self._proc).decode(errors="backslashreplace")
                if not _LOADER.fullmatch(path.rpartition("/")[2]):
                    self._opened[pid] = (*self._opened.pop(pid, ())[-1:], path)
        while len(self._opened) > _MOST:
            self._opened.popitem(last=False)

    def begun(self, pid: int) -> tuple[str, ...]:
        """What its last exec was: a program, or an interpreter and its script; empty where it is not known."""
        if pid not in self._opened:
            self.drain()
        paths = self._opened.pop(pid, ())
        if len(paths) == 2 and _INTERPRETER.fullmatch(paths[1].rpartition("/")[2]):
            return paths[1], paths[0]
        return paths[-1:]
