"""LLDP: which switch, and which of its ports, is at the other end of a wire (IEEE 802.1AB-2016 clauses 8 and 9).

A frame of EtherType 0x88cc to 01:80:c2:00:00:0e. Mandatory: chassis, port and time to live, in this order, first.
"""

from ipaddress import IPv4Address, IPv6Address

import msgspec

from pxedoctor.wire.bounds import require_bits, require_size
from pxedoctor.wire.error import WireError
from pxedoctor.wire.mac import read_mac
from pxedoctor.wire.reader import Reader
from pxedoctor.wire.text import read_padded

GROUP = "01:80:c2:00:00:0e"

END, CHASSIS, PORT, TIME_TO_LIVE, PORT_DESCRIPTION, SYSTEM_NAME, SYSTEM_DESCRIPTION = 0, 1, 2, 3, 4, 5, 6
CAPABILITIES, MANAGEMENT_ADDRESS, ORGANISATION = 7, 8, 127
_IEEE_8021 = bytes.fromhex("0080c2")
_PORT_VLAN = 1
# Subtypes of chassis and port that are not text (IEEE 802.1AB-2016 tables 8-2 and 8-3).
_CHASSIS_MAC, _CHASSIS_ADDRESS, _PORT_MAC, _PORT_ADDRESS = 4, 5, 3, 4
_IPV4, _IPV6 = 1, 2


class Tlv(msgspec.Struct, frozen=True):
    """One piece of information behind the mandatory three; `content` without type and length."""

    kind: int
    content: bytes

    def __post_init__(self) -> None:
        require_bits("the type of an LLDP TLV", self.kind, 7)
        require_size("an LLDP TLV", self.content, 511)
        if self.kind in (END, CHASSIS, PORT, TIME_TO_LIVE):
            raise WireError(f"LLDP TLV {self.kind} stands at its own place, once")


class Identifier(msgspec.Struct, frozen=True):
    """A chassis or a port; `subtype` says what `content` is."""

    subtype: int
    content: bytes

    def __post_init__(self) -> None:
        require_bits("an LLDP subtype", self.subtype, 8)
        require_size("an LLDP identifier", self.content, 255, least=1)


class Lldp(msgspec.Struct, frozen=True, kw_only=True):
    """What a neighbour says of itself. It is believed for `seconds`; 0: it goes away now."""

    chassis: Identifier
    port: Identifier
    seconds: int
    tlvs: tuple[Tlv, ...] = ()

    def __post_init__(self) -> None:
        require_bits("LLDP time to live", self.seconds, 16)

    @property
    def chassis_text(self) -> str:
        return _spoken(self.chassis, _CHASSIS_MAC, _CHASSIS_ADDRESS)

    @property
    def port_text(self) -> str:
        return _spoken(self.port, _PORT_MAC, _PORT_ADDRESS)

    def text(self, kind: int) -> str | None:
        """What a TLV of text says: PORT_DESCRIPTION, SYSTEM_NAME or SYSTEM_DESCRIPTION; None where it is not there."""
        return next((read_padded(tlv.content) for tlv in self.tlvs if tlv.kind == kind), None)

    @property
    def port_vlan(self) -> int | None:
        """The VLAN of untagged frames at the neighbour's port (IEEE 802.1Q-2018 annex D.2.1); 0: none."""
        head = _IEEE_8021 + bytes((_PORT_VLAN,))
        for tlv in self.tlvs:
            if tlv.kind == ORGANISATION and tlv.content.startswith(head) and len(tlv.content) == 6:
                return int.from_bytes(tlv.content[4:])
        return None


def parse(content: bytes) -> Lldp:
    """`content` is the frame's payload; what follows the end TLV does not count.

    Raises WireError where a TLV is cut, a mandatory one is missing or out of order, or no end comes.
    """
    reader = Reader(content, "an LLDP data unit")
    chassis, port = _identifier(_tlv(reader), CHASSIS), _identifier(_tlv(reader), PORT)
    kind, value = _tlv(reader)
    if kind != TIME_TO_LIVE or len(value) < 2:
        raise WireError(f"LLDP TLV {kind} of {len(value)} bytes where the time to live should be")
    tlvs: list[Tlv] = []
    # The end may be missing where the frame ends (IEEE 802.1AB-2016 clause 9.2.7.3).
    while reader.left:
        kind, more = _tlv(reader)
        if kind == END:
            break
        tlvs.append(Tlv(kind, more))
    return Lldp(chassis=chassis, port=port, seconds=int.from_bytes(value[:2]), tlvs=tuple(tlvs))


def build(unit: Lldp) -> bytes:
    pieces = [(CHASSIS, _packed(unit.chassis)), (PORT, _packed(unit.port)), (TIME_TO_LIVE, unit.seconds.to_bytes(2))]
    pieces += [(tlv.kind, tlv.content) for tlv in unit.tlvs]
    return b"".join((kind << 9 | len(content)).to_bytes(2) + content for kind, content in pieces) + bytes(2)


def _tlv(reader: Reader) -> tuple[int, bytes]:
    head = reader.number(2, "TLV")
    return head >> 9, reader.take(head & 0x1FF, "TLV")


def _identifier(tlv: tuple[int, bytes], wanted: int) -> Identifier:
    kind, content = tlv
    if kind != wanted or not content:
        raise WireError(f"LLDP TLV {kind} of {len(content)} bytes where TLV {wanted} should be")
    return Identifier(content[0], content[1:])


def _packed(identifier: Identifier) -> bytes:
    return bytes((identifier.subtype,)) + identifier.content


def _spoken(identifier: Identifier, mac: int, address: int) -> str:
    content = identifier.content
    if identifier.subtype == mac and len(content) == 6:
        return read_mac(content)
    if identifier.subtype == address and content[0] == _IPV4 and len(content) == 5:
        return str(IPv4Address(content[1:]))
    if identifier.subtype == address and content[0] == _IPV6 and len(content) == 17:
        return str(IPv6Address(content[1:]))
    return read_padded(content)
