"""fanotify(7), as far as it is listened to here: which process did something with which open file.

Sources: include/uapi/linux/fanotify.h; fanotify_init(2), fanotify_mark(2).
"""

import ctypes
import os
import struct
from collections.abc import Iterator

# FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK; FAN_MARK_ADD.
_FLAGS = 0x0 | 0x1 | 0x2
_ADD = 0x1
_EVENT = struct.Struct("=IBBHQii")
_AT_FDCWD = -100
_BUFFER = 64 * 1024


class Fanotify:
    """Raises OSError where the kernel does not let us listen (CAP_SYS_ADMIN)."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._handle = self._checked(self._libc.fanotify_init(_FLAGS, os.O_RDONLY | os.O_CLOEXEC))

    def fileno(self) -> int:
        return self._handle

    def close(self) -> None:
        os.close(self._handle)

    def mark(self, path: str, mask: int, how: int = 0) -> None:
        """`how`: FAN_MARK_FILESYSTEM and the like. Raises OSError."""
        self._checked(
            self._libc.fanotify_mark(
                self._handle,
                ctypes.c_uint(_ADD | how),
                ctypes.c_uint64(mask),
                ctypes.c_int(_AT_FDCWD),
                os.fsencode(path),
            )
        )

    def events(self) -> Iterator[tuple[int, int]]:
        """An open file, which is closed when the next is asked for, and the pid of who it was."""
        while True:
            try:
                block = os.read(self._handle, _BUFFER)
            except BlockingIOError:
                return
            at = 0
            while at + _EVENT.size <= len(block):
                length, _, _, _, _, file, pid = _EVENT.unpack_from(block, at)
                at += max(length, _EVENT.size)
                if file >= 0:
                    try:
                        yield file, pid
                    finally:
                        os.close(file)

    def _checked(self, result: int) -> int:
        if result < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        return result
