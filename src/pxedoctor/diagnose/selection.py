"""What the person asked about, in words; diagnose/selected.py finds it on a host."""

import msgspec

from pxedoctor.model.client import Client

# Of the characters of a name in an error message.
LONGEST = 80


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """The words of the command line that choose targets; all empty means everything.

    `alone`: a bridge or network is a target itself, once, and not what is plugged into it.
    """

    guests: tuple[str, ...] = ()
    network: str | None = None
    bridge: str | None = None
    client: Client | None = None
    alone: bool = False


class SelectionError(Exception):
    """The host has no such guest, network or bridge; `would_help` lists what it has."""

    def __init__(self, message: str, would_help: str) -> None:
        super().__init__(message)
        self.message = message
        self.would_help = would_help


def short(name: str) -> str:
    """A name as an error message quotes it: a stranger's may be a page long."""
    return repr(name) if len(name) <= LONGEST else f"{name[:LONGEST]!r}..."
