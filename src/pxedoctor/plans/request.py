"""What the executor is asked to do: a closed union that it matches exhaustively."""

from typing import Literal

import msgspec

from pxedoctor.plans.hunks import Hunk

ServiceAction = Literal["restart", "reload"]
Document = Literal["domain", "network"]


# How what the kernel shows of it becomes a text: as it is; of a device's flags whether it is up; whose port it is.
Form = Literal["text", "up", "master"]
UP, DOWN = "up", "down"
# No device is called so: names have no spaces.
NO_MASTER = "no bridge"


class Reading(msgspec.Struct, frozen=True):
    """What a file of the kernel must hold at the moment of acting: `text`, as when the plan was made.

    `done`: what it holds where there is nothing left to do; "" where that cannot be read there. `what`: it in words.
    """

    path: str
    text: str
    done: str = ""
    what: str = ""
    form: Form = "text"


class Membership(msgspec.Struct, frozen=True):
    """How a port must be in a VLAN at the moment of acting, in the words of `vlan_words`; `done` as of a Reading."""

    port: str
    vid: int
    text: str
    done: str

    @property
    def what(self) -> str:
        return f"VLAN {self.vid} of {self.port}"


def vlan_words(pvid: bool, untagged: bool) -> str:
    """How a port that is in a VLAN is in it, as bridge(8) has it."""
    return " ".join((*(("pvid",) if pvid else ()), "untagged" if untagged else "tagged"))


class Run(msgspec.Struct, frozen=True, tag="run"):
    """Run a program to its end; anything but exit status 0 is a failure with its standard error as the reason.

    `only_if` is a question put first, where there is one: 0 is yes, 1 is no and there is nothing to do; anything
    else is a failure. `unless` is one where 0 is that it is so already. `holds` and
    `members`: what must still be as it was looked at, else nothing is done and the failure says so. `writes`: what the
    program does to a libvirt definition, for whoever reads the plan.
    """

    argv: tuple[str, ...]
    only_if: tuple[str, ...] = ()
    holds: tuple[Reading, ...] = ()
    unless: tuple[str, ...] = ()
    members: tuple[Membership, ...] = ()
    writes: "EditDefinition | None" = None


class Service(msgspec.Struct, frozen=True, tag="service"):
    """Restart or reload a service through whatever manages services here."""

    name: str
    action: ServiceAction


class EditDefinition(msgspec.Struct, frozen=True, tag="edit-definition"):
    """Set (or with None remove) attributes of one element of a libvirt definition, everything else kept as written.

    `select` is an XPath from the root to exactly one existing parent element; `child` is the element in it that carries
    the attributes and is made if it is not there (and removed when its last attribute goes); `NAME[@A='V']` where
    others of that name stand beside it. `inside` is XML that a child has in it when it is made, and goes with it.
    `written`: what the attributes were set to, where this takes that back; where one of them is something else by now,
    nothing is done, and the failure says so. () for whatever they are.
    """

    document: Document
    name: str
    select: str
    child: str
    attributes: tuple[tuple[str, str | None], ...]
    inside: str = ""
    written: tuple[tuple[str, str | None], ...] = ()


def taking_back(back: EditDefinition, done: EditDefinition) -> EditDefinition:
    """`back`, unless somebody has changed what `done` wrote."""
    return msgspec.structs.replace(back, written=done.attributes)


class RemoveNftRule(msgspec.Struct, frozen=True, tag="remove-nft-rule"):
    """Delete the first rule of a chain that carries this comment. nft deletes by handle alone, which is looked up then.

    No such rule, chain or table any more: there is nothing to do.
    """

    family: str
    table: str
    chain: str
    comment: str


class EditFile(msgspec.Struct, frozen=True, tag="edit-file", kw_only=True):
    """Change lines of a configuration file, everything else kept: its other lines, owner, mode, ACL and labels.

    Where the lines are others by now nothing is done, and the failure says so; where they are already as they should be
    there is nothing to do. `then` are programs that must accept, or read, the file, and `restart` a service that reads
    it at its start, "" for none: if one does not, the file is put back. `undoing`: lines may have moved, and what a
    program says afterwards does not bring the change back.
    """

    path: str
    hunks: tuple[Hunk, ...]
    then: tuple[tuple[str, ...], ...] = ()
    restart: str = ""
    undoing: bool = False


class WriteFile(msgspec.Struct, frozen=True, tag="write-file", kw_only=True):
    """Make a file that is not there, and its folder if need be. A file of another text in its place is a failure."""

    path: str
    text: str
    mode: int
    then: tuple[tuple[str, ...], ...] = ()
    restart: str = ""


class RemoveFile(msgspec.Struct, frozen=True, tag="remove-file", kw_only=True):
    """Remove a file that still holds this text, and its folder of drop-ins if nothing else is in it."""

    path: str
    text: str
    then: tuple[tuple[str, ...], ...] = ()
    restart: str = ""


class Relabel(msgspec.Struct, frozen=True, tag="relabel"):
    """Give a file or folder this SELinux label. `before`: the one that it must still have, else nothing is done.

    Where it has `label` already there is nothing to do.
    """

    path: str
    label: str
    before: str


class ChangeMode(msgspec.Struct, frozen=True, tag="change-mode"):
    """Give a file or folder this mode, its twelve permission bits. `before`: the one that it must still have."""

    path: str
    mode: int
    before: int


def readers_of(request: "Request") -> tuple[tuple[str, ...], ...]:
    """The commands that accept or read a changed file at once, as a person could type them; of a definition, the one
    that judges its XML (apply.schema), where it is installed."""
    match request:
        case EditDefinition(document, written=()):
            return (("virt-xml-validate", "-", document),)
        case EditFile() | WriteFile() | RemoveFile():
            restart = (("systemctl", "restart", request.restart),) if request.restart else ()
            return (*request.then, *restart)
        case _:
            return ()


Request = Run | Service | EditDefinition | RemoveNftRule | EditFile | WriteFile | RemoveFile | Relabel | ChangeMode
