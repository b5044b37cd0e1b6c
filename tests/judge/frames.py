"""Packets of the exchange as bytes, with a magic word in each, so that it is known again wherever it arrives."""

import socket
import struct
from dataclasses import dataclass, replace

IPV4, ARP, IPV6 = 0x0800, 0x0806, 0x86DD
ICMP, TCP, UDP, ICMPV6 = 1, 6, 17, 58
SYN, FIN = 2, 1
_ICMP_REPLY, _ICMP_REQUEST = 0, 8


@dataclass(frozen=True)
class Shape:
    """What is in a frame. Ports of UDP and TCP, type and code of ICMP, flags of TCP, the operation of ARP."""

    ethertype: int
    source_mac: str
    destination_mac: str
    source: str
    destination: str
    protocol: int = 0
    source_port: int = 0
    destination_port: int = 0
    flags: int = SYN
    operation: int = 1
    padding: int = 0

    def answered(self, by: str) -> "Shape":
        """What comes back from the one who has the MAC `by`."""
        return replace(
            self,
            source_mac=by,
            destination_mac=self.source_mac,
            source=self.destination,
            destination=self.source,
            source_port=self.destination_port,
            destination_port=self.source_port,
            operation=2,
        )


def checksum(data: bytes) -> int:
    total = sum(struct.unpack(f"!{len(data) // 2}H", data if len(data) % 2 == 0 else data + b"\0"))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def mac(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))


def ip_packet(shape: Shape, magic: bytes) -> bytes:
    """The IP packet alone; its payload ends with the magic word."""
    kind = socket.AF_INET if shape.ethertype == IPV4 else socket.AF_INET6
    source, destination = socket.inet_pton(kind, shape.source), socket.inet_pton(kind, shape.destination)
    payload = _payload(shape, magic, source + destination)
    if shape.ethertype == IPV6:
        hops = 255 if shape.protocol == ICMPV6 else 64
        return struct.pack("!IHBB", 6 << 28, len(payload), shape.protocol, hops) + source + destination + payload
    length = 20 + len(payload)
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, length, 7, 0, 64, shape.protocol, 0, source, destination)
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def _payload(shape: Shape, magic: bytes, addresses: bytes) -> bytes:
    data = bytes(shape.padding) + magic
    if shape.protocol == UDP:
        bare, at = struct.pack("!HHHH", shape.source_port, shape.destination_port, 8 + len(data), 0) + data, 6
    elif shape.protocol == TCP:
        ports = (shape.source_port, shape.destination_port)
        bare, at = struct.pack("!HHIIBBHHH", *ports, 1, 0, 5 << 4, shape.flags, 1024, 0, 0) + data, 16
    else:
        bare, at = struct.pack("!BBHI", shape.source_port, shape.destination_port, 0, 0) + data, 2
    pseudo = addresses + struct.pack("!II", len(bare), shape.protocol) if shape.protocol != ICMP else b""
    total = checksum(pseudo + bare) or 0xFFFF
    return bare[:at] + struct.pack("!H", total) + bare[at + 2 :]


def frame(shape: Shape, magic: bytes) -> bytes:
    head = mac(shape.destination_mac) + mac(shape.source_mac) + struct.pack("!H", shape.ethertype)
    if shape.ethertype != ARP:
        return head + ip_packet(shape, magic)
    source, destination = socket.inet_aton(shape.source), socket.inet_aton(shape.destination)
    target = b"\0" * 6 if shape.operation == 1 else mac(shape.destination_mac)
    body = struct.pack("!HHBBH", 1, IPV4, 6, 4, shape.operation) + mac(shape.source_mac) + source + target + destination
    return head + body + magic


def connection(shape: Shape, known: str, mark: int) -> bytes:
    """An entry for conntrack that the packet belongs to (linux/netfilter/nfnetlink_conntrack.h CTA_*).

    `known`: "asked", one packet of its way came before; "answered", and one back; "reply": it is the first one back.
    """
    first = shape.answered(shape.destination_mac) if known == "reply" else shape
    back = first.answered(first.destination_mac)
    # IPS_SEEN_REPLY | IPS_ASSURED | IPS_CONFIRMED
    status = 2 | 4 | 8 if known == "answered" else 8
    return b"".join(
        (
            _tuple(1, first, _ICMP_REQUEST),
            _tuple(2, back, _ICMP_REPLY),
            _attribute(3, struct.pack("!I", status)),
            _attribute(7, struct.pack("!I", 600)),
            _attribute(8, struct.pack("!I", mark)),
        )
    )


def _tuple(kind: int, shape: Shape, icmp_type: int) -> bytes:
    version = socket.AF_INET6 if ":" in shape.source else socket.AF_INET
    first = 3 if version == socket.AF_INET6 else 1
    addresses = _attribute(first, socket.inet_pton(version, shape.source))
    addresses += _attribute(first + 1, socket.inet_pton(version, shape.destination))
    layer4 = _attribute(1, struct.pack("B", shape.protocol))
    if shape.protocol == ICMP:
        layer4 += b"".join(_attribute(at, value) for at, value in ((4, b"\0\0"), (5, bytes([icmp_type])), (6, b"\0")))
    else:
        layer4 += _attribute(2, struct.pack("!H", shape.source_port))
        layer4 += _attribute(3, struct.pack("!H", shape.destination_port))
    return _attribute(0x8000 | kind, _attribute(0x8001, addresses) + _attribute(0x8002, layer4))


def _attribute(kind: int, value: bytes) -> bytes:
    return (struct.pack("=HH", 4 + len(value), kind) + value).ljust((len(value) + 7) & ~3, b"\0")
