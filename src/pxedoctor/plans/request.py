"""What the executor is asked to do: a closed union that it matches exhaustively."""

from typing import Literal

import msgspec

ServiceAction = Literal["restart", "reload"]
Document = Literal["domain", "network"]


class Run(msgspec.Struct, frozen=True, tag="run"):
    """Run a program to its end; anything but exit status 0 is a failure with its standard error as the reason.

    `only_if` is a question put first, where there is one: 0 is yes, 1 is no and there is nothing to do; anything
    else is a failure.
    """

    argv: tuple[str, ...]
    only_if: tuple[str, ...] = ()


class Service(msgspec.Struct, frozen=True, tag="service"):
    """Restart or reload a service through whatever manages services here."""

    name: str
    action: ServiceAction


class EditDefinition(msgspec.Struct, frozen=True, tag="edit-definition"):
    """Set (or with None remove) attributes of one element of a libvirt definition, everything else kept as written.

    `select` is an XPath from the root to exactly one existing parent element; `child` is the element in it that carries
    the attributes and is made if it is not there (and removed when its last attribute goes).
    """

    document: Document
    name: str
    select: str
    child: str
    attributes: tuple[tuple[str, str | None], ...]


class RemoveNftRule(msgspec.Struct, frozen=True, tag="remove-nft-rule"):
    """Delete the first rule of a chain that carries this comment. nft deletes by handle alone, which is looked up then.

    No such rule, chain or table any more: there is nothing to do.
    """

    family: str
    table: str
    chain: str
    comment: str


Request = Run | Service | EditDefinition | RemoveNftRule
