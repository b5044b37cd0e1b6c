"""Package managers at work, seen without taking their locks; and guests' jobs, as libvirt keeps them."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

from pxedoctor.apply.busy import guests_jobs, held
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import libvirt_site

LOCKS = """\
1: POSIX  ADVISORY  WRITE 4711 fe:00:131073 0 EOF
2: FLOCK  ADVISORY  WRITE 815 00:1a:42 0 EOF
2: -> FLOCK  ADVISORY  WRITE 816 00:1a:42 0 EOF
3: LEASE  ACTIVE    READ  900 00:1a:77 0 EOF
"""


def test_locks_are_read_by_device_and_inode() -> None:
    assert held(LOCKS) == {(0xFE, 0, 131073), (0, 0x1A, 42)}


@pytest.mark.parametrize("take", [fcntl.lockf, fcntl.flock], ids=["fcntl, as dpkg", "flock, as apk"])
def test_a_file_that_this_kernel_locks_is_seen(tmp_path: Path, take: Callable[[IO[str], int], None]) -> None:
    lock = tmp_path / "lock"
    with lock.open("w") as file:
        inode = os.fstat(file.fileno()).st_ino
        assert inode not in {entry[2] for entry in held(Path("/proc/locks").read_text())}
        take(file, fcntl.LOCK_EX)
        assert inode in {entry[2] for entry in held(Path("/proc/locks").read_text())}


@pytest.mark.parametrize(
    ("job", "told"),
    [
        ("<job type='none' async='migration out'/>", ["web01 (migration out)"]),
        ("<job type='modify' async='none'/>", ["web01 (modify)"]),
        ("<job type='none' async='none'/>", []),
        ("", []),
        ("<job", []),
    ],
)
def test_what_libvirt_does_for_a_guest(tmp_path: Path, job: str, told: list[str]) -> None:
    (tmp_path / "web01.xml").write_text(f"<domstatus state='running'>{job}<domain type='qemu'/></domstatus>")
    assert guests_jobs(tmp_path) == told


# Holds dpkg's lock as apt does, until its standard input ends.
_APT = """
import fcntl, sys
lock = open("/var/lib/dpkg/lock-frontend", "w")
fcntl.lockf(lock, fcntl.LOCK_EX)
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.mark.lab
def test_no_restart_beside_a_package_manager_or_a_migration() -> None:
    """libvirt's rules are gone, and a restart would bring them back: `fix` refuses, says why, and does it later."""
    with open_site() as site:
        libvirt_site(site)
        site.run("iptables", "-D", "INPUT", "-j", "LIBVIRT_INP")
        fix = ("fix", "--only", "libvirt-rules-missing", "--apply", "--yes", "--no-revert", "--allow-risky")
        daemon = site.path("/run/libvirtd.pid").read_text()
        # A file system of its own: on a site's overlay stat(2) and /proc/locks name different devices.
        site.run("mount", "-t", "tmpfs", "tmpfs", "/var/lib/dpkg")

        apt = subprocess.Popen(
            site.command(sys.executable, "-c", _APT), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert apt.stdout is not None
        assert apt.stdout.readline() == "locked\n"
        beside_apt = site.doctor(*fix)
        apt.communicate(timeout=20)
        site.write("/run/libvirt/qemu/web02.xml", "<domstatus><job type='none' async='migration out'/></domstatus>")
        beside_a_migration = site.doctor(*fix)
        site.path("/run/libvirt/qemu/web02.xml").unlink()
        assert site.path("/run/libvirtd.pid").read_text() == daemon

        for told, word in ((beside_apt, "apt or dpkg is at work"), (beside_a_migration, "web02 (migration out)")):
            assert (told.exit_code, told.document["outcome"]) == (1, "undone")
            assert word in told.document["plans"][0]["steps"][0]["why"]
        assert site.doctor(*fix).document["outcome"] == "verified"
