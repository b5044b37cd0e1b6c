"""What a step changes in a file or in a libvirt definition, as a unified diff for whoever reads the plan."""

from pxedoctor.model.host import Host
from pxedoctor.plans.definition_text import DefinitionError, edited
from pxedoctor.plans.hunks import added, between, removed, unified
from pxedoctor.plans.request import EditDefinition, EditFile, RemoveFile, Request, Run, WriteFile


def diff_of(request: Request, host: Host | None = None) -> str:
    """What a request does to a text, "" where it changes none, or nobody could read the text.

    `host`: as it was before, with the definitions of its guests and networks; None: of files alone.
    """
    match request:
        case EditFile():
            return unified(request.path, request.hunks)
        case WriteFile():
            return added(request.path, request.text)
        case RemoveFile():
            return removed(request.path, request.text)
        case (EditDefinition() as edit) | Run(writes=EditDefinition() as edit) if host is not None:
            return _of_definition(edit, host)
        case _:
            return ""


def lines_of_diff(diff: str) -> tuple[str, ...]:
    r"""Without their ends. \n alone ends one: what follows other separators in a definition is no line of the diff."""
    return tuple(diff.removesuffix("\n").split("\n")) if diff else ()


def _of_definition(edit: EditDefinition, host: Host) -> str:
    named = host.network(edit.name) if edit.document == "network" else host.domain(edit.name)
    definition = named.definition if named else None
    if definition is None:
        return ""
    try:
        hunks = between(definition.text, edited(definition.text, edit))
    except DefinitionError:
        return ""
    return unified(definition.path, hunks) if hunks else ""
