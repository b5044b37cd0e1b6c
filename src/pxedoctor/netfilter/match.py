"""The matches of an iptables rule that are modelled, each with its answer for one packet.

YES and NO are certain. MAYBE is "not modelled" or "the packet's property is not known", never a guess. Semantics:
iptables(8), iptables-extensions(8), and net/netfilter/xt_*.c where those are silent.
"""

from enum import Enum
from typing import Literal

import msgspec

from pxedoctor.netfilter.packet import Packet

Side = Literal["source", "destination", "either"]

# Only what a packet of ours can be; every other name or number of a protocol is some other protocol (/etc/protocols).
_PROTOCOL_NUMBERS = {"1": "icmp", "6": "tcp", "17": "udp"}
_EVERY_PROTOCOL = frozenset({"all", "0"})

# net/ipv4/fib_frontend.c __inet_dev_addr_type: these two are broadcast, whatever the routes say.
_ALWAYS_BROADCAST = frozenset({"0.0.0.0", "255.255.255.255"})


class Answer(Enum):
    NO = "no"
    MAYBE = "maybe"
    YES = "yes"


def _answer(holds: bool, negated: bool) -> Answer:
    return Answer.YES if holds is not negated else Answer.NO


class Device(msgspec.Struct, frozen=True):
    """-i and -o. A final `+` stands for any rest of the name."""

    side: Literal["in", "out"]
    name: str
    negated: bool = False

    def meets(self, packet: Packet) -> Answer:
        device = packet.in_device if self.side == "in" else packet.out_device
        if not device and self.negated:
            # Kernels differ: nft's oifname once broke off the rule where there is no device.
            return Answer.MAYBE
        if self.name.endswith("+"):
            return _answer(device.startswith(self.name[:-1]), self.negated)
        return _answer(device == self.name, self.negated)


class Protocol(msgspec.Struct, frozen=True):
    """-p, by name or number."""

    name: str
    negated: bool = False

    def meets(self, packet: Packet) -> Answer:
        wanted = _PROTOCOL_NUMBERS.get(self.name, self.name.lower())
        return _answer(wanted in _EVERY_PROTOCOL or wanted == packet.protocol, self.negated)


class Address(msgspec.Struct, frozen=True):
    """-s and -d, as numbers: the packet's address under the mask against the network's. The mask may have holes."""

    side: Literal["source", "destination"]
    network: int
    mask: int
    negated: bool = False

    def meets(self, packet: Packet) -> Answer:
        address = number_of(packet.source if self.side == "source" else packet.destination)
        return _answer(address & self.mask == self.network & self.mask, self.negated)


class Ports(msgspec.Struct, frozen=True):
    """--sport, --dport and multiport's lists, as inclusive ranges."""

    side: Side
    ranges: tuple[tuple[int, int], ...]
    negated: bool = False

    def meets(self, packet: Packet) -> Answer:
        ports = {
            "source": (packet.source_port,),
            "destination": (packet.destination_port,),
            "either": (packet.source_port, packet.destination_port),
        }[self.side]
        known = [port for port in ports if port is not None]
        if len(known) < len(ports):
            return Answer.MAYBE
        return _answer(any(low <= port <= high for port in known for low, high in self.ranges), self.negated)


class States(msgspec.Struct, frozen=True):
    """conntrack --ctstate and state --state. SNAT and DNAT are not states but marks beside one (xt_conntrack.c)."""

    states: frozenset[str]
    negated: bool = False

    def meets(self, packet: Packet) -> Answer:
        if packet.state is None:
            return Answer.MAYBE
        if packet.state not in self.states and self.states & {"SNAT", "DNAT"}:
            return Answer.MAYBE
        return _answer(packet.state in self.states, self.negated)


class AddressType(msgspec.Struct, frozen=True):
    """addrtype --src-type and --dst-type: certain only for the two addresses that no route decides."""

    side: Literal["source", "destination"]
    types: frozenset[str]
    negated: bool = False

    def meets(self, packet: Packet) -> Answer:
        address = packet.source if self.side == "source" else packet.destination
        if address not in _ALWAYS_BROADCAST:
            return Answer.MAYBE
        return _answer("BROADCAST" in self.types, self.negated)


class LinkType(msgspec.Struct, frozen=True):
    """pkttype --pkt-type: whom the frame was sent to."""

    name: str
    negated: bool = False

    def meets(self, packet: Packet) -> Answer:
        if packet.link_type is None:
            return Answer.MAYBE
        return _answer(packet.link_type == self.name, self.negated)


class Unmodelled(msgspec.Struct, frozen=True):
    """A condition that is understood by the kernel and not here, verbatim."""

    text: str

    def meets(self, packet: Packet) -> Answer:
        del packet
        return Answer.MAYBE


Match = Device | Protocol | Address | Ports | States | AddressType | LinkType | Unmodelled


def number_of(address: str) -> int:
    """A dotted quad as a number; ValueError for anything else."""
    parts = [int(part) for part in address.split(".") if part.isascii() and part.isdecimal()]
    if len(parts) != 4 or address.count(".") != 3 or max(parts) > 255:
        raise ValueError(f"not an IPv4 address: {address}")
    return parts[0] << 24 | parts[1] << 16 | parts[2] << 8 | parts[3]
