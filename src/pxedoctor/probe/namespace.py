"""Doing something in another network namespace, and leaving this thread where it is."""

import os
import threading
from collections.abc import Callable
from typing import TypeVar

from pxedoctor.probe import unshared
from pxedoctor.probe.asking import ProbeError

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
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise ProbeError(f"there is no network namespace at {path}: {error.strerror}", "ip netns list") from error
    try:
        unshared.enter_network(descriptor, path)
        # sysfs shows the devices of the namespace in which it was mounted, not of whoever reads it.
        unshared.unshare(unshared.MOUNTS)
        unshared.mount("sysfs", "/sys")
    except OSError as error:
        raise ProbeError(error.strerror or str(error), "run it as root") from error
    finally:
        os.close(descriptor)
