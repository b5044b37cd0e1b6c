"""Edits a libvirt definition in place: one element's attributes, everything else as the person wrote it.

The text is read from libvirt at the moment of the edit (with its secrets, of which no file is made here), so a
definition that changed since the plan was made keeps that change.
"""

from typing import TYPE_CHECKING

from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.moved import changed_since
from pxedoctor.apply.run import run
from pxedoctor.apply.schema import judged
from pxedoctor.plans.request import EditDefinition

if TYPE_CHECKING:
    from lxml.etree import _Element

VIRSH = ("virsh", "-c", "qemu:///system")
# Its standard input; /dev/stdin is not in every container.
_GIVEN = "/proc/self/fd/0"


def edit_definition(edit: EditDefinition) -> str:
    """What is to be said of it, "" for nothing. What takes a change back is for libvirtd alone to judge: it was so."""
    verb = "define" if edit.document == "domain" else "net-define"
    before = _text_of(edit)
    after = edited(before, edit)
    said = "" if edit.written else judged(edit.document, before, after)
    run((*VIRSH, verb, _GIVEN), after)
    return said


def attributes_now(edit: EditDefinition) -> tuple[str | None, ...]:
    """What libvirt's definition has now of the attributes that are edited, in their order."""
    return _values(_parent(_text_of(edit), edit), edit)


def _text_of(edit: EditDefinition) -> str:
    if edit.document == "domain":
        return run((*VIRSH, "dumpxml", "--inactive", "--security-info", edit.name))
    return run((*VIRSH, "net-dumpxml", "--inactive", edit.name))


def edited(text: str, edit: EditDefinition) -> str:
    """The definition's text with the edit made. Pure."""
    from lxml import etree

    parent = _parent(text, edit)
    _require_written(_values(parent, edit), edit)
    _set_attributes(parent, edit)
    return etree.tostring(parent.getroottree().getroot(), encoding="unicode")


def _parent(text: str, edit: EditDefinition) -> "_Element":
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=False)
    try:
        root = etree.fromstring(text.encode(), parser)
        parents = root.xpath(edit.select)
    except etree.LxmlError as error:
        raise NotGrantedError(f"{edit.document} {edit.name} cannot be edited: {error}") from error
    if not isinstance(parents, list) or len(parents) != 1 or not isinstance(parents[0], etree._Element):
        raise NotGrantedError(f"{edit.document} {edit.name} has not exactly one {edit.select}")
    return parents[0]


def _values(parent: "_Element", edit: EditDefinition) -> tuple[str | None, ...]:
    child = parent.find(edit.child)
    return tuple(None if child is None else child.get(name) for name, _ in edit.attributes)


def _require_written(now: tuple[str | None, ...], edit: EditDefinition) -> None:
    """What is as it was before is as good as what pxedoctor wrote: then there is nothing left to take back."""
    for there, (name, wanted), (_, written) in zip(now, edit.attributes, edit.written, strict=False):
        if there not in {wanted, written}:
            words = ("nothing" if value is None else repr(value) for value in (there, written))
            raise changed_since(f"{name} of <{edit.child}> in {edit.document} {edit.name} is", *words)


def _set_attributes(parent: "_Element", edit: EditDefinition) -> None:
    from lxml import etree

    child = parent.find(edit.child)
    if child is None:
        child = etree.SubElement(parent, edit.child.partition("[")[0])
        child.extend(etree.fromstring(f"<inside>{edit.inside}</inside>"))
    for name, value in edit.attributes:
        if value is not None:
            child.set(name, value)
        elif name in child.attrib:
            del child.attrib[name]
    if not child.attrib and (edit.inside or len(child) == 0):
        parent.remove(child)
