"""ARP for IPv4 over Ethernet (RFC 826), and the probes of address conflict detection (RFC 5227)."""

from enum import IntEnum
from ipaddress import IPv4Address

import msgspec

from pxedoctor.wire.error import WireError
from pxedoctor.wire.mac import read_mac, require_mac, write_mac
from pxedoctor.wire.reader import Reader

# Hardware Ethernet, protocol IPv4, and the lengths of their addresses.
_ETHERNET_IPV4 = bytes((0, 1, 8, 0, 6, 4))
_UNSPECIFIED = IPv4Address(0)


class Operation(IntEnum):
    REQUEST = 1
    REPLY = 2


class Arp(msgspec.Struct, frozen=True, kw_only=True):
    """One packet. In a request the target's MAC is unknown: zeros."""

    operation: Operation
    sender_mac: str
    sender: IPv4Address
    target_mac: str
    target: IPv4Address

    def __post_init__(self) -> None:
        require_mac(self.sender_mac, self.target_mac)

    @property
    def is_probe(self) -> bool:
        """Asks whether somebody has the address that the sender wants for itself (RFC 5227 section 1.1)."""
        return self.operation is Operation.REQUEST and self.sender == _UNSPECIFIED

    @property
    def is_announcement(self) -> bool:
        return self.operation is Operation.REQUEST and self.sender == self.target


def parse(content: bytes) -> Arp:
    """The packet; padding behind it does not count.

    Raises WireError where it is cut short, is about other addresses, or is neither a request nor a reply.
    """
    reader = Reader(content, "an ARP packet")
    if reader.take(6, "header") != _ETHERNET_IPV4:
        raise WireError(f"an ARP packet that is not about IPv4 over Ethernet: {content[:6].hex()}")
    operation = reader.number(2, "operation")
    if operation not in (Operation.REQUEST, Operation.REPLY):
        raise WireError(f"ARP operation {operation} is neither a request (1) nor a reply (2)")
    return Arp(
        operation=Operation(operation),
        sender_mac=read_mac(reader.take(6, "sender's MAC")),
        sender=IPv4Address(reader.take(4, "sender")),
        target_mac=read_mac(reader.take(6, "target's MAC")),
        target=IPv4Address(reader.take(4, "target")),
    )


def build(packet: Arp) -> bytes:
    sender = write_mac(packet.sender_mac) + packet.sender.packed
    return _ETHERNET_IPV4 + packet.operation.to_bytes(2) + sender + write_mac(packet.target_mac) + packet.target.packed
