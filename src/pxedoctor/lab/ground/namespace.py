"""Ground `namespace`: a host of its own on this kernel: network, mounts, pids, hostname, and a root of its own.

Its files are the machine's, or those of a tree of another release; then its programs are that release's, on this
kernel. A canary file written into the site's /usr must not exist outside; otherwise the site is torn down at once.
Devices carry the site's tag in their names, because the kernel's log and tracefs know no namespaces.
"""

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from pxedoctor.lab import init
from pxedoctor.lab.ground.error import GroundError
from pxedoctor.lab.ground.guests import CANARY
from pxedoctor.lab.shared_standby import standby
from pxedoctor.lab.site import Site

_MACHINE = Path("/")
_NAMESPACES = ("--net", "--mount", "--pid", "--uts", "--ipc", "--cgroup")

# What every site is built with; what a case needs besides, it asks for itself.
_PROGRAMS = ("unshare", "nsenter", "ip", "libvirtd", "virsh", "dnsmasq", "busybox", "qemu-system-x86_64")


@contextlib.contextmanager
def open_site(tree: Path = _MACHINE) -> Iterator[Site]:
    """A fresh site over the files of `tree`; everything in it ends with the block, whatever happens."""
    require_means()
    _require_python(tree)
    tag = secrets.token_hex(2)
    process = subprocess.Popen(
        _command(f"site-{tag}", tree), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        _await_ready(process)
        pid = _first_process(process.pid)
        site = Site(tag=tag, pid=pid, standby=standby())
        _assert_own_root(site, tree)
        _leave_devices_alone(site)
        yield site
    finally:
        process.kill()
        process.communicate()


def require_means() -> None:
    """GroundError where a site cannot be opened here."""
    if os.geteuid() != 0:
        raise GroundError("the lab makes network namespaces, and for that it must be root", "run it with sudo")
    missing = [program for program in _PROGRAMS if shutil.which(program) is None]
    if missing:
        raise GroundError(f"the lab needs programs that are not here: {', '.join(missing)}", "install them: make setup")


def _require_python(tree: Path) -> None:
    if tree != _MACHINE and Path(sys.base_prefix) in {Path("/"), Path("/usr")}:
        raise GroundError(
            f"a site over {tree} has that tree's /usr, and this Python ({sys.base_prefix}) would not be in it",
            "a Python in a folder of its own: make setup PYTHON=...",
        )


def _command(hostname: str, tree: Path) -> list[str]:
    package = Path(__file__).resolve().parents[3]
    visible = [sys.prefix, sys.base_prefix, str(package)]
    if (tests := package.parent / "tests").is_dir() and (package.parent / "pyproject.toml").exists():
        # A checkout's own programs for sites, also where it lies in a folder that a site has for itself, as /tmp.
        visible.append(str(tests))
    unshare = ["unshare", *_NAMESPACES, "--fork", "--kill-child=KILL", "--propagation", "private"]
    # -I and -S: it needs the standard library alone, and is up in two thirds of the time.
    return [*unshare, sys.executable, "-I", "-S", init.__file__, hostname, str(tree), *visible]


def _await_ready(process: "subprocess.Popen[str]") -> None:
    if process.stdout is not None and process.stdout.readline().strip() == "ready":
        return
    process.kill()
    last_words = process.communicate()[1].strip().splitlines()[-1:]
    raise GroundError(
        f"the site's first process did not come up: {''.join(last_words) or 'it said nothing'}",
        "a site needs namespaces, overlayfs and mknod: inside a container, one that is privileged",
    )


def _first_process(unshare: int) -> int:
    return int(Path(f"/proc/{unshare}/task/{unshare}/children").read_text().split()[0])


def _assert_own_root(site: Site, tree: Path) -> None:
    canary = f"/usr/{CANARY}{site.tag}"
    site.write(canary, "written inside the site")
    if Path(canary).exists() or Path(f"{tree}{canary}").exists():
        raise GroundError(f"{canary} came through to this machine: the site has no root of its own", "report it")


def _leave_devices_alone(site: Site) -> None:
    """At each start libvirtd reads all devices of the machine, for five sixths of its time; no guest of ours has one.

    It does without the module, as on a host where libvirt-daemon-driver-nodedev is not installed.
    """
    for module in site.path("/usr/lib").glob("*/libvirt/connection-driver/libvirt_driver_nodedev.so"):
        module.unlink()
