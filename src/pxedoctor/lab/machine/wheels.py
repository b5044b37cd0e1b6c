"""pxedoctor in a machine, as a user installs it: a wheel of this checkout, in a virtual environment, by pip.

The machine's own Python does it, in the machine's tree, because under emulation it would take minutes.
"""

import hashlib
import importlib.util
import shutil
import sys
import tempfile
import tomllib
from pathlib import Path

from pxedoctor.lab.ground.error import GroundError
from pxedoctor.lab.machine import cache
from pxedoctor.lab.machine.programs import run, run_in_tree

VENV = "/opt/pxedoctor"
PYTHON = f"{VENV}/bin/python"
_WHEELS = "tmp/wheels"
_PIP = f"{VENV}/bin/pip"
_QUIET = ("--quiet", "--disable-pip-version-check", "--no-index", "--find-links", f"/{_WHEELS}")


def checkout() -> Path:
    """The folder with pyproject.toml; GroundError where pxedoctor runs from an installed package."""
    folder = Path(__file__).resolve().parents[4]
    if not (folder / "pyproject.toml").exists():
        raise GroundError("a whole machine gets pxedoctor from its sources, and these are not here", "run a checkout")
    return folder


def key() -> str:
    """Changes with each line of what a wheel holds."""
    folder = checkout()
    digest = hashlib.sha256((folder / "pyproject.toml").read_bytes())
    for path in sorted((folder / "src").rglob("*.py")):
        digest.update(f"{path.relative_to(folder)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def install_dependencies(tree: Path) -> None:
    """The environment, with everything but pxedoctor itself; nothing to do where this checkout's are in it."""
    project = tomllib.loads((checkout() / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = "\n".join(project["dependencies"])
    stamp = tree / VENV.lstrip("/") / "dependencies"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    python = (tree / "usr/bin/python3").resolve().name
    with tempfile.TemporaryDirectory(prefix="wheels-") as folder:
        run(
            *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
            *("--only-binary=:all:", "--python-version", python.removeprefix("python"), "--dest", folder),
            *project["dependencies"],
            failing="what pxedoctor needs from PyPI could not be had",
            would_help="is it reachable? A machine that is in the cache needs it no more",
        )
        shutil.copytree(folder, tree / _WHEELS, dirs_exist_ok=True)
    run_in_tree(tree, "python3", "-m", "venv", VENV)
    run_in_tree(tree, _PIP, "install", *_QUIET, *project["dependencies"])
    shutil.rmtree(tree / _WHEELS)
    stamp.write_text(wanted, encoding="utf-8")


def sweep(tree: Path) -> None:
    """Away with what a pip that was killed has left in the tree: wheels, and packages that it had put aside."""
    shutil.rmtree(tree / _WHEELS, ignore_errors=True)
    for aside in (tree / VENV.lstrip("/")).glob("lib/python3*/site-packages/~*"):
        shutil.rmtree(aside)


def packed(tree: Path, scratch: Path) -> Path:
    """A tar of the environment in which pip has installed this checkout's wheel, compiled by the tree's Python.

    One checkout at a time: they share the tree.
    """
    with cache.locked(tree.parent / "wheels"):
        return _packed(tree, scratch)


def _packed(tree: Path, scratch: Path) -> Path:
    sweep(tree)
    install_dependencies(tree)
    building = ["--no-build-isolation"] if importlib.util.find_spec("hatchling") else []
    run(
        *(sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps", *building),
        *("--wheel-dir", str(tree / _WHEELS), str(checkout())),
        failing="this checkout's wheel could not be built",
    )
    run_in_tree(tree, _PIP, "install", *_QUIET, "--no-deps", "--force-reinstall", "pxedoctor")
    shutil.rmtree(tree / _WHEELS)
    tar = scratch / "pxedoctor.tar.zst"
    run("tar", "--zstd", "-cf", str(tar), "-C", str(tree), VENV.lstrip("/"))
    return tar
