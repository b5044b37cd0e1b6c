"""A second handle of the tap that a stopped QEMU holds, so that a light guest speaks through the guest's own port.

The handle is of the very file that QEMU opened (pidfd_getfd(2), Linux 5.6): what is written to it comes in by the
guest's tap, and whoever reads it takes what the guest would have been given.
"""

import ctypes
import fcntl
import os
import struct
from pathlib import Path

_TUNSETVNETHDRSZ = 0x400454D8
# Python has no such call; its number is the same on all architectures (linux/unistd.h).
_PIDFD_GETFD = 438
_NODE = "/dev/net/tun"


def borrow(pid: int, vnet_header: int) -> int:
    """The first tap of this process. Raises OSError where it holds none, or may not be asked."""
    theirs = next((int(entry.name) for entry in Path(f"/proc/{pid}/fd").iterdir() if _is_tap(entry)), None)
    if theirs is None:
        raise OSError(f"process {pid} holds no tap")
    process = os.pidfd_open(pid)
    libc = ctypes.CDLL(None, use_errno=True)
    own = int(libc.syscall(_PIDFD_GETFD, process, theirs, 0))
    os.close(process)
    if own < 0:
        raise OSError(ctypes.get_errno(), "pidfd_getfd")
    fcntl.ioctl(own, _TUNSETVNETHDRSZ, struct.pack("i", vnet_header))
    return own


def _is_tap(entry: Path) -> bool:
    return os.readlink(entry) == _NODE
