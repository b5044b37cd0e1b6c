"""What is typed oftenest, run without click: a verb, words, and flags that stand alone.

Whatever else is typed, be it `--help` or a misspelt flag, is click's: it is the same verb with the same words.
"""

import importlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

Run = Callable[[], object]


class _Plain(NamedTuple):
    """The module whose `run(words, flags)` it is; the flags it may have; how many words at least and at most."""

    module: str
    flags: frozenset[str]
    least: int
    most: int


_ANY = 1 << 16
_PLAIN: dict[str, _Plain] = {
    "diagnose": _Plain("pxedoctor.cli.diagnosing", frozenset({"--json", "--verbose"}), 0, _ANY),
    "explain": _Plain("pxedoctor.cli.explaining", frozenset({"--json"}), 1, _ANY),
    "list": _Plain("pxedoctor.cli.listing", frozenset({"--json"}), 0, 0),
}


def plain(typed: Sequence[str]) -> Run | None:
    """Runs what was typed; None where click has to look at it."""
    kind = _PLAIN.get(typed[0]) if typed else None
    if kind is None:
        return None
    words = tuple(word for word in typed[1:] if not word.startswith("-"))
    flags = frozenset(word for word in typed[1:] if word.startswith("-"))
    if not kind.least <= len(words) <= kind.most or not flags <= kind.flags:
        return None
    return partial(importlib.import_module(kind.module).run, words, flags)
