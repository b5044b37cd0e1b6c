"""Grants one request of a step, or says why it could not be granted."""

from typing import assert_never

from pxedoctor.apply.definition import edit_definition
from pxedoctor.apply.file import edit_file, remove_file, write_file
from pxedoctor.apply.nft import remove_rule
from pxedoctor.apply.reading import still_to_do
from pxedoctor.apply.run import holds, run
from pxedoctor.apply.service import control
from pxedoctor.plans.request import (
    EditDefinition,
    EditFile,
    RemoveFile,
    RemoveNftRule,
    Request,
    Run,
    Service,
    WriteFile,
)


def grant(request: Request) -> None:
    """Returns when the request is fulfilled; raises NotGrantedError with the host's own words otherwise."""
    match request:
        case Run(argv, only_if, readings):
            if still_to_do(readings) and (not only_if or holds(only_if)):
                run(argv)
        case Service(name, action):
            control(name, action)
        case EditDefinition():
            edit_definition(request)
        case RemoveNftRule():
            remove_rule(request)
        case EditFile():
            edit_file(request)
        case WriteFile():
            write_file(request)
        case RemoveFile():
            remove_file(request)
        case _:
            assert_never(request)
