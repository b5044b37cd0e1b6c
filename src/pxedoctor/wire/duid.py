"""DHCP unique identifiers (RFC 8415 section 11, RFC 6355)."""

from enum import IntEnum
from uuid import UUID

import msgspec

from pxedoctor.wire.bounds import require_bits, require_size
from pxedoctor.wire.error import WireError
from pxedoctor.wire.mac import read_mac
from pxedoctor.wire.options import Format
from pxedoctor.wire.reader import Reader

_ETHERNET = 1
_LONGEST = 128


class DuidType(IntEnum):
    LINK_LAYER_TIME = 1
    ENTERPRISE = 2
    LINK_LAYER = 3
    UUID = 4


class Duid(msgspec.Struct, frozen=True, kw_only=True):
    """`kind` is a DuidType, or a number that no RFC knows; `content` is what follows it."""

    kind: int
    content: bytes

    def __post_init__(self) -> None:
        require_bits("a DUID's type", self.kind, 16)
        require_size("a DUID", self.content, _LONGEST, least=1)

    @property
    def mac(self) -> str | None:
        """The Ethernet address that it was made of; None where it was not."""
        # A hardware type of two bytes; with a time of four behind it where it is of that kind.
        before = {int(DuidType.LINK_LAYER_TIME): 6, int(DuidType.LINK_LAYER): 2}.get(self.kind)
        if before is None or len(self.content) != before + 6 or int.from_bytes(self.content[:2]) != _ETHERNET:
            return None
        return read_mac(self.content[before:])

    @property
    def uuid(self) -> UUID | None:
        return UUID(bytes=self.content) if self.kind == DuidType.UUID and len(self.content) == 16 else None


def from_mac(mac: bytes) -> Duid:
    """A DUID-LL."""
    if len(mac) != 6:
        raise WireError(f"an Ethernet address has 6 bytes, not {len(mac)}")
    return Duid(kind=DuidType.LINK_LAYER, content=_ETHERNET.to_bytes(2) + mac)


def parse(content: bytes) -> Duid:
    reader = Reader(content, "a DUID")
    return Duid(kind=reader.number(2, "type"), content=reader.rest())


def build(duid: Duid) -> bytes:
    return duid.kind.to_bytes(2) + duid.content


DUID: Format[Duid] = Format(parse, build)
