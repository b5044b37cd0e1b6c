"""What a rule can see: a packet, the place where it is, and what earlier rules wrote on it. None is "not known".

1. `Packet`: what is in the frame. It does not change on its way (NAT aside, which is told as an effect).
2. `Place`: one hook of one family, with the devices that the kernel hands to it there.
3. `Marks`: what rules themselves write and later rules read: the mark, the connection's mark, conntrack's state.

Numbers are ranges (low, high), because a guest that has no address yet will have one of a range.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Literal

import msgspec

from pxedoctor.netfilter.address import address_range, mac_number
from pxedoctor.netfilter.field import CT_BITS, ETHERTYPES, PACKET_TYPES, PROTOCOLS, Field
from pxedoctor.netfilter.routes import Routes

Range = tuple[int, int]
CtState = Literal["NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED"]
LinkType = Literal["unicast", "broadcast", "multicast", "other"]


class Family(StrEnum):
    """Which family of tables is asked. inet tables see what ip and ip6 see (and netdev's ingress)."""

    IP = "ip"
    IP6 = "ip6"
    ARP = "arp"
    BRIDGE = "bridge"
    NETDEV = "netdev"


class Hook(StrEnum):
    INGRESS = "ingress"
    PREROUTING = "prerouting"
    INPUT = "input"
    FORWARD = "forward"
    OUTPUT = "output"
    POSTROUTING = "postrouting"
    EGRESS = "egress"


# A packet that has no such property at all (the port of an ARP request): no comparison with it ever holds.
class Absent:
    """The packet has no such property."""


ABSENT = Absent()


class Packet(msgspec.Struct, frozen=True, kw_only=True):
    """One frame. `source` and `destination` are addresses or inclusive ranges of them ("192.0.2.10-192.0.2.99").

    Ports may be ranges too. For ARP they are the sender's and the target's protocol address. `state` is conntrack's
    word where the packet enters the host's IP stack; None: not known.
    """

    name: str
    ethertype: int
    source: str | None = None
    destination: str | None = None
    protocol: int | None = None
    source_port: int | Range | None = None
    destination_port: int | Range | None = None
    icmp_type: int | None = None
    icmp_code: int | None = None
    tcp_flags: int | None = None
    ttl: int | None = None
    length: int | None = None
    mac_source: str | None = None
    mac_destination: str | None = None
    vlan: int | None = None
    arp_operation: int | None = None
    link_type: LinkType | None = None
    state: CtState | None = None
    direction: Literal["original", "reply"] = "original"

    def __post_init__(self) -> None:
        for address in (self.source, self.destination):
            if address is not None:
                address_range(address)
        for mac in (self.mac_source, self.mac_destination):
            if mac is not None:
                mac_number(mac)


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A hook and its devices. "" where the hook has none, None where it is not known.

    `port_in` and `port_out` are what iptables' physdev sees (br_netfilter), "" where the frame came through no bridge
    port; `carried`: it surely goes from port to port. At bridge hooks `in_device` and `out_device` are ports, and
    `bridge` is the bridge. `tracked`: whether conntrack has looked at the packet before; the evaluator says so.
    `taken`: names that no device of unknown name here can have, because other devices have them.
    """

    family: Family
    hook: Hook
    in_device: str | None = ""
    out_device: str | None = ""
    in_index: int | None = None
    out_index: int | None = None
    in_group: int | None = None
    out_group: int | None = None
    port_in: str | None = ""
    port_out: str | None = ""
    carried: bool = False
    bridge: str | None = ""
    tracked: bool | None = True
    routes: Routes | None = None
    taken: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """E.g. "ip forward"."""
        return f"{self.family} {self.hook}"


class Marks(msgspec.Struct, frozen=True):
    """What rules have written so far; None: not known, because whether the rule that writes it is met is not known.

    `untracked`: True once a rule took the packet out of conntrack. `nat`: the bits of CT_STATUS_BITS that NAT set on
    the connection of a NEW packet; of others they are not known. `changed`: fields of the packet that a rule wrote.
    """

    mark: int | None = 0
    ct_mark: int | None = 0
    untracked: bool | None = False
    nat: int | None = 0
    changed: frozenset[Field] = frozenset()

    def joined(self, other: "Marks") -> "Marks":
        """What holds on both ways: where they differ, nothing is known."""
        return Marks(
            self.mark if self.mark == other.mark else None,
            self.ct_mark if self.ct_mark == other.ct_mark else None,
            self.untracked if self.untracked is other.untracked else None,
            self.nat if self.nat == other.nat else None,
            self.changed | other.changed,
        )


class Seen(msgspec.Struct, frozen=True):
    """All of it together: what one rule looks at. `queues`: those that somebody listens on; None: not known."""

    packet: Packet
    place: Place
    marks: Marks = Marks()
    queues: frozenset[int] | None = None

    @property
    def has_entry(self) -> bool | None:
        """Whether conntrack has an entry for the packet: INVALID and UNTRACKED ones have none, nor those before it."""
        if self.marks.untracked or self.place.tracked is False or self.packet.state in {"INVALID", "UNTRACKED"}:
            return False
        known = self.marks.untracked is False and self.place.tracked and self.packet.state is not None
        return True if known else None

    def number(self, field: Field) -> Range | Absent | None:
        """The value of a numeric field, as a range; None where it is not known, ABSENT where there is none."""
        return None if field in self.marks.changed else _NUMBERS[field](self)

    def name(self, field: Field) -> str | Absent | None:
        """The value of a field that holds a device's name; "" where the hook has no such device."""
        return _name(self, field)


def _exact(value: int | None) -> Range | None:
    return None if value is None else (value, value)


def _of_kind(seen: Seen, ethertype: int, value: Range | None) -> Range | Absent | None:
    return value if seen.packet.ethertype == ethertype else ABSENT


def _address(text: str | None) -> Range | None:
    return None if text is None else address_range(text)


def _port(seen: Seen, port: int | Range | None) -> Range | Absent | None:
    if seen.packet.protocol is None:
        return None if seen.packet.ethertype in (ETHERTYPES["ip"], ETHERTYPES["ip6"]) else ABSENT
    if seen.packet.protocol not in (PROTOCOLS["udp"], PROTOCOLS["tcp"]):
        return ABSENT
    return port if isinstance(port, tuple) else _exact(port)


def _transport(seen: Seen, port: int | Range | None) -> Range | Absent | None:
    """Ports where there are ports; of other headers these bits are not known."""
    ported = _port(seen, port)
    return None if isinstance(ported, Absent) and seen.packet.ethertype in (_IP, _IP6) else ported


def _icmp(seen: Seen, value: int | None) -> Range | Absent | None:
    return _exact(value) if seen.packet.protocol in (PROTOCOLS["icmp"], PROTOCOLS["icmpv6"]) else ABSENT


def _protocol(seen: Seen) -> Range | Absent | None:
    return _exact(seen.packet.protocol) if seen.packet.ethertype in (_IP, _IP6) else ABSENT


def _state(seen: Seen) -> Range | Absent | None:
    """Without an entry it is INVALID (net/netfilter/nft_ct.c nft_ct_get_eval, xt_conntrack.c conntrack_mt)."""
    if seen.marks.untracked is None:
        return None
    if seen.marks.untracked:
        return _exact(CT_BITS["UNTRACKED"])
    if seen.place.tracked is None:
        return None
    state = seen.packet.state if seen.place.tracked else "INVALID"
    return None if state is None else _exact(CT_BITS[state])


def _of_entry(seen: Seen, value: int | None) -> Range | Absent | None:
    """A packet without an entry has no such property: nft breaks the rule off, xt_connmark.c meets nothing."""
    if seen.has_entry is None:
        return None
    return _exact(value) if seen.has_entry else ABSENT


def _family(seen: Seen) -> Range | Absent | None:
    """NFPROTO_* (include/uapi/linux/netfilter.h): at bridge and netdev hooks it is the hook's own."""
    return _exact({Family.IP: 2, Family.IP6: 10, Family.ARP: 3, Family.BRIDGE: 7, Family.NETDEV: 5}[seen.place.family])


def _packet_type(seen: Seen) -> Range | Absent | None:
    return None if seen.packet.link_type is None else _exact(PACKET_TYPES[seen.packet.link_type])


def _mac(text: str | None) -> Range | None:
    return None if text is None else _exact(mac_number(text))


def _frame_mac(seen: Seen, text: str | None) -> Range | Absent | None:
    """On its way out a packet has no MACs yet (nft_payload.c). A bridged frame has, but `ether saddr` asks
    for the type of the in device first, and there is none: kernels differ in what they say then.
    """
    if seen.place.family not in {Family.IP, Family.IP6} or seen.place.hook not in {Hook.OUTPUT, Hook.POSTROUTING}:
        return _mac(text)
    return ABSENT if (seen.place.port_in, seen.place.port_out) == ("", "") else None


_IP, _ARP, _IP6 = ETHERTYPES["ip"], ETHERTYPES["arp"], ETHERTYPES["ip6"]
_NUMBERS: dict[Field, Callable[[Seen], Range | Absent | None]] = {
    Field.IN_INDEX: lambda s: _exact(s.place.in_index),
    Field.OUT_INDEX: lambda s: _exact(s.place.out_index),
    Field.IN_GROUP: lambda s: _exact(s.place.in_group),
    Field.OUT_GROUP: lambda s: _exact(s.place.out_group),
    Field.FAMILY: _family,
    Field.ETHERTYPE: lambda s: _exact(s.packet.ethertype),
    Field.HEADER_TYPE: lambda s: _exact(s.packet.ethertype if s.packet.vlan is None else ETHERTYPES["vlan"]),
    Field.VLAN: lambda s: ABSENT if s.packet.vlan is None else _exact(s.packet.vlan),
    Field.MAC_SOURCE: lambda s: _frame_mac(s, s.packet.mac_source),
    Field.MAC_DESTINATION: lambda s: _frame_mac(s, s.packet.mac_destination),
    Field.PROTOCOL: _protocol,
    Field.SOURCE4: lambda s: _of_kind(s, _IP, _address(s.packet.source)),
    Field.DESTINATION4: lambda s: _of_kind(s, _IP, _address(s.packet.destination)),
    Field.SOURCE6: lambda s: _of_kind(s, _IP6, _address(s.packet.source)),
    Field.DESTINATION6: lambda s: _of_kind(s, _IP6, _address(s.packet.destination)),
    Field.SOURCE_PORT: lambda s: _port(s, s.packet.source_port),
    Field.DESTINATION_PORT: lambda s: _port(s, s.packet.destination_port),
    Field.TRANSPORT_SOURCE: lambda s: _transport(s, s.packet.source_port),
    Field.TRANSPORT_DESTINATION: lambda s: _transport(s, s.packet.destination_port),
    Field.ICMP_TYPE: lambda s: _icmp(s, s.packet.icmp_type),
    Field.ICMP_CODE: lambda s: _icmp(s, s.packet.icmp_code),
    Field.TCP_FLAGS: lambda s: _exact(s.packet.tcp_flags) if s.packet.protocol == PROTOCOLS["tcp"] else ABSENT,
    Field.TTL: lambda s: ABSENT if s.packet.ethertype == _ARP else _exact(s.packet.ttl),
    Field.LENGTH: lambda s: _exact(s.packet.length),
    Field.FRAGMENT: lambda s: _of_kind(s, _IP, (0, 0)),
    Field.ARP_OPERATION: lambda s: _of_kind(s, _ARP, _exact(s.packet.arp_operation)),
    Field.ARP_SOURCE: lambda s: _of_kind(s, _ARP, _address(s.packet.source)),
    Field.ARP_TARGET: lambda s: _of_kind(s, _ARP, _address(s.packet.destination)),
    Field.ARP_SOURCE_MAC: lambda s: _of_kind(s, _ARP, _mac(s.packet.mac_source)),
    Field.ARP_TARGET_MAC: lambda s: _of_kind(s, _ARP, None),
    Field.PACKET_TYPE: _packet_type,
    Field.CT_STATE: _state,
    Field.CT_DIRECTION: lambda s: _of_entry(s, 0 if s.packet.direction == "original" else 1),
    Field.CT_STATUS: lambda s: _of_entry(s, s.marks.nat if s.packet.state == "NEW" else None),
    Field.MARK: lambda s: _exact(s.marks.mark),
    Field.CT_MARK: lambda s: _of_entry(s, s.marks.ct_mark),
}


def _name(seen: Seen, field: Field) -> str | Absent | None:
    place = seen.place
    match field:
        case Field.IN_NAME:
            return place.in_device
        case Field.OUT_NAME:
            return place.out_device
        case Field.PHYS_IN:
            return place.port_in
        case Field.PHYS_OUT:
            return place.port_out
        case Field.IN_BRIDGE | Field.OUT_BRIDGE:
            return place.bridge
        case _:
            raise KeyError(f"{field} is no name")
