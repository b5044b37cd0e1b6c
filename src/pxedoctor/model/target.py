"""What a diagnosis is about: a guest's NIC, a tap nobody's libvirt owns, or a bridge or network without guests."""

from typing import TYPE_CHECKING, Literal

import msgspec

from pxedoctor.model.client import Client
from pxedoctor.model.keeping import Keeping
from pxedoctor.model.observation import Probed
from pxedoctor.model.traced import Traced

if TYPE_CHECKING:
    from pxedoctor.model.host import Host

# "guests" stands for all guests of a host on which they could not be listed: of them, nothing can be told.
TargetKind = Literal["nic", "tap", "bridge", "network", "guests"]


class Direct(msgspec.Struct, frozen=True):
    """A NIC that is in no bridge, but a part of one of the host's devices (macvtap). `mode`: in libvirt's words."""

    lower: str
    mode: str


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """`id` is stable over runs, e.g. `web01/52:54:00:0d:0d:01`, `tap/vnet3`, `bridge/br0`, `network/default`.

    `client` is what will ask for an address on it, or None where nobody could tell. `arch` is its machine's in
    libvirt's words, or ""; `secure_boot` as in Domain.
    """

    id: str
    kind: TargetKind
    guest: str | None = None
    uuid: str | None = None
    mac: str | None = None
    tap: str | None = None
    bridge: str | None = None
    network: str | None = None
    client: Client | None = None
    client_why: str = ""
    running: bool = False
    direct: Direct | None = None
    arch: str = ""
    secure_boot: bool | None = None

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError("a target needs an id")

    @property
    def segment(self) -> str:
        """What all who are served alike with it share: libvirt's network, else the bridge; by name, else its own id."""
        return self.network or self.bridge or self.id

    @property
    def segment_scope(self) -> Literal["network", "bridge"]:
        """The scope of a finding about `segment`."""
        return "network" if self.network else "bridge"


class Facts(Keeping, frozen=True, kw_only=True, dict=True):
    """The host, and what was observed on it."""

    host: "Host"
    observations: tuple[Probed, ...] = ()
    traces: tuple[Traced, ...] = ()

    def probed(self, target: str) -> tuple[Probed, ...]:
        """The probes of this target, by its id."""
        return tuple(seen for seen in self.observations if seen.target == target)
