"""What a probe is asked to do, and to whom it tells what happens."""

from collections.abc import Callable
from typing import Literal
from uuid import UUID

import msgspec

from pxedoctor.dialogue.profile import Profile, Profile6
from pxedoctor.model.bridge import PortVlans
from pxedoctor.model.observation import Happening

Tell = Callable[[Happening], None]


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """A frame as it passed a probe's `port` on `bridge`. `when`: of the wall clock; `comment`: words for a person."""

    when: float
    direction: Literal["in", "out"]
    content: bytes
    marked: bool = False
    comment: str = ""
    port: str = ""
    bridge: str = ""


Record = Callable[[Frame], None]


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """One probe of one bridge.

    `chaddr`: the MAC in whose name it asks; `mac`: the probe's own, the source of its frames. `tap`: the name of its
    port. `offload`: the tap takes open sums. `fetch`: it takes a lease in its own name, fetches, and releases it.
    `quick`: it is content with the first answer, and with the shortest patience that a server may need. `on_wire`: a
    person knows that a foreign MAC reaches a physical port. `netns`: a path of a network namespace that the bridge is
    in, "" for this one. `listens`: seconds that it goes on listening after the first offer, for a second server.
    `direct`: the guest is on macvtap: `bridge` is the device below it, and this is its mode in libvirt's words.
    `vlans`: where the bridge filters by VLAN, what the guest's port belongs to, and so the probe's. `vlan`: the tag
    that its frames carry.
    `secure_boot`: the guest's firmware runs signed programs alone; None where that is not known.
    `length`: to which its frames are padded, so that a trace tells them from all others; 0: they are not.
    """

    target: str
    bridge: str
    profile: Profile | Profile6
    chaddr: str
    mac: str
    tap: str
    machine: UUID | None = None
    offload: bool = False
    fetch: bool = False
    quick: bool = False
    on_wire: bool = False
    vlan: int | None = None
    vlans: PortVlans = "as-made"
    netns: str = ""
    listens: float = 0.0
    secure_boot: bool | None = None
    direct: str = ""
    length: int = 0

    @property
    def who(self) -> str:
        return self.target if self.vlan is None else f"{self.target}, VLAN {self.vlan}"


class ProbeError(Exception):
    """The probe could not be made, or the host changed under it. Nothing of it is left behind."""

    def __init__(self, message: str, would_help: str) -> None:
        super().__init__(message)
        self.message = message
        self.would_help = would_help
