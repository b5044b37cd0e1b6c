"""Runs pxedoctor as a plain user: no root, no groups, no capabilities.

Everything is imported before root is given up, so that it does not matter whether that user may read the checkout.
"""

import codecs
import importlib
import os
import pkgutil

import pxedoctor

_NOBODY = 65534


def needed() -> list[str]:
    """What must be imported before root is given up."""
    found = (module.name for module in pkgutil.walk_packages(pxedoctor.__path__, "pxedoctor."))
    return [name for name in found if not name.startswith(("pxedoctor.lab", "pxedoctor.__main__"))]


def main() -> None:
    for name in needed():
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
