"""ICMP and neighbor discovery in frames: what a station is told beside UDP and ARP."""

from ipaddress import IPv4Address, IPv6Address

import msgspec

from pxedoctor.probe.carrying import in_vlan, wrapped
from pxedoctor.wire import frame, icmp, icmp6, ipv4, ipv6, nd
from pxedoctor.wire.error import WireError
from pxedoctor.wire.ethernet import IPV4, IPV6
from pxedoctor.wire.ipv4 import Ipv4
from pxedoctor.wire.ipv6 import ICMPV6, Ipv6
from pxedoctor.wire.nd import Nd
from pxedoctor.wire.reader import Reader


class HeardNd(msgspec.Struct, frozen=True):
    """A message of neighbor discovery, and who sent it."""

    message: Nd
    source: IPv6Address
    mac: str


class Refusal(msgspec.Struct, frozen=True):
    """A datagram of ours that could not be delivered: who says so, why, and the datagram's addresses and ports."""

    told_by: IPv4Address
    why: str
    original: Ipv4
    source_port: int


# Codes of ICMP's destination unreachable (RFC 792, RFC 1812 section 5.2.7.1).
_UNREACHABLE = {
    0: "the network is unreachable",
    1: "the host is unreachable",
    3: "nobody listens on that port",
    4: "the packet is too large for a link on the way",
    9: "the network is forbidden by an administrator",
    10: "the host is forbidden by an administrator",
    13: "a firewall forbids it",
}


def unreachable(content: bytes, tag: int | None) -> Refusal | None:
    """An ICMP destination unreachable in a frame; None for everything else."""
    # Quick for what is nearly always something else.
    if content[23 + 4 * (tag is not None) :][:1] != bytes((ipv4.ICMP,)):
        return None
    try:
        outer = frame.untagged(content)
        if outer.kind != IPV4 or not in_vlan(outer, tag):
            return None
        packet = ipv4.parse(outer.payload)
        message = icmp.parse(packet.payload)
        if not isinstance(message, icmp.Unreachable):
            return None
        original, port = _quoted(message.original)
    except WireError:
        return None
    return Refusal(packet.source, _UNREACHABLE.get(message.code, f"code {message.code}"), original, port)


def _quoted(content: bytes) -> tuple[Ipv4, int]:
    """The addresses and the source port of the packet that an ICMP error quotes; only its beginning need be there."""
    reader = Reader(content, "a quoted packet")
    head = reader.take(20, "header")
    reader.take(max(0, (head[0] & 0xF) * 4 - 20), "options")
    port = reader.number(2, "port")
    addresses = Ipv4(
        source=IPv4Address(head[12:16]), destination=IPv4Address(head[16:20]), protocol=head[9], payload=b""
    )
    return addresses, port


def carried_nd(content: bytes, tag: int | None) -> HeardNd | None:
    """A message of neighbor discovery in a frame, if it is a good one (RFC 4861 section 6.1, 7.1); else None."""
    # Quick for what is nearly always something else: the next header of IPv6.
    if content[20 + 4 * (tag is not None) :][:1] != bytes((ICMPV6,)):
        return None
    try:
        outer = frame.untagged(content)
        if outer.kind != IPV6 or not in_vlan(outer, tag):
            return None
        packet = ipv6.parse(outer.payload)
        if packet.protocol != ICMPV6 or packet.hop_limit != nd.HOP_LIMIT:
            return None
        message = nd.parse(icmp6.parse(packet.payload, packet.source, packet.destination))
    except WireError:
        return None
    return HeardNd(message, packet.source, outer.source)


def written_nd(
    message: Nd, source: IPv6Address, destination: IPv6Address, macs: tuple[str, str], tag: int | None
) -> bytes:
    """A message in a frame; `macs`: from and to."""
    content = icmp6.build(nd.build(message), source, destination)
    packet = Ipv6(source=source, destination=destination, protocol=ICMPV6, payload=content, hop_limit=nd.HOP_LIMIT)
    return wrapped(ipv6.build(packet), IPV6, macs[0], macs[1], tag)
