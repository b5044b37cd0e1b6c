"""A packet of a boot as the bytes of a frame, with a marker in it by which a reader knows it again."""

import socket
import struct

from pxedoctor.netfilter.address import address_range, mac_number
from pxedoctor.netfilter.field import ETHERTYPES, PROTOCOLS
from pxedoctor.netfilter.seen import Packet, Range

# What a property is where the packet leaves it open.
ANY_MAC = "02:00:00:00:00:aa"
ANY_PORT = 40123
_MARKER = b"\xd0\x0d"
MARKER_BYTES = 6


def marker(number: int) -> bytes:
    return _MARKER + struct.pack("!I", number)


def frame_of(packet: Packet, number: int) -> bytes:
    """Ranges give their first address. UDP and TCP sums are valid, as a guest's are."""
    head = _mac(packet.mac_destination) + _mac(packet.mac_source) + struct.pack("!H", packet.ethertype)
    if packet.ethertype == ETHERTYPES["arp"]:
        return (head + _arp(packet)).ljust(60, b"\0") + marker(number)
    if packet.ethertype == ETHERTYPES["ip6"]:
        return head + _ipv6(packet, number)
    return head + _ipv4(packet, number)


def _mac(text: str | None) -> bytes:
    return mac_number(text or ANY_MAC).to_bytes(6, "big")


def address(text: str | None, length: int) -> bytes:
    return (address_range(text)[0] if text else 0).to_bytes(length, "big")


def _arp(packet: Packet) -> bytes:
    sender, target = address(packet.source, 4), address(packet.destination, 4)
    whose = b"\0" * 6 if packet.arp_operation == 1 else _mac(packet.mac_destination)
    words = struct.pack("!HHBBH", 1, ETHERTYPES["ip"], 6, 4, packet.arp_operation or 0)
    return words + _mac(packet.mac_source) + sender + whose + target


def checksum(words: bytes) -> int:
    padded = words + b"\0" * (len(words) % 2)
    total = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _ipv4(packet: Packet, number: int) -> bytes:
    source, destination = address(packet.source, 4), address(packet.destination, 4)
    protocol = packet.protocol or 0
    pseudo = source + destination + struct.pack("!BBH", 0, protocol, 0)
    payload = _transport(packet, number, pseudo, 10)
    head = struct.pack(
        "!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), number & 0xFFFF, 0, 64, protocol, 0, source, destination
    )
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def _ipv6(packet: Packet, number: int) -> bytes:
    source, destination = address(packet.source, 16), address(packet.destination, 16)
    protocol = packet.protocol or 0
    pseudo = source + destination + struct.pack("!IHBB", 0, 0, 0, protocol)
    payload = _transport(packet, number, pseudo, 34)
    return struct.pack("!IHBB", 6 << 28, len(payload), protocol, packet.ttl or 64) + source + destination + payload


def one_port(port: int | Range | None, otherwise: int = ANY_PORT) -> int:
    """The packet's port; of one that its sender chooses, or that is not known, some port."""
    return port if isinstance(port, int) else otherwise


def _transport(packet: Packet, number: int, pseudo: bytes, length_at: int) -> bytes:
    """The header and a payload that is the marker. `length_at`: where the pseudo header has the payload's length."""
    ports = struct.pack("!HH", one_port(packet.source_port), one_port(packet.destination_port))
    if packet.protocol == PROTOCOLS["udp"]:
        body, at = ports + struct.pack("!HH", 8 + MARKER_BYTES, 0) + marker(number), 6
    elif packet.protocol == PROTOCOLS["tcp"]:
        flags = struct.pack("!BBHHH", 5 << 4, packet.tcp_flags or 0, 1024, 0, 0)
        body, at = ports + struct.pack("!II", number, 0) + flags + marker(number), 16
    elif packet.protocol == PROTOCOLS["icmp"]:
        body, at = struct.pack("!BBHHH", packet.icmp_type or 0, 0, 0, number & 0xFFFF, 1) + marker(number), 2
        return body[:at] + struct.pack("!H", checksum(body)) + body[at + 2 :]
    else:
        # A solicitation or advertisement with one option nobody knows (RFC 4861 section 4.6), eight bytes long.
        rest = b"\0" * (4 if packet.icmp_type == 133 else 12)
        body, at = struct.pack("!BBH", packet.icmp_type or 0, 0, 0) + rest + b"\xfd\x01" + marker(number), 2
    summed = pseudo[:length_at] + struct.pack("!H", len(body)) + pseudo[length_at + 2 :] + body
    return body[:at] + struct.pack("!H", checksum(summed) or 0xFFFF) + body[at + 2 :]


def family(packet: Packet) -> socket.AddressFamily:
    return socket.AF_INET6 if packet.ethertype == ETHERTYPES["ip6"] else socket.AF_INET
