"""Namespaces of a thread's own: unshare(2), setns(2), mount(2), which Python 3.11 has no calls for.

They are for the calling thread alone (CLONE_NEWNET) or, for mounts, for a thread whose file system is not shared.
Raises OSError with the kernel's number and what could not be done.
"""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctypes import CDLL

NETWORK, MOUNTS = 0x40000000, 0x00020000
_RECURSIVE_PRIVATE = 0x4000 | 0x40000


def unshare(flags: int) -> None:
    """New namespaces; new mounts are kept private, so that none of them comes back to the host."""
    libc = _libc()
    words = " and ".join(word for flag, word in ((NETWORK, "network"), (MOUNTS, "mount")) if flags & flag)
    _require(libc.unshare(flags), f"make a {words} namespace")
    if flags & MOUNTS:
        _require(libc.mount(b"none", b"/", None, _RECURSIVE_PRIVATE, None), "keep mounts private")


def enter_network(descriptor: int, name: str) -> None:
    """Into the network namespace of an open file."""
    libc = _libc()
    _require(libc.setns(descriptor, NETWORK), f"enter the network namespace {name}")


def mount(kind: str, folder: str, options: str = "") -> None:
    """A file system of the kernel's own (sysfs, tmpfs) over a folder."""
    libc = _libc()
    done = libc.mount(b"none", os.fsencode(folder), kind.encode(), 0, options.encode() or None)
    _require(done, f"mount {kind} over {folder}")


def _libc() -> "CDLL":
    # Most probes stay in the namespace that they were started in.
    import ctypes

    return ctypes.CDLL(None, use_errno=True)


def _require(result: int, what: str) -> None:
    if result != 0:
        import ctypes

        number = ctypes.get_errno()
        raise OSError(number, f"cannot {what}: {os.strerror(number)}")
