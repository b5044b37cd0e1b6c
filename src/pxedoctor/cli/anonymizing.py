"""The option --anonymize, the same for every verb whose output can be sent away."""

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

_MACHINE_ID = "/etc/machine-id"


def anonymizing(command: F) -> F:
    """Adds --anonymize to a command."""
    words = "Call hosts, guests, networks, MACs and addresses by other names, the same in every output of this machine."
    return click.option("--anonymize", is_flag=True, help=words)(command)


def key_of_this_machine() -> bytes:
    """The same in every run, so that a page and a snapshot go together; nobody can guess it without the machine's id.

    machine-id(5): an id that is to be kept to oneself, and is to be handed out as a keyed hash only.
    """
    # Costs 5 ms, and most outputs stay at home.
    import hashlib

    try:
        with open(_MACHINE_ID, "rb") as file:
            own = file.read(64).strip()
    except OSError:
        own = b""
    return hashlib.sha256(b"pxedoctor --anonymize 1 " + (own or os.urandom(32))).digest()
