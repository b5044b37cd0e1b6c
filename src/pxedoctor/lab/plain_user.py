"""Runs pxedoctor as a plain user: no root, no groups, no capabilities.

Everything is imported before root is given up, so that it does not matter whether that user may read the checkout.
"""

import codecs
import importlib
import importlib.util
import os
import pkgutil
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pxedoctor

_NOBODY = 65534


def needed() -> list[str]:
    """What must be imported before root is given up, what functions import when they run among it."""
    found = (module.name for module in pkgutil.walk_packages(pxedoctor.__path__, "pxedoctor."))
    own = [name for name in found if not name.startswith(("pxedoctor.lab", "pxedoctor.__main__"))]
    return [*own, *sorted({name for module in own for name in _late_imports(module)})]


# An import inside a function, of a module that is not ours.
_LATE = re.compile(r"^[ ]+(?:import|from) (?!pxedoctor)([a-zA-Z_][\w.]*)", re.MULTILINE)


def _late_imports(module: str) -> Iterator[str]:
    spec = importlib.util.find_spec(module)
    if spec is not None and spec.origin is not None:
        text = Path(spec.origin).read_text(encoding="utf-8")
        yield from (name for name in _LATE.findall(text) if importlib.util.find_spec(name.partition(".")[0]))


def main() -> None:
    # Forked from a Python that stands by, it has them all.
    for name in needed() if "pxedoctor.cli" not in sys.modules else ():
        importlib.import_module(name)
    # Python imports an encoding when it is first used.
    codecs.lookup("ascii")
    os.setgroups([])
    os.setgid(_NOBODY)
    os.setuid(_NOBODY)
    # By name: the lab lies below the command line and must not depend on it, yet here it is the thing under test.
    importlib.import_module("pxedoctor.cli").main()


if __name__ == "__main__":
    main()
