"""Edits a libvirt definition in place: one element's attributes, everything else as the person wrote it.

The text is read from libvirt at the moment of the edit (with its secrets, which never leave this function), so a
definition that changed since the plan was made keeps that change.
"""

import os
import tempfile
from typing import TYPE_CHECKING

from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.run import run
from pxedoctor.plans.request import EditDefinition

if TYPE_CHECKING:
    from lxml.etree import _Element

VIRSH = ("virsh", "-c", "qemu:///system")


def edit_definition(edit: EditDefinition) -> None:
    if edit.document == "domain":
        text = run((*VIRSH, "dumpxml", "--inactive", "--security-info", edit.name))
        _define("define", edited(text, edit))
    else:
        text = run((*VIRSH, "net-dumpxml", "--inactive", edit.name))
        _define("net-define", edited(text, edit))


def edited(text: str, edit: EditDefinition) -> str:
    """The definition's text with the edit made. Pure."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=False)
    try:
        root = etree.fromstring(text.encode(), parser)
        parents = root.xpath(edit.select)
    except etree.LxmlError as error:
        raise NotGrantedError(f"{edit.document} {edit.name} cannot be edited: {error}") from error
    if not isinstance(parents, list) or len(parents) != 1 or not isinstance(parents[0], etree._Element):
        raise NotGrantedError(f"{edit.document} {edit.name} has not exactly one {edit.select}")
    _set_attributes(parents[0], edit)
    return etree.tostring(root, encoding="unicode")


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


def _define(verb: str, text: str) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".xml", delete=False) as file:
        file.write(text)
    try:
        run((*VIRSH, verb, file.name))
    finally:
        os.unlink(file.name)
