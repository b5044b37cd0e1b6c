"""Ways into a site: for a program, the words put before it; for a process of ours, the kernel's setns(2)."""

import ctypes
import os

_NAMESPACES = ("net", "uts", "ipc", "cgroup", "pid", "mnt")


def entering(pid: int) -> list[str]:
    """What is put before a command that shall run beside process `pid` of a site."""
    enter = ["nsenter", "--target", str(pid), "--mount", "--net", "--pid", "--uts", "--ipc", "--cgroup"]
    return [*enter, "--"]


def enter(pid: int) -> None:
    """This process sees the network and files of the site of process `pid`, and its children the site's processes."""
    libc = ctypes.CDLL(None, use_errno=True)
    handles = [os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY) for name in _NAMESPACES]
    for handle in handles:
        if libc.setns(handle, 0) != 0:
            raise OSError(ctypes.get_errno(), "setns")
        os.close(handle)
    os.chdir("/")
