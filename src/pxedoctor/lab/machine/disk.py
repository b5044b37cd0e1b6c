"""A recipe becomes a tree, and the tree a disk with what boots it; nothing is mounted on this machine.

1. `mmdebstrap` makes the tree, in a mount namespace of its own that ends with it;
2. the recipe's files are written, its units switched off, and what pxedoctor needs is installed into /opt/pxedoctor by
   the tree's own Python;
3. `mke2fs -d` writes the tree into a file system, `qemu-img` makes a qcow2 of it.

A folder that is not whole never has its final name.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from pxedoctor.lab.machine import cache, wheels
from pxedoctor.lab.machine.programs import require_programs, run, run_in_tree
from pxedoctor.lab.machine.recipe import Recipe

_MIRROR = "http://deb.debian.org/debian"
# sid's signature says for how many days it is sid; a mirror that lags still has one to try, and it is still signed.
_OF_ANY_AGE = "check-valid-until=no"
_LEFT_OUT = ("man", "doc", "locale", "info", "lintian")

Tell = Callable[[str], None]


class Disk(msgspec.Struct, frozen=True):
    """A machine that was never booted. `tree`: its files, for programs that run here; `root`: the same, read only."""

    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "root.qcow2"

    @property
    def tree(self) -> Path:
        return self.folder / "tree"

    @property
    def kernel(self) -> Path:
        return self.folder / "vmlinuz"

    @property
    def initrd(self) -> Path:
        return self.folder / "initrd"


def disk_of(recipe: Recipe, tell: Tell) -> Disk:
    """From the cache, or built: some minutes, and the package mirror is needed."""
    require_programs()
    built = cache.folder() / "machines" / recipe.key / "disk"
    with cache.locked(built):
        if not built.exists():
            tell(f"building a {recipe.release} machine from its packages: some minutes, once")
            _build(recipe, built)
    return Disk(built)


def _build(recipe: Recipe, built: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="building-", dir=built.parent) as scratch:
        whole = Path(scratch) / "disk"
        whole.mkdir()
        tree = whole / "tree"
        _make_tree(recipe, tree)
        _settle(recipe, tree)
        for name in ("vmlinuz", "initrd"):
            shutil.copyfile(max((tree / "boot").glob(f"{name}*-amd64")), whole / name)
        raw = Path(scratch) / "root.raw"
        run("mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-d", str(tree), str(raw), f"{recipe.disk}M")
        run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", str(raw), str(whole / "root.qcow2"))
        whole.rename(built)


def _make_tree(recipe: Recipe, tree: Path) -> None:
    left_out = [f"--dpkgopt=path-exclude=/usr/share/{folder}/*" for folder in _LEFT_OUT]
    run(
        *("unshare", "--mount", "--propagation", "private"),
        *("mmdebstrap", "--mode=root", "--variant=apt", "--dpkgopt=force-unsafe-io", *left_out),
        *(f"--include={','.join(recipe.packages)}", recipe.release, str(tree)),
        *(f"deb [{_OF_ANY_AGE}] {_MIRROR} {release} main" for release in recipe.releases),
        failing=f"the packages of {recipe.release} could not be had from {_MIRROR}",
        would_help="is the mirror reachable? A machine that is in the cache needs it no more",
    )


def _settle(recipe: Recipe, tree: Path) -> None:
    for path, text in recipe.files.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(text, encoding="utf-8")
    run("systemctl", f"--root={tree}", "--quiet", "mask", *recipe.masked)
    for unit in recipe.disabled:
        # Not every release has every one of them.
        words = ["systemctl", f"--root={tree}", "--quiet", "disable", unit]
        subprocess.run(words, check=False, capture_output=True, timeout=60)
    (tree / "etc/libvirt/qemu/networks/autostart/default.xml").unlink(missing_ok=True)
    run_in_tree(tree, "update-initramfs", "-u")
    wheels.install_dependencies(tree)
    for folder in ("etc", "var"):
        # Nothing is to be brought up to date at the first boot (systemd-update-done.service(8)).
        (tree / folder / ".updated").touch()
