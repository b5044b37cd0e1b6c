"""802.1Q tags: what follows the EtherType 0x8100 or 0x88a8 (IEEE 802.1Q-2018 clause 9.6)."""

import msgspec

from pxedoctor.wire.bounds import require_bits
from pxedoctor.wire.error import WireError
from pxedoctor.wire.ethernet import require_type
from pxedoctor.wire.reader import Reader

# Reserved for implementations and never sent (IEEE 802.1Q-2018 table 9-2). 0 is no VLAN: a priority tag.
_RESERVED = 0xFFF


class Vlan(msgspec.Struct, frozen=True, kw_only=True):
    """One tag. `kind` is the EtherType of what follows it, which may be a tag again."""

    vlan: int
    kind: int
    payload: bytes
    priority: int = 0
    drop_eligible: bool = False

    def __post_init__(self) -> None:
        require_bits("VLAN", self.vlan, 12)
        require_bits("802.1Q priority", self.priority, 3)
        require_type(self.kind)
        if self.vlan == _RESERVED:
            raise WireError(f"VLAN {_RESERVED} is reserved and never on a wire")


def parse(content: bytes) -> Vlan:
    """`content` is what follows the tag's EtherType. Raises WireError where a tag is cut or holds a length."""
    reader = Reader(content, "an 802.1Q tag")
    control = reader.number(2, "control information")
    return Vlan(
        vlan=control & 0xFFF,
        priority=control >> 13,
        drop_eligible=bool(control & 0x1000),
        kind=reader.number(2, "type"),
        payload=reader.rest(),
    )


def build(tag: Vlan) -> bytes:
    control = tag.priority << 13 | tag.drop_eligible << 12 | tag.vlan
    return control.to_bytes(2) + tag.kind.to_bytes(2) + tag.payload
