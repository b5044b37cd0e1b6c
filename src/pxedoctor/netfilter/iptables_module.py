"""The match modules of iptables and ip6tables that are modelled, each a table of its options.

Semantics: iptables-extensions(8), and net/netfilter/xt_*.c where it is silent. A builder raises KeyError or ValueError
for a value that it does not understand.
"""

from collections.abc import Callable

from pxedoctor.netfilter.condition import AddressType, Always, AnyOf, Bits, BridgePort, Condition, Member, Number
from pxedoctor.netfilter.field import CT_BITS, CT_STATUS_BITS, PACKET_TYPES, Field
from pxedoctor.netfilter.iptables_icmp import icmp4, icmp6
from pxedoctor.netfilter.saved_use import Builder, Use, device
from pxedoctor.netfilter.saved_values import ALL_PORTS, address, mac, ports, span, whole, with_mask

Conditions = tuple[Condition, ...]

_NO_CONNECTION = Bits(Field.CT_STATE, CT_BITS["INVALID"] | CT_BITS["UNTRACKED"])


def _port(field: Field) -> Builder:
    return lambda use: (Number(field, ports(use.only), use.negated),)


def _either_port(use: Use) -> Conditions:
    either = [pair for found in ports(use.only) for pair in ((found, ALL_PORTS), (ALL_PORTS, found))]
    fields = (Field.SOURCE_PORT, Field.DESTINATION_PORT)
    return (Member(fields, elements=tuple(either), negated=use.negated, text=use.text),)


_FLAGS = {"FIN": 1, "SYN": 2, "RST": 4, "PSH": 8, "ACK": 16, "URG": 32, "ALL": 63, "NONE": 0}


def _tcp_flags(use: Use) -> Conditions:
    mask, wanted = (sum({_FLAGS[name] for name in value.split(",")}) for value in use.exactly(2))
    return (Number(Field.TCP_FLAGS, ((wanted, wanted),), use.negated, mask),)


def _syn(use: Use) -> Conditions:
    use.exactly(0)
    return (Number(Field.TCP_FLAGS, ((2, 2),), use.negated, 0x17),)


def _icmp(types: Callable[[str, bool], Condition]) -> Builder:
    return lambda use: (types(use.only, use.negated),)


def _masked(field: Field) -> Builder:
    def build(use: Use) -> Conditions:
        value, mask = with_mask(use.only)
        return (Number(field, ((value, value),), use.negated, None if mask == 0xFFFFFFFF else mask),)

    return build


def _state(use: Use) -> Conditions:
    """SNAT and DNAT are no states but stand beside one (xt_conntrack.c)."""
    states = set(use.only.split(","))
    nat = sum(CT_STATUS_BITS[state] for state in states & CT_STATUS_BITS.keys())
    bits = sum(CT_BITS[state] for state in states - CT_STATUS_BITS.keys())
    if not nat:
        return (Bits(Field.CT_STATE, bits, use.negated),)
    return (AnyOf((Bits(Field.CT_STATE, bits), Bits(Field.CT_STATUS, nat)), use.negated, use.text),)


def _direction(use: Use) -> Conditions:
    return (_towards(use),)


def _direction_beside_state(use: Use) -> Conditions:
    """xt_conntrack.c: beside --ctstate the state alone decides about a packet without a connection."""
    return (AnyOf((_NO_CONNECTION, _towards(use)), text=use.text),)


def _towards(use: Use) -> Number:
    number = {"original": 0, "reply": 1}[use.only.lower()]
    return Number(Field.CT_DIRECTION, ((number, number),), use.negated)


_TYPES4 = frozenset({
    "unspec", "unicast", "local", "broadcast", "anycast", "multicast", "blackhole", "unreachable", "prohibit", "throw",
    "nat", "xresolve",
})  # fmt: skip
_MAPPED = (0xFFFF << 32, (0x10000 << 32) - 1)
# net/ipv6/addrconf_core.c __ipv6_addr_type: what the address alone decides; an IPv4-mapped one is not unicast there.
_TYPES6 = {
    "multicast": ((0xFF << 120, (1 << 128) - 1),),
    "unspec": ((0, 0),),
    "unicast": ((1, _MAPPED[0] - 1), (_MAPPED[1] + 1, (0xFF << 120) - 1)),
}


def _address_type(field4: Field, field6: Field) -> Builder:
    def build(use: Use) -> Conditions:
        types = frozenset(use.only.lower().split(","))
        if not use.is_ip and types == {"local"}:
            return (AddressType(field6, types, use.negated, use.text),)
        if not use.is_ip:
            # xt_addrtype.c match_type6 wants all of them where there are several.
            return (Number(field6, _TYPES6[",".join(types)], use.negated),)
        if not types <= _TYPES4:
            raise ValueError(use.text)
        return (AddressType(field4, types, use.negated, use.text),)

    return build


def _packet_type(use: Use) -> Conditions:
    number = {"host": 0, "bcast": 1, "mcast": 2}.get(use.only)
    number = PACKET_TYPES[use.only] if number is None else number
    return (Number(Field.PACKET_TYPE, ((number, number),), use.negated),)


