"""Grants one request of a step, or says why it could not be granted; and says what runs while it is granted."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple, assert_never

from pxedoctor.apply import firewalld
from pxedoctor.apply.definition import VIRSH, edit_definition
from pxedoctor.apply.file import edit_file, remove_file, write_file
from pxedoctor.apply.label import relabel
from pxedoctor.apply.membership import not_yet
from pxedoctor.apply.mode import change_mode
from pxedoctor.apply.nft import remove_rule
from pxedoctor.apply.reading import still_to_do
from pxedoctor.apply.run import holds, run
from pxedoctor.apply.service import RESTARTING, control
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

Command = tuple[str, ...]


class Deed(NamedTuple):
    """`do` grants the request, and returns what is to be said of it; `programs`: how the command lines begin of what it
    runs, and what outlives a kill."""

    do: Callable[[], str | None]
    programs: tuple[Command, ...]


def grant(request: Request) -> str:
    """Returns when the request is fulfilled, with what is to be said of it, "" for nothing; raises NotGrantedError with
    the host's own words otherwise."""
    return deed_of(request).do() or ""


def deed_of(request: Request) -> Deed:
    match request:
        case Run(argv):
            return Deed(partial(_run, request), (argv,))
        case Service(name, action):
            return Deed(partial(control, name, action), _controlling(name, action))
        case EditDefinition(document):
            verb = "define" if document == "domain" else "net-define"
            return Deed(partial(edit_definition, request), ((*VIRSH, verb),))
        case RemoveNftRule(family, table, chain):
            return Deed(partial(remove_rule, request), (("nft", "delete", "rule", family, table, chain),))
        case EditFile():
            return Deed(partial(edit_file, request), _reading(request))
        case WriteFile():
            return Deed(partial(write_file, request), _reading(request))
        case RemoveFile():
            return Deed(partial(remove_file, request), _reading(request))
        case ChangeMode():
            return Deed(partial(change_mode, request), ())
        case Relabel():
            return Deed(partial(relabel, request), ())
        case _:
            assert_never(request)


def _run(request: Run) -> None:
    if not still_to_do(request.holds) or not not_yet(request.members):
        return
    if request.only_if and not holds(request.only_if):
        return
    if request.unless and holds(request.unless):
        return
    if not firewalld.changed(request.argv):
        run(request.argv)


def _controlling(name: str, action: str) -> tuple[Command, ...]:
    """Whatever manages services here (apply.service)."""
    return (("systemctl", action, f"{name}.service"), ("rc-service", name, action), ("sh", "-c", RESTARTING))


def _reading(request: EditFile | WriteFile | RemoveFile) -> tuple[Command, ...]:
    return (*request.then, *(_controlling(request.restart, "restart") if request.restart else ()))
