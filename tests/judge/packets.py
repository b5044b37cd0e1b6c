"""Random packets of a guest's boot, as they are really sent: to the host, to another guest, from the host."""

import struct
from typing import Any

from judge.frames import ARP, FIN, ICMP, ICMPV6, IPV4, IPV6, SYN, TCP, UDP, Shape, connection, frame, ip_packet
from judge.grammar import Dice
from judge.layout import BRIDGE_MAC, GUEST4, GUEST6, GUESTS, HOST4, HOST6, Sent

_EVERYBODY = "ff:ff:ff:ff:ff:ff"


def sent(dice: Dice) -> Sent:
    shape, port = dice.random.choice((_from_guest, _from_guest, _across, _from_host))(dice)
    if shape.protocol == UDP and dice.chance(0.3):
        known = dice.random.choice(("asked", "answered", "reply"))
        return Sent(shape, port, known, dice.random.choice((0, 1, 2)))
    return Sent(shape, port)


def _from_guest(dice: Dice) -> tuple[Shape, str]:
    port = dice.pick(["a", "b"])
    mac, own, own6 = GUESTS[port], GUEST4[port], GUEST6[port]
    lease = dice.random.choice((own, "0.0.0.0"))
    high = dice.random.choice((4000, 4011, 50000))
    shapes = (
        Shape(IPV4, mac, _EVERYBODY, "0.0.0.0", "255.255.255.255", UDP, 68, 67, padding=200),
        Shape(IPV4, mac, _EVERYBODY, lease if lease == own else own, "255.255.255.255", UDP, 68, 4011),
        Shape(IPV4, mac, BRIDGE_MAC, own, HOST4, UDP, 68, 67),
        Shape(IPV4, mac, BRIDGE_MAC, own, HOST4, UDP, high, 69),
        Shape(IPV4, mac, BRIDGE_MAC, own, HOST4, UDP, high, 53),
        Shape(IPV4, mac, BRIDGE_MAC, own, HOST4, TCP, high, 80, flags=dice.random.choice((SYN, SYN, SYN | FIN))),
        Shape(IPV4, mac, BRIDGE_MAC, own, HOST4, ICMP, 0, 0),
        Shape(ARP, mac, _EVERYBODY, own, HOST4),
        Shape(IPV6, mac, "33:33:00:01:00:02", "fe80::10", "ff02::1:2", UDP, 546, 547),
        Shape(IPV6, mac, "33:33:00:00:00:02", "fe80::10", "ff02::2", ICMPV6, 133, 0),
        Shape(IPV6, mac, BRIDGE_MAC, own6, HOST6, TCP, high, 80),
    )
    return dice.random.choice((shapes[0], *shapes)), port


def _across(dice: Dice) -> tuple[Shape, str]:
    """A server that is a guest itself, and its client."""
    mac, other = GUESTS["a"], GUESTS["b"]
    here, there = GUEST4["a"], GUEST4["b"]
    shapes = (
        Shape(IPV4, mac, other, here, there, UDP, 67, 68, padding=200),
        Shape(IPV4, mac, other, here, there, UDP, 4000, 69),
        Shape(IPV4, mac, other, here, there, TCP, 4000, 80, flags=dice.random.choice((SYN, SYN | FIN))),
        Shape(IPV4, mac, _EVERYBODY, here, "255.255.255.255", UDP, 67, 68),
        Shape(ARP, mac, _EVERYBODY, here, there),
        Shape(ARP, mac, other, here, there, operation=2),
        Shape(IPV6, mac, other, GUEST6["a"], GUEST6["b"], UDP, 547, 546),
    )
    return dice.random.choice(shapes), "a"


def _from_host(dice: Dice) -> tuple[Shape, str]:
    mac, there = GUESTS["b"], GUEST4["b"]
    shapes = (
        Shape(IPV4, BRIDGE_MAC, mac, HOST4, there, UDP, 67, 68, padding=200),
        Shape(IPV4, BRIDGE_MAC, _EVERYBODY, HOST4, "255.255.255.255", UDP, 67, 68, padding=200),
        Shape(IPV4, BRIDGE_MAC, mac, HOST4, there, UDP, 40000, 4000),
        Shape(IPV4, BRIDGE_MAC, mac, HOST4, there, TCP, 80, 4000),
        Shape(IPV4, BRIDGE_MAC, mac, HOST4, there, ICMP, 8, 0),
        Shape(IPV6, BRIDGE_MAC, mac, HOST6, GUEST6["b"], UDP, 547, 546),
    )
    return dice.random.choice(shapes), ""


def message(packet: Sent, number: int) -> dict[str, Any]:
    """What the worker is asked to send."""
    shape, magic = packet.shape, b"PXE!" + struct.pack("!I", number)
    written = frame(shape, magic) if packet.port else ip_packet(shape, magic)
    told = {"port": packet.port, "magic": magic.hex(), "frame": written.hex()}
    if packet.connection:
        known = connection(shape, packet.connection, packet.ct_mark)
        told |= {"family": 2 if shape.ethertype == IPV4 else 10, "connection": known.hex()}
    if shape.ethertype == ARP and shape.operation == 1:
        told["answer"] = frame(shape.answered(BRIDGE_MAC), b"")[:42].hex()
    return told