def _mac(use: Use) -> Conditions:
    number = mac(use.only)
    return (Number(Field.MAC_SOURCE, ((number, number),), use.negated),)


def _port_in(use: Use) -> Conditions:
    return (BridgePort(Field.PHYS_IN, device(use.only), use.negated, use.text),)


def _port_out(use: Use) -> Conditions:
    return (BridgePort(Field.PHYS_OUT, device(use.only), use.negated, use.text),)


def _came_through_port(use: Use) -> Conditions:
    use.exactly(0)
    return (BridgePort(Field.PHYS_IN, None, use.negated, use.text),)


def _leaves_through_port(use: Use) -> Conditions:
    use.exactly(0)
    return (BridgePort(Field.PHYS_OUT, None, use.negated, use.text),)


def _set(use: Use) -> Conditions:
    """The set's type says which of the packet's fields are meant (`ipset.meant`); here each is an address."""
    name, directions = use.exactly(2)
    ends = {"src": Field.SOURCE4, "dst": Field.DESTINATION4}
    if not use.is_ip:
        ends = {"src": Field.SOURCE6, "dst": Field.DESTINATION6}
    fields = tuple(ends[end] for end in directions.split(","))
    return (Member(fields, set_name=name, negated=use.negated, text=use.text),)


def _address_range(field4: Field, field6: Field) -> Builder:
    def build(use: Use) -> Conditions:
        first, dash, last = use.only.partition("-")
        low = address(first, use.family)
        high = address(last, use.family) if dash else low
        return (Number(field4 if use.is_ip else field6, ((low, high),), use.negated),)

    return build


def _length(use: Use) -> Conditions:
    return (Number(Field.LENGTH, (span(use.only, ":", 0xFFFF),), use.negated),)


def _equal_ttl(use: Use) -> Conditions:
    value = whole(use.only, 0xFF)
    return (Number(Field.TTL, ((value, value),), use.negated),)


def _less_ttl(use: Use) -> Conditions:
    return (Number(Field.TTL, ((0, whole(use.only, 0xFF) - 1),), use.negated),)


def _more_ttl(use: Use) -> Conditions:
    return (Number(Field.TTL, ((whole(use.only, 0xFF) + 1, 0xFF),), use.negated),)


def _group(field: Field) -> Builder:
    def build(use: Use) -> Conditions:
        value, mask = with_mask(use.only)
        return (Number(field, ((value & mask, value & mask),), use.negated, mask),)

    return build


def _routed_by_sender(use: Use) -> Conditions:
    """A boot's packets have no routing header; without one also a negated option is not met (ip6t_rt.c rt_mt6)."""
    return (Always(False, use.text),)


_PORTS = {"--sport": _port(Field.SOURCE_PORT), "--dport": _port(Field.DESTINATION_PORT)}
MODULES: dict[str, dict[str, Builder]] = {
    "udp": _PORTS,
    "tcp": {**_PORTS, "--tcp-flags": _tcp_flags, "--syn": _syn},
    "multiport": {
        "--sports": _port(Field.SOURCE_PORT),
        "--dports": _port(Field.DESTINATION_PORT),
        "--ports": _either_port,
    },
    "icmp": {"--icmp-type": _icmp(icmp4)},
    "icmp6": {"--icmpv6-type": _icmp(icmp6)},
    "mark": {"--mark": _masked(Field.MARK)},
    "connmark": {"--mark": _masked(Field.CT_MARK)},
    "conntrack": {"--ctdir": _direction},
    "conntrack --ctstate": {"--ctstate": _state, "--ctdir": _direction_beside_state},
    "state": {"--state": _state},
    "addrtype": {
        "--src-type": _address_type(Field.SOURCE4, Field.SOURCE6),
        "--dst-type": _address_type(Field.DESTINATION4, Field.DESTINATION6),
    },
    "pkttype": {"--pkt-type": _packet_type},
    "mac": {"--mac-source": _mac},
    "physdev": {
        "--physdev-in": _port_in,
        "--physdev-out": _port_out,
        "--physdev-is-in": _came_through_port,
        "--physdev-is-out": _leaves_through_port,
        # The same test as is-out (xt_physdev.c).
        "--physdev-is-bridged": _leaves_through_port,
    },
    "set": {"--match-set": _set},
    "iprange": {
        "--src-range": _address_range(Field.SOURCE4, Field.SOURCE6),
        "--dst-range": _address_range(Field.DESTINATION4, Field.DESTINATION6),
    },
    "length": {"--length": _length},
    "ttl": {"--ttl-eq": _equal_ttl, "--ttl-lt": _less_ttl, "--ttl-gt": _more_ttl},
    "hl": {"--hl-eq": _equal_ttl, "--hl-lt": _less_ttl, "--hl-gt": _more_ttl},
    "rt": {"--rt-type": _routed_by_sender, "--rt-segsleft": _routed_by_sender, "--rt-len": _routed_by_sender},
    "devgroup": {"--src-group": _group(Field.IN_GROUP), "--dst-group": _group(Field.OUT_GROUP)},
}
