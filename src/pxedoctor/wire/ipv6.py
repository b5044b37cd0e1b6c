"""IPv6 packets and the extension headers before their payload (RFC 8200)."""

from ipaddress import IPv6Address

import msgspec

from pxedoctor.wire.bounds import require_bits
from pxedoctor.wire.error import WireError
from pxedoctor.wire.reader import Reader

HOP_BY_HOP = 0
UDP = 17
ROUTING = 43
FRAGMENT = 44
ICMPV6 = 58
DESTINATION_OPTIONS = 60

_LARGEST = 0xFFFF
# Of one shape: next header, length, content (RFC 8200 sections 4.3, 4.4, 4.6).
_EXTENSIONS = (HOP_BY_HOP, ROUTING, DESTINATION_OPTIONS)
# RFC 8200 section 4.1 orders five of them at most, of which the fragment header is counted as payload here.
_MOST_EXTENSIONS = 8


class Extension(msgspec.Struct, frozen=True):
    """One extension header; `content` is all of it but the next header and the length, 6, 14, 22... bytes."""

    kind: int
    content: bytes

    def __post_init__(self) -> None:
        if self.kind not in _EXTENSIONS:
            raise WireError(f"{self.kind} is not an extension header of hops, routing or destination")
        if len(self.content) % 8 != 6 or len(self.content) > 6 + 8 * 0xFF:
            raise WireError(f"an extension header fills up words of 8 bytes, not {len(self.content) + 2} bytes")


class Ipv6(msgspec.Struct, frozen=True, kw_only=True):
    """One packet. `protocol` is what `payload` is: the next header of the last header."""

    source: IPv6Address
    destination: IPv6Address
    protocol: int
    payload: bytes
    hop_limit: int = 64
    traffic_class: int = 0
    flow_label: int = 0
    extensions: tuple[Extension, ...] = ()

    def __post_init__(self) -> None:
        require_bits("IPv6 next header", self.protocol, 8)
        require_bits("IPv6 hop limit", self.hop_limit, 8)
        require_bits("IPv6 traffic class", self.traffic_class, 8)
        require_bits("IPv6 flow label", self.flow_label, 20)
        if self.protocol in _EXTENSIONS:
            raise WireError(f"the payload of an IPv6 packet is no extension header, as next header {self.protocol} is")
        if len(self.extensions) > _MOST_EXTENSIONS:
            raise WireError(f"an IPv6 packet has at most {_MOST_EXTENSIONS} extension headers here")
        for address in (self.source, self.destination):
            if address.scope_id is not None:
                raise WireError(f"a zone is not on the wire: {address}")
        if sum(len(extension.content) + 2 for extension in self.extensions) + len(self.payload) > _LARGEST:
            raise WireError(f"an IPv6 payload has at most {_LARGEST} bytes")

    @property
    def is_fragment(self) -> bool:
        return self.protocol == FRAGMENT


def parse(packet: bytes) -> Ipv6:
    """The packet, with any padding of the frame after it cut off. Raises WireError where it is no IPv6 or cut short."""
    reader = Reader(packet, "an IPv6 packet")
    first = reader.number(4, "header")
    if first >> 28 != 6:
        raise WireError(f"IP version {first >> 28}, not 6")
    length = reader.number(2, "header")
    kind, hop_limit = reader.number(1, "header"), reader.number(1, "header")
    source, destination = (IPv6Address(reader.take(16, "header")) for _ in range(2))
    extensions, protocol, payload = unchained(kind, reader.take(length, "payload"))
    return Ipv6(
        source=source,
        destination=destination,
        protocol=protocol,
        payload=payload,
        hop_limit=hop_limit,
        traffic_class=first >> 20 & 0xFF,
        flow_label=first & 0xFFFFF,
        extensions=extensions,
    )


def unchained(kind: int, content: bytes) -> tuple[tuple[Extension, ...], int, bytes]:
    """The extension headers before a payload, what the payload is, and itself; `kind`: of what `content` begins with.

    Raises WireError where a header is cut short.
    """
    reader = Reader(content, "an IPv6 packet")
    extensions: list[Extension] = []
    while kind in _EXTENSIONS and len(extensions) <= _MOST_EXTENSIONS:
        following, words = reader.number(1, "extension header"), reader.number(1, "extension header")
        extensions.append(Extension(kind, reader.take(6 + 8 * words, "extension header")))
        kind = following
    return tuple(extensions), kind, reader.rest()


def build(packet: Ipv6) -> bytes:
    kinds = [*(extension.kind for extension in packet.extensions), packet.protocol]
    body = b"".join(
        bytes((following, len(extension.content) // 8)) + extension.content
        for extension, following in zip(packet.extensions, kinds[1:], strict=True)
    )
    body += packet.payload
    first = 6 << 28 | packet.traffic_class << 20 | packet.flow_label
    header = first.to_bytes(4) + len(body).to_bytes(2) + bytes((kinds[0], packet.hop_limit))
    return header + packet.source.packed + packet.destination.packed + body
