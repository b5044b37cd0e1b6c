"""Looks at what one step changed, as it is now: what its way back will meet.

Nothing is changed, and no secret leaves here. What cannot be read says why; a step whose way back needs no look at what
is there has nothing to compare.
"""

import os
from pathlib import Path
from typing import assert_never

from pxedoctor.access.redact import without_keys
from pxedoctor.apply.definition import attributes_now
from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.file import content_of
from pxedoctor.apply.label import label_now
from pxedoctor.apply.membership import now_of
from pxedoctor.apply.mode import mode_now
from pxedoctor.apply.nft import is_there
from pxedoctor.apply.reading import now_in
from pxedoctor.apply.run import holds
from pxedoctor.plans.request import (
    ChangeMode,
    EditDefinition,
    EditFile,
    Relabel,
    RemoveFile,
    RemoveNftRule,
    Request,
    Run,
    Service,
    WriteFile,
)
from pxedoctor.plans.step import Nothing, Undo
from pxedoctor.plans.three_way import NOT_THERE, ThreeWay, Value, of_edit, of_making, of_removal, value_of

_THERE = "there"


def met(undo: Undo) -> ThreeWay:
    """What the way back of a step meets now."""
    if isinstance(undo, Nothing):
        return ThreeWay()
    try:
        return _met(undo.request, undo.describe)
    except NotGrantedError as error:
        return ThreeWay(unreadable=without_keys(str(error)))


def _met(request: Request, words: str) -> ThreeWay:
    match request:
        case EditFile():
            return of_edit(request, _text(request.path) or "", without_keys)
        case RemoveFile():
            return of_removal(request, _text(request.path), without_keys)
        case WriteFile():
            return of_making(request, _text(request.path), without_keys)
        case Run():
            return ThreeWay(values=_of_run(request, words))
        case EditDefinition():
            return ThreeWay(values=_of_definition(request))
        case RemoveNftRule():
            return ThreeWay(values=(_presence(words, is_there(request)),))
        case ChangeMode(path, to, made):
            now = f"{mode_now(path):04o}"
            return ThreeWay(values=(value_of(f"mode of {path}", f"{to:04o}", f"{made:04o}", now),))
        case Relabel(path, before, written):
            return ThreeWay(values=(value_of(f"label of {path}", before, written, label_now(path)),))
        case Service():
            return ThreeWay()
        case _:
            assert_never(request)


def _text(path: str) -> str | None:
    """None where there is no such file."""
    if not os.path.lexists(path):
        return None
    return content_of(Path(path)).decode("utf-8", "surrogateescape")


def _of_run(request: Run, words: str) -> tuple[Value, ...]:
    values = tuple(
        value_of(reading.what or reading.path, reading.done, reading.text, now_in(reading))
        for reading in request.holds
        if reading.done
    )
    values += tuple(value_of(one.what, one.done, one.text, now_of(one)) for one in request.members)
    if request.only_if:
        values += (_presence(words, holds(request.only_if)),)
    if request.unless:
        values += (value_of(words, _THERE, NOT_THERE, _THERE if holds(request.unless) else NOT_THERE),)
    return values


def _presence(words: str, there: bool) -> Value:
    """What a step added, and its way back takes away again."""
    return value_of(words, NOT_THERE, _THERE, _THERE if there else NOT_THERE)


def _of_definition(request: EditDefinition) -> tuple[Value, ...]:
    if not request.written:
        return ()
    now = attributes_now(request)
    return tuple(
        value_of(
            f"{name} of <{request.child}> in {request.document} {request.name}",
            _word(before),
            _word(written),
            _word(there),
        )
        for (name, before), (_, written), there in zip(request.attributes, request.written, now, strict=True)
    )


def _word(attribute: str | None) -> str:
    return NOT_THERE if attribute is None else attribute
