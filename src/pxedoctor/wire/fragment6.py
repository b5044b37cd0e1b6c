"""The fragment header of IPv6, and the piece behind it (RFC 8200 section 4.5)."""

import msgspec

from pxedoctor.wire.bounds import require_bits
from pxedoctor.wire.reader import Reader

UNIT = 8

_MORE = 0x0001


class Fragment6(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of a packet. `protocol`: of what the packet carries; `start` in units of eight bytes.

    The three bits and the byte that are reserved are sent as zero and are not looked at, as the RFC has it.
    """

    protocol: int
    start: int
    more: bool
    identification: int
    payload: bytes

    def __post_init__(self) -> None:
        require_bits("next header of an IPv6 fragment", self.protocol, 8)
        require_bits("offset of an IPv6 fragment", self.start, 13)
        require_bits("identification of an IPv6 fragment", self.identification, 32)


def parse(content: bytes) -> Fragment6:
    """What is behind an IPv6 header whose next header is 44. Raises WireError where it is cut short."""
    reader = Reader(content, "an IPv6 fragment")
    protocol, _ = reader.number(1, "header"), reader.number(1, "header")
    place, identification = reader.number(2, "header"), reader.number(4, "header")
    return Fragment6(
        protocol=protocol,
        start=place // UNIT,
        more=bool(place & _MORE),
        identification=identification,
        payload=reader.rest(),
    )


def build(fragment: Fragment6) -> bytes:
    place = fragment.start * UNIT | fragment.more
    return bytes((fragment.protocol, 0)) + place.to_bytes(2) + fragment.identification.to_bytes(4) + fragment.payload
