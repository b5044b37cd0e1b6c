"""What a device is to be from the next start on, and what a file says of that now."""

from typing import Protocol

import msgspec

from pxedoctor.model.host import Host
from pxedoctor.plans.owners.owner import FileChange, Told


class Up(msgspec.Struct, frozen=True):
    """The device is brought up at the start."""

    device: str

    @property
    def words(self) -> str:
        return "up at the start"


class Mtu(msgspec.Struct, frozen=True):
    """Where a file sets an MTU below `size` (bytes), it sets that. Where none does, nothing is to be written."""

    device: str
    size: int

    @property
    def words(self) -> str:
        return f"an MTU of {self.size}"


class InVlan(msgspec.Struct, frozen=True):
    """The port of `bridge` is in VLAN `vid`, whose frames leave it with their tag."""

    device: str
    bridge: str
    vid: int

    @property
    def words(self) -> str:
        return f"VLAN {self.vid}"


Wish = Up | Mtu | InVlan


class Already(msgspec.Struct, frozen=True):
    """It is so from the next start on, as this file says."""

    path: str


class Said(msgspec.Struct, frozen=True):
    """`owner` reads it; `what` makes the wish true, or says why nothing is written."""

    owner: str
    what: FileChange | Told | Already


class System(Protocol):
    """A module is a system. Pure and total: a text that is not understood is Told, a device without a file is ()."""

    __doc__: str | None

    def said(self, host: Host, wish: Wish) -> tuple[Said, ...]: ...
