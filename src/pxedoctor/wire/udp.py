"""UDP datagrams over IPv4 (RFC 768), with a verdict on the sum they came with."""

import msgspec

from pxedoctor.wire.checksum import Verdict, udp_checksum, udp_verdict
from pxedoctor.wire.error import WireError
from pxedoctor.wire.ethernet import IPV4, read_ethernet
from pxedoctor.wire.ipv4 import UDP, Ipv4, read_ipv4

_HEADER = 8


class Udp(msgspec.Struct, frozen=True, kw_only=True):
    """One datagram's ports and payload."""

    source_port: int
    destination_port: int
    payload: bytes

    def __post_init__(self) -> None:
        for port in (self.source_port, self.destination_port):
            if not 0 <= port <= 0xFFFF:
                raise WireError(f"not a UDP port: {port}")
        if _HEADER + len(self.payload) > 0xFFFF:
            raise WireError(f"a UDP datagram has at most {0xFFFF} bytes")

    def in_packet(self, packet: Ipv4) -> Ipv4:
        """`packet` with this datagram as its payload, the sum filled."""
        ports = self.source_port.to_bytes(2) + self.destination_port.to_bytes(2)
        length = (_HEADER + len(self.payload)).to_bytes(2)
        unsummed = ports + length + b"\0\0" + self.payload
        filled = udp_checksum(packet.source, packet.destination, unsummed).to_bytes(2)
        datagram = ports + length + filled + self.payload
        return msgspec.structs.replace(packet, protocol=UDP, payload=datagram)


class UdpFrame(msgspec.Struct, frozen=True, kw_only=True):
    """A whole UDP datagram as a frame brought it."""

    packet: Ipv4
    datagram: Udp
    checksum: Verdict


def read_udp_frame(frame: bytes) -> UdpFrame:
    """The UDP datagram in an Ethernet frame. Raises WireError where there is no whole one."""
    ethernet = read_ethernet(frame)
    if ethernet.kind != IPV4:
        raise WireError(f"EtherType {ethernet.kind:#06x}, not IPv4")
    packet = read_ipv4(ethernet.payload)
    if packet.protocol != UDP:
        raise WireError(f"IP protocol {packet.protocol}, not UDP")
    if packet.is_fragment:
        raise WireError("a fragment: its UDP sum can only be verified when all of them are together")
    return _read(packet)


def _read(packet: Ipv4) -> UdpFrame:
    content = packet.payload
    if len(content) < _HEADER:
        raise WireError(f"a UDP datagram has {_HEADER} bytes of header; here are {len(content)} bytes in all")
    length = int.from_bytes(content[4:6])
    if not _HEADER <= length <= len(content):
        raise WireError(f"UDP length {length} in {len(content)} bytes")
    datagram = content[:length]
    return UdpFrame(
        packet=packet,
        datagram=Udp(
            source_port=int.from_bytes(datagram[0:2]),
            destination_port=int.from_bytes(datagram[2:4]),
            payload=datagram[_HEADER:],
        ),
        checksum=udp_verdict(packet.source, packet.destination, datagram),
    )
