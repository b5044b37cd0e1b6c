"""Looks, before anything of a plan is done, whether what its way back expects is as it was when the plan was made."""

from collections.abc import Iterator

from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.membership import now_of
from pxedoctor.apply.moved import changed_since
from pxedoctor.apply.reading import now_in
from pxedoctor.plans.request import Run
from pxedoctor.plans.step import Inverse, Undo


def moved(undo: Undo) -> str:
    """What somebody has changed since, in words; "" where it is as before, or as the step would make it.

    Files, modes, labels and definitions are looked at by the step itself, which is refused in the same way.
    """
    if not isinstance(undo, Inverse) or not isinstance(undo.request, Run):
        return ""
    try:
        for what, now, before, written in _values(undo.request):
            if now not in {before, written}:
                return str(changed_since(f"{what} is", repr(now), repr(before)))
    except NotGrantedError as error:
        return str(error)
    return ""


def _values(back: Run) -> Iterator[tuple[str, str, str, str]]:
    """In words, now, before the step, and after it."""
    for reading in back.holds:
        if reading.done:
            yield reading.what or reading.path, now_in(reading), reading.done, reading.text
    for member in back.members:
        yield member.what, now_of(member), member.done, member.text
