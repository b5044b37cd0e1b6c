"""The names of all causes, without importing one of them: the keeper stays small."""

from pathlib import Path

_CHECKS = Path(__file__).resolve().parent.parent / "checks"


def cause_names() -> frozenset[str]:
    """A cause's file is called as the cause (CONTRIBUTING.md), in the folder of its stage."""
    files = (path for path in _CHECKS.glob("*/*.py") if path.stem != "__init__")
    return frozenset(path.stem.replace("_", "-") for path in files)
