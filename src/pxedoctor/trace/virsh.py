"""Asks libvirt's own client about a running guest; never QEMU's monitor, which taints the domain."""

import os
import subprocess

from pxedoctor.model.host import Host
from pxedoctor.trace.wish import AbsentError

_VIRSH = ("virsh", "-c", "qemu:///system")
_SECONDS = 10


class RefusedError(Exception):
    """libvirt does not do it; the message is its own last line."""


def left_asleep(host: Host) -> AbsentError | None:
    """Why it is not asked on this host: a question would wake the daemon. None where it may be."""
    return AbsentError("libvirt sleeps, and is not woken for it", "") if host.libvirt_sleeps else None


def virsh(*words: str, seconds: float = _SECONDS) -> str:
    """What it prints within `seconds`. Raises RefusedError, and AbsentError where it cannot be asked at all."""
    try:
        done = subprocess.run(
            [*_VIRSH, *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            env={**os.environ, "LC_ALL": "C"},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise RefusedError(f"no answer within {seconds:g} s") from error
    except (OSError, ValueError) as error:
        raise AbsentError(f"virsh cannot be asked: {error}", "install libvirt-clients") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", errors="backslashreplace").strip().splitlines()
        raise RefusedError(said[-1].removeprefix("error: ") if said else "it says not why")
    return done.stdout.decode("utf-8", errors="backslashreplace")
