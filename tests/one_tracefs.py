"""tracefs is the whole machine's, whatever namespace one is in: tests that look at it know of each other.

`shared_tracefs(alone=True)` waits until no other test traces, for whoever counts what is there.
"""

import contextlib
import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from pxedoctor.lab.site import Site

_INSTANCES = "/sys/kernel/tracing/instances"
# Between making its folder and locking it a trace has one that looks like a dead one's.
_SECONDS = 2.0


@contextlib.contextmanager
def shared_tracefs(alone: bool = False) -> Iterator[None]:
    with (Path(tempfile.gettempdir()) / "pxedoctor-tests-of-tracefs.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield


def left_behind(site: Site) -> list[str]:
    """Instances of pxedoctor's that nobody holds any more (trace/kernel.py)."""
    until = time.monotonic() + _SECONDS
    while (found := _unheld(site)) and time.monotonic() < until:
        time.sleep(0.05)
    return found


def _unheld(site: Site) -> list[str]:
    names = [name for name in site.run("ls", _INSTANCES).split() if name.startswith("pxedoctor-")]
    return [name for name in names if not _is_held(site.path(f"{_INSTANCES}/{name}"))]


def _is_held(folder: Path) -> bool:
    try:
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(opened)
    return False
