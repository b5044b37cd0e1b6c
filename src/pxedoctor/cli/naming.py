"""A cause as a person names it: by name, by code, or by a name it once had."""

import os
from functools import cache

from pxedoctor import report
from pxedoctor.report.catalogue import Listed, decoded


@cache
def causes() -> tuple[Listed, ...]:
    """Every cause, in the order of CHECKS, without a check imported."""
    with open(os.path.join(os.path.dirname(report.__file__), "causes.json"), encoding="utf-8") as file:
        return decoded(file.read())


def cause_named(what: str) -> Listed | None:
    wanted = what.lower()
    return next((c for c in causes() if wanted in {c.META.name, c.META.code.lower(), *c.META.aliases}), None)


def nearest(what: str) -> str:
    """What would help a person who misspelt a cause."""
    import difflib

    words = {word.lower(): word for cause in causes() for word in (cause.META.name, cause.META.code)}
    near = ", ".join(words[word] for word in difflib.get_close_matches(what.lower(), words, n=3, cutoff=0.5))
    return f"nearest: {near}; all of them: pxedoctor list" if near else "all of them: pxedoctor list"
