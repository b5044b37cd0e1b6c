"""Ground `namespace`: a host of its own on this kernel: network, mounts, pids, hostname, and a root of its own.

A canary file written into the site's /usr must not exist outside; otherwise the site is torn down at once. Devices carry
the site's tag in their names, because the kernel's log and tracefs know no namespaces.
"""

import contextlib
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pxedoctor.lab.site import Site

_NAMESPACES = ("--net", "--mount", "--pid", "--uts", "--ipc", "--cgroup")


class GroundError(Exception):
    """This machine cannot carry the ground: what is missing, and what would help."""


@contextlib.contextmanager
def open_site() -> Iterator[Site]:
    """A fresh site; everything in it ends with the block, whatever happens."""
    if os.geteuid() != 0:
        raise GroundError("the lab makes network namespaces and needs root: run it with sudo")
    tag = secrets.token_hex(2)
    with tempfile.TemporaryDirectory(prefix="pxedoctor-site-") as scratch:
        process = subprocess.Popen(
            _command(scratch, f"site-{tag}"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        try:
            if process.stdout is None or process.stdout.readline().strip() != "ready":
                raise GroundError("the site's first process did not come up; its words are above")
            site = Site(tag=tag, pid=_first_process(process.pid))
            _assert_own_root(site)
            _settle_sysctls(site)
            yield site
        finally:
            process.kill()
            process.wait()


def _command(scratch: str, hostname: str) -> list[str]:
    package = str(Path(__file__).resolve().parents[3])
    visible = [sys.prefix, sys.base_prefix, package]
    unshare = ["unshare", *_NAMESPACES, "--fork", "--kill-child=KILL", "--propagation", "private"]
    return [*unshare, sys.executable, "-m", "pxedoctor.lab.init", scratch, hostname, *visible]


def _first_process(unshare: int) -> int:
    return int(Path(f"/proc/{unshare}/task/{unshare}/children").read_text().split()[0])


def _assert_own_root(site: Site) -> None:
    canary = f"/usr/pxedoctor-canary-{site.tag}"
    site.write(canary, "written inside the site")
    if Path(canary).exists():
        raise GroundError(f"{canary} came through to this machine: the site has no root of its own")


def _settle_sysctls(site: Site) -> None:
    # A new network namespace starts with 1 where br_netfilter is built in; most hosts have 0.
    for name in ("iptables", "ip6tables", "arptables"):
        path = f"/proc/sys/net/bridge/bridge-nf-call-{name}"
        if site.exists(path):
            site.run("sh", "-c", f"echo 0 > {path}")
