"""A cause as a person names it: by name, by code, or by a name it once had."""

from pxedoctor.checks import CHECKS
from pxedoctor.checks.check import Check


def check_named(what: str) -> Check | None:
    wanted = what.lower()
    return next((c for c in CHECKS if wanted in {c.META.name, c.META.code.lower(), *c.META.aliases}), None)


def nearest(what: str) -> str:
    """What would help a person who misspelt a cause."""
    import difflib

    words = {word.lower(): word for check in CHECKS for word in (check.META.name, check.META.code)}
    near = ", ".join(words[word] for word in difflib.get_close_matches(what.lower(), words, n=3, cutoff=0.5))
    return f"nearest: {near}; all of them: pxedoctor list" if near else "all of them: pxedoctor list"
