"""Ethernet II frames (IEEE 802.3 clause 3, with a type and no length)."""

import re

import msgspec

from pxedoctor.wire.error import WireError

IPV4 = 0x0800
BROADCAST = "ff:ff:ff:ff:ff:ff"

_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
_HEADER = 14
# Smaller values of the type field are lengths (IEEE 802.3 clause 3.2.6).
_FIRST_TYPE = 0x0600


class Ethernet(msgspec.Struct, frozen=True, kw_only=True):
    """One frame without preamble and FCS. `kind` is the EtherType; a tagged frame's is that of its tag."""

    destination: str
    source: str
    kind: int
    payload: bytes

    def __post_init__(self) -> None:
        for mac in (self.destination, self.source):
            if not _MAC.fullmatch(mac):
                raise WireError(f"not a MAC address in lower case: {mac!r}")
        if not _FIRST_TYPE <= self.kind <= 0xFFFF:
            raise WireError(f"not an EtherType: {self.kind:#06x}")

    def write(self) -> bytes:
        return _packed(self.destination) + _packed(self.source) + self.kind.to_bytes(2) + self.payload


def read_ethernet(frame: bytes) -> Ethernet:
    """Raises WireError where the frame is shorter than its header or carries a length instead of a type."""
    if len(frame) < _HEADER:
        raise WireError(f"an Ethernet frame has {_HEADER} bytes of header; here are {len(frame)} bytes in all")
    return Ethernet(
        destination=frame[0:6].hex(":"),
        source=frame[6:12].hex(":"),
        kind=int.from_bytes(frame[12:14]),
        payload=frame[_HEADER:],
    )


def _packed(mac: str) -> bytes:
    return bytes.fromhex(mac.replace(":", ""))
