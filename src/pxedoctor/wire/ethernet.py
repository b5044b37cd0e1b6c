"""Ethernet II frames (IEEE 802.3 clause 3, with a type and no length; frames with a length are in `llc`)."""

import msgspec

from pxedoctor.wire.error import WireError
from pxedoctor.wire.mac import read_mac, require_mac, write_mac
from pxedoctor.wire.reader import Reader

IPV4 = 0x0800
ARP = 0x0806
VLAN = 0x8100
IPV6 = 0x86DD
SERVICE_VLAN = 0x88A8
LLDP = 0x88CC

# Smaller values of the type field are lengths (IEEE 802.3 clause 3.2.6).
FIRST_TYPE = 0x0600


class Ethernet(msgspec.Struct, frozen=True, kw_only=True):
    """One frame without preamble and FCS. `kind` is the EtherType; a tagged frame's is that of its tag."""

    destination: str
    source: str
    kind: int
    payload: bytes

    def __post_init__(self) -> None:
        require_mac(self.destination, self.source)
        require_type(self.kind)


def require_type(kind: int) -> None:
    if not FIRST_TYPE <= kind <= 0xFFFF:
        raise WireError(f"not an EtherType: {kind:#06x}")


def parse(frame: bytes) -> Ethernet:
    """Raises WireError where the frame is shorter than its header or carries a length instead of a type."""
    reader = Reader(frame, "an Ethernet frame")
    return Ethernet(
        destination=read_mac(reader.take(6, "destination")),
        source=read_mac(reader.take(6, "source")),
        kind=reader.number(2, "type"),
        payload=reader.rest(),
    )


def build(frame: Ethernet) -> bytes:
    return write_mac(frame.destination) + write_mac(frame.source) + frame.kind.to_bytes(2) + frame.payload
