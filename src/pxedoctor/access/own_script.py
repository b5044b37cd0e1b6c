"""Runs a script that a question brings for the host's Python, `python3 -IS -c SCRIPT PATH...`, in this one.

To start another takes 12 to 20 ms of processor time, and these scripts read the heads of a few files. It prints the
same text. None, and the caller starts a Python: the script fails, imports more than `sys` and `uuid` (what unpacks
firmware needs much memory and time, which only a process of its own gives back), or comes upon something that is no
file, where reading may wait for ever.
"""

import builtins
import os
import stat
import types
from collections.abc import Mapping, Sequence
from typing import BinaryIO

BEGINNING = ("python3", "-IS", "-c")
_MODULES = frozenset({"sys", "uuid"})


class _NotHereError(Exception):
    """Not an OSError, which a script understands."""


def printed(argv: Sequence[str]) -> str | None:
    """The whole text of the script's `print`."""
    if tuple(argv[: len(BEGINNING)]) != BEGINNING:
        return None
    _, _, _, script, *words = argv
    lines: list[str] = []

    def imported(name: str, *_: object) -> types.SimpleNamespace | types.ModuleType:
        if name not in _MODULES:
            raise _NotHereError(name)
        return types.SimpleNamespace(argv=["-c", *words]) if name == "sys" else builtins.__import__(name)

    own: Mapping[str, object] = {
        **vars(builtins),
        "__import__": imported,
        "open": _opened,
        "print": lambda *told: lines.append(" ".join(map(str, told)) + "\n"),
    }
    try:
        exec(script, {"__builtins__": own, "__name__": "__main__"})  # a script of ours, from collect/ask
    except Exception:  # whatever it is, another Python says it in its own words
        return None
    return "".join(lines)


def _opened(path: str, _: str) -> BinaryIO:
    """To be read. Without O_NONBLOCK a named pipe would wait for a writer."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise _NotHereError(path)
    return os.fdopen(handle, "rb")
