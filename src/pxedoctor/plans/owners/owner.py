"""What every file under plans/owners offers, and the values it speaks in."""

from typing import Protocol

import msgspec

from pxedoctor.model.bridge_owner import Claim, Setting
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.network_files import NetworkFile, NetworkFiles


class Never(msgspec.Struct, frozen=True):
    """A command that seems to be the way and is not: a plan never runs it. `why`: what it does to running guests."""

    command: str
    why: str


class FileChange(msgspec.Struct, frozen=True, kw_only=True):
    """`before` None: the file is new, with this `mode`. `then`: programs that must accept, or read, it afterwards."""

    path: str
    before: str | None
    after: str
    mode: int = 0o644
    then: tuple[tuple[str, ...], ...] = ()

    @property
    def place(self) -> str:
        """In words for a person."""
        return f"a new file {self.path}" if self.before is None else self.path


class Told(msgspec.Struct, frozen=True):
    """pxedoctor does not edit this; `instead` is what a person does."""

    because: str
    instead: str = ""


class Owner(Protocol):
    """A module is an owner. `claims` and `change` are pure and total: hostile texts give no claim, Unclear or Told.

    `change` makes the setting that is wished, in the owner's own words, comments and layout kept; it is called only
    with a claim that this owner made.
    """

    __doc__: str | None
    NAME: str
    NEVER: tuple[Never, ...]

    def claims(self, host: Host, bridge: str) -> tuple[Claim, ...]: ...

    def change(self, host: Host, claim: Claim, wish: Setting) -> FileChange | Told: ...


def files_of(host: Host) -> NetworkFiles:
    """Its network files; none where they were not asked for."""
    return NetworkFiles() if isinstance(host.network_files, Missing) else host.network_files


def not_editable(file: NetworkFile | None) -> Told | None:
    """Why a file is not edited, whatever stands in it; None: it may be."""
    if file is None:
        return Told("the file is not there any more")
    if file.link:
        return Told(f"{file.path} is a link to {file.link}: whose file that is, is not known", "edit it by hand")
    if file.closed:
        return Told(f"{file.path} could not be read: {file.closed}")
    if not file.whole:
        return Told(f"{file.path} is longer than pxedoctor reads")
    return None


def network_manager_runs(host: Host) -> bool:
    """Whether somebody must tell it of a file that changed; where it does not run it will read it by itself."""
    return not isinstance(host.processes, Missing) and any(p.name == "NetworkManager" for p in host.processes)
