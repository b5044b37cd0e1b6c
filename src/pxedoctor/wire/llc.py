"""IEEE 802.3 frames with a length and an 802.2 LLC header, as bridges use for their BPDUs (802.3 clause 3, 802.2)."""

import msgspec

from pxedoctor.wire.bounds import require_bits, require_size
from pxedoctor.wire.error import WireError
from pxedoctor.wire.mac import read_mac, require_mac, write_mac
from pxedoctor.wire.reader import Reader

# The service access point of the spanning tree protocol (IEEE 802.1D-2004 table 7-9).
BRIDGE = 0x42
UNNUMBERED_INFORMATION = 0x03

_LARGEST = 1500
_HEADER = 3


class Llc(msgspec.Struct, frozen=True, kw_only=True):
    """One frame with an unnumbered LLC header, the kind whose control field is one byte."""

    destination: str
    source: str
    destination_service: int
    source_service: int
    payload: bytes
    control: int = UNNUMBERED_INFORMATION

    def __post_init__(self) -> None:
        require_mac(self.destination, self.source)
        require_bits("LLC destination service access point", self.destination_service, 8)
        require_bits("LLC source service access point", self.source_service, 8)
        require_bits("LLC control", self.control, 8)
        if self.control & 3 != 3:
            raise WireError(f"LLC control {self.control:#04x} is not of an unnumbered frame")
        require_size("an LLC payload", self.payload, _LARGEST - _HEADER)


def parse(frame: bytes) -> Llc:
    """The frame, with any padding behind its length cut off.

    Raises WireError where it is cut short, carries a type instead of a length, or a numbered LLC header.
    """
    outer = Reader(frame, "an 802.3 frame")
    destination, source = read_mac(outer.take(6, "destination")), read_mac(outer.take(6, "source"))
    length = outer.number(2, "length")
    if length > _LARGEST:
        raise WireError(f"{length:#06x} is a type, not a length")
    reader = Reader(outer.take(length, "payload"), "an LLC header")
    return Llc(
        destination=destination,
        source=source,
        destination_service=reader.number(1, "destination service"),
        source_service=reader.number(1, "source service"),
        control=reader.number(1, "control"),
        payload=reader.rest(),
    )


def build(frame: Llc) -> bytes:
    """The frame without padding; a driver pads it to 60 bytes."""
    header = bytes((frame.destination_service, frame.source_service, frame.control))
    length = (_HEADER + len(frame.payload)).to_bytes(2)
    return write_mac(frame.destination) + write_mac(frame.source) + length + header + frame.payload
