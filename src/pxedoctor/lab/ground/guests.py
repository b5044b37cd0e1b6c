"""Guests that run on this machine. A lab beside them is refused unless somebody says that it may be.

A site is a namespace, and a kernel is one: what a fault makes it load or log reaches every guest of the machine
(br_netfilter, once loaded, filters the frames of all bridges; before Linux 5.3 its sysctls know no namespaces).
"""

import os
import re
from pathlib import Path

from pxedoctor.lab.ground.error import GroundError

_EMULATORS = ("qemu-system-", "qemu-kvm", "kvm", "cloud-hypervis", "firecracker")
_STATUS_PID = re.compile(r"<domstatus\b[^>]*\bpid='(\d+)'")

# Written into each site by lab.ground.namespace: an emulator that sees one is a guest of the lab itself.
CANARY = "pxedoctor-canary-"


def refuse_beside_guests() -> None:
    """GroundError where guests run here."""
    running = running_guests(Path("/"))
    if running:
        raise GroundError(
            f"guests run on this machine ({', '.join(running)}), and the lab breaks networks on the same kernel",
            "run the lab on a machine without guests, or say --i-know",
        )


def running_guests(root: Path) -> tuple[str, ...]:
    """Names of libvirt's running domains, and emulators that libvirt does not know, as `name (pid)`."""
    domains = {
        pid: status.stem
        for status in sorted((root / "run/libvirt/qemu").glob("*.xml"))
        if (pid := _pid_of(status)) is not None and (root / f"proc/{pid}").exists()
    }
    others = [
        f"{name} ({process.name})"
        for process in sorted((root / "proc").glob("[0-9]*"))
        if int(process.name) not in domains and (name := _name_of(process)).startswith(_EMULATORS)
        if not _is_of_the_lab(process)
    ]
    return (*domains.values(), *others)


def _pid_of(status: Path) -> int | None:
    try:
        found = _STATUS_PID.search(status.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return None
    return int(found[1]) if found else None


def _is_of_the_lab(process: Path) -> bool:
    """Whether the process lives in a site, or is gone by now; one that we may not look at counts as a guest."""
    try:
        return any(name.startswith(CANARY) for name in os.listdir(process / "root/usr"))
    except PermissionError:
        return False
    except OSError:
        return True


def _name_of(process: Path) -> str:
    try:
        return (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
