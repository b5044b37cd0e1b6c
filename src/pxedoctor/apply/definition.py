"""Edits a libvirt definition in place: one element's attributes, everything else as the person wrote it.

The text is read from libvirt at the moment of the edit (with its secrets, of which no file is made here), so a
definition that changed since the plan was made keeps that change.
"""

from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.moved import changed_since
from pxedoctor.apply.run import run
from pxedoctor.apply.schema import judged
from pxedoctor.plans.definition_text import DefinitionError, edited, values
from pxedoctor.plans.request import EditDefinition

VIRSH = ("virsh", "-c", "qemu:///system")
# Its standard input; /dev/stdin is not in every container.
_GIVEN = "/proc/self/fd/0"


def edit_definition(edit: EditDefinition) -> str:
    """What is to be said of it, "" for nothing. What takes a change back is for libvirtd alone to judge: it was so."""
    verb = "define" if edit.document == "domain" else "net-define"
    before = _text_of(edit)
    after = granted(before, edit)
    said = "" if edit.written else judged(edit.document, before, after)
    run((*VIRSH, verb, _GIVEN), after)
    return said


def attributes_now(edit: EditDefinition) -> tuple[str | None, ...]:
    """What libvirt's definition has now of the attributes that are edited, in their order."""
    try:
        return values(_text_of(edit), edit)
    except DefinitionError as error:
        raise NotGrantedError(str(error)) from error


def _text_of(edit: EditDefinition) -> str:
    if edit.document == "domain":
        return run((*VIRSH, "dumpxml", "--inactive", "--security-info", edit.name))
    return run((*VIRSH, "net-dumpxml", "--inactive", edit.name))


def granted(text: str, edit: EditDefinition) -> str:
    """The text with the edit made (plans/definition_text.py), unless somebody has changed since what it takes back."""
    try:
        _require_written(values(text, edit), edit)
        return edited(text, edit)
    except DefinitionError as error:
        raise NotGrantedError(str(error)) from error


def _require_written(now: tuple[str | None, ...], edit: EditDefinition) -> None:
    """What is as it was before is as good as what pxedoctor wrote: then there is nothing left to take back."""
    for there, (name, wanted), (_, written) in zip(now, edit.attributes, edit.written, strict=False):
        if there not in {wanted, written}:
            words = ("nothing" if value is None else repr(value) for value in (there, written))
            raise changed_since(f"{name} of <{edit.child}> in {edit.document} {edit.name} is", *words)
