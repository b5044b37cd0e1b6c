"""The packets of a guest's boot by their names: who sends what to whom."""

from judge.frames import ARP, ICMP, ICMPV6, IPV4, IPV6, TCP, UDP, Shape
from judge.layout import BRIDGE_MAC, GUEST4, GUEST6, GUESTS, HOST4, HOST6, Connection, Sent

_EVERYBODY, _BROADCAST = "ff:ff:ff:ff:ff:ff", "255.255.255.255"
# Name: (protocol, source port or ICMP type, destination port, what conntrack knows of it).
_UNICAST: dict[str, tuple[int, int, int, Connection]] = {
    "REQUEST": (UDP, 68, 67, ""),
    "OFFER": (UDP, 67, 68, ""),
    "PROXY REQUEST": (UDP, 68, 4011, ""),
    "RRQ": (UDP, 4000, 69, ""),
    "DATA": (UDP, 40000, 4000, ""),
    "TFTP ACK": (UDP, 4000, 40000, "reply"),
    "DNS": (UDP, 4000, 53, ""),
    "SYN": (TCP, 4000, 80, ""),
    "PING": (ICMP, 8, 0, ""),
    "PING to host": (ICMP, 8, 0, ""),
    "PONG": (ICMP, 0, 0, "reply"),
    "PONG to nobody": (ICMP, 0, 0, ""),
}


def exchange(name: str, port: str, to: str) -> Sent:
    """The packet `name` from a port ("" the host) to a port or "host". KeyError for a name that nobody gave."""
    mac, own = GUESTS.get(port, BRIDGE_MAC), GUEST4.get(port, HOST4)
    there, address = GUESTS.get(to, BRIDGE_MAC), GUEST4.get(to, HOST4)
    by_name = {
        "DISCOVER": Shape(IPV4, mac, _EVERYBODY, "0.0.0.0", _BROADCAST, UDP, 68, 67, padding=200),
        "OFFER to all": Shape(IPV4, mac, _EVERYBODY, own, _BROADCAST, UDP, 67, 68),
        "ARP": Shape(ARP, mac, _EVERYBODY, own, address),
        "SOLICIT": Shape(IPV6, mac, "33:33:00:01:00:02", "fe80::10", "ff02::1:2", UDP, 546, 547),
        "ROUTER SOLICIT": Shape(IPV6, mac, "33:33:00:00:00:02", "fe80::10", "ff02::2", ICMPV6, 133),
        "SYN 6": Shape(IPV6, mac, there, GUEST6.get(port, HOST6), GUEST6.get(to, HOST6), TCP, 4000, 80),
    }
    if name in by_name:
        return Sent(by_name[name], port)
    protocol, source_port, destination_port, known = _UNICAST[name]
    return Sent(Shape(IPV4, mac, there, own, address, protocol, source_port, destination_port), port, known)
