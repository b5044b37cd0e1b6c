"""Doing something in another network namespace, and leaving this thread where it is."""

import ctypes
import os
import threading
from collections.abc import Callable
from typing import TypeVar

from pxedoctor.probe.asking import ProbeError

_CLONE_NEWNET = 0x40000000
_CLONE_NEWNS = 0x00020000
_MS_REC_PRIVATE = 16384 | 1 << 18

T = TypeVar("T")


def within(path: str, work: Callable[[str], T]) -> T:
    """What `work` returns, done in the network namespace at `path` ("": this one).

    `work` is given a folder that shows the devices there. It runs in a thread of its own, which has entered that
    namespace and has a sysfs of it that nobody else sees; both end with the thread. Raises what `work` raises, and
    ProbeError where the namespace cannot be entered.
    """
    if not path:
        return work("/sys/class/net")
    done: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            _enter(path)
            done.append(work("/sys/class/net"))
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, name="probe-netns")
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return done[0]


def _enter(path: str) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise ProbeError(f"there is no network namespace at {path}: {error.strerror}", "ip netns list") from error
    try:
        _call(libc.setns(descriptor, _CLONE_NEWNET), f"enter the network namespace {path}")
    finally:
        os.close(descriptor)
    # sysfs shows the devices of the namespace in which it was mounted, not of whoever reads it.
    _call(libc.unshare(_CLONE_NEWNS), "make a mount namespace")
    _call(libc.mount(b"none", b"/", None, _MS_REC_PRIVATE, None), "keep mounts private")
    _call(libc.mount(b"sysfs", b"/sys", b"sysfs", 0, None), "mount sysfs")


def _call(result: int, what: str) -> None:
    if result != 0:
        raise ProbeError(f"cannot {what}: {os.strerror(ctypes.get_errno())}", "run it as root")
