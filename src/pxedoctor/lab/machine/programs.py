"""Programs of this machine that build another, run to their end; their own words when they fail."""

import shutil
import subprocess
from pathlib import Path

from pxedoctor.lab.ground.error import GroundError

_NEEDED = ("chroot", "mke2fs", "mmdebstrap", "qemu-img", "qemu-system-x86_64", "setpriv", "tar", "unshare")
_LAST_LINES = 5


def require_programs() -> None:
    missing = [program for program in _NEEDED if shutil.which(program) is None]
    if missing:
        raise GroundError(f"a whole machine needs programs that are not here: {', '.join(missing)}", "make setup")


def run(*argv: str, failing: str = "", would_help: str = "report it") -> str:
    """What it prints. GroundError where it fails: `failing` and its last words."""
    done = subprocess.run(argv, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
    if done.returncode != 0:
        words = "\n".join((done.stderr or done.stdout).strip().splitlines()[-_LAST_LINES:])
        raise GroundError(f"{failing or ' '.join(argv[:3])}: {words}", would_help)
    return done.stdout


def run_in_tree(tree: Path, *argv: str) -> str:
    """A program of the tree, in a mount namespace of its own, with the kernel's file systems that it may want."""
    script = 'mount -t proc proc "$0/proc" && mount -t sysfs sysfs "$0/sys" && exec chroot "$0" "$@"'
    return run("unshare", "--mount", "--propagation", "private", "sh", "-ec", script, str(tree), *argv)
