"""What nft's expressions look at, as fields of what a rule sees, and what each of them implies.

nft adds what an expression needs by itself and does not print it again: `udp dport 67` is met by UDP only, `ip saddr`
in an inet, bridge or netdev table by IPv4 only (nftables src/payload.c payload_gen_dependency). A field that a packet
of another kind does not have says so by itself (`seen.ABSENT`). `th dport` implies nothing.
"""

from functools import lru_cache

import msgspec

from pxedoctor.netfilter import nft_kind as kinds
from pxedoctor.netfilter.condition import Condition, Name, Number
from pxedoctor.netfilter.field import CT_STATUS_BITS, ETHERTYPES, Field
from pxedoctor.netfilter.nft_kind import Kind


class Key(msgspec.Struct, frozen=True):
    """`field` None: nobody models it. `known_bits`: the only ones of the field that are known; None: all.

    `index`: the field that holds the number where a device is not named any more. `always`: the value that all packets
    of ours have, which have the header at all.
    """

    words: str
    field: Field | None = None
    kind: Kind = kinds.NUMBER32
    implied: tuple[Condition, ...] = ()
    known_bits: int | None = None
    index: Field | None = None
    always: int | None = None


def is_ethertype(ethertype: int) -> Number:
    return Number(Field.ETHERTYPE, ((ethertype, ethertype),))


def is_protocol(protocol: int) -> Number:
    return Number(Field.PROTOCOL, ((protocol, protocol),))


IS_IP, IS_IP6, IS_ARP = is_ethertype(ETHERTYPES["ip"]), is_ethertype(ETHERTYPES["ip6"]), is_ethertype(ETHERTYPES["arp"])
# Properties of a connection: a packet of which conntrack knows nothing has none, and the rule breaks off.
HAS_ENTRY = Number(Field.CT_DIRECTION, ((0, 1),))
# `ether` outside bridge tables comes with `iiftype ether`: there is a device that the packet came in through.
_CAME_IN = Name(Field.IN_NAME, (("", False),), negated=True)
_TAGGED = Number(Field.VLAN, ((0, 0xFFF),))

# The header that an expression reads, and what a packet then is. A second word is a field of it.
HEADERS: dict[str, tuple[Condition, ...]] = {
    "ether": (),
    "vlan": (_TAGGED,),
    "arp": (IS_ARP,),
    "ip": (IS_IP,),
    "ip6": (IS_IP6,),
    "th": (),
    "udp": (is_protocol(17),),
    "tcp": (is_protocol(6),),
    "icmp": (is_protocol(1),),
    "icmpv6": (is_protocol(58),),
    "igmp": (is_protocol(2),),
    "udplite": (is_protocol(136),),
    "sctp": (is_protocol(132),),
    "dccp": (is_protocol(33),),
    "gre": (is_protocol(47),),
    "esp": (is_protocol(50),),
    "ah": (is_protocol(51),),
    "comp": (is_protocol(108),),
}
# Extension headers of IPv6 (`rt` is also what the routes say), and tunnels' inner packets.
EXTENSIONS = frozenset({"exthdr", "frag", "hbh", "dst", "mh", "srh", "rt0", "rt2"})

FIELDS: dict[str, tuple[Field, Kind]] = {
    "meta iifname": (Field.IN_NAME, kinds.NAME),
    "meta oifname": (Field.OUT_NAME, kinds.NAME),
    "meta iif": (Field.IN_NAME, kinds.DEVICE),
    "meta oif": (Field.OUT_NAME, kinds.DEVICE),
    "meta iifgroup": (Field.IN_GROUP, kinds.GROUP),
    "meta oifgroup": (Field.OUT_GROUP, kinds.GROUP),
    "meta ibrname": (Field.IN_BRIDGE, kinds.NAME),
    "meta obrname": (Field.OUT_BRIDGE, kinds.NAME),
    "meta ibriport": (Field.IN_BRIDGE, kinds.NAME),
    "meta obriport": (Field.OUT_BRIDGE, kinds.NAME),
    "meta nfproto": (Field.FAMILY, kinds.NFPROTO),
    "meta protocol": (Field.ETHERTYPE, kinds.ETHERTYPE),
    "meta l4proto": (Field.PROTOCOL, kinds.PROTOCOL),
    "meta mark": (Field.MARK, kinds.MARK),
    "meta pkttype": (Field.PACKET_TYPE, kinds.PACKET_TYPE),
    "meta length": (Field.LENGTH, kinds.NUMBER32),
    "ct state": (Field.CT_STATE, kinds.CT_STATE),
    "ct status": (Field.CT_STATUS, kinds.CT_STATUS),
    "ct mark": (Field.CT_MARK, kinds.MARK),
    "ct direction": (Field.CT_DIRECTION, kinds.CT_DIRECTION),
    "ether saddr": (Field.MAC_SOURCE, kinds.MAC),
    "ether daddr": (Field.MAC_DESTINATION, kinds.MAC),
    "ether type": (Field.HEADER_TYPE, kinds.ETHERTYPE),
    "vlan id": (Field.VLAN, kinds.NUMBER12),
    "vlan type": (Field.ETHERTYPE, kinds.ETHERTYPE),
    "arp operation": (Field.ARP_OPERATION, kinds.ARP_OPERATION),
    "arp saddr ip": (Field.ARP_SOURCE, kinds.ADDRESS4),
    "arp daddr ip": (Field.ARP_TARGET, kinds.ADDRESS4),
    "arp saddr ether": (Field.ARP_SOURCE_MAC, kinds.MAC),
    "arp daddr ether": (Field.ARP_TARGET_MAC, kinds.MAC),
    "ip saddr": (Field.SOURCE4, kinds.ADDRESS4),
    "ip daddr": (Field.DESTINATION4, kinds.ADDRESS4),
    "ip protocol": (Field.PROTOCOL, kinds.PROTOCOL),
    "ip ttl": (Field.TTL, kinds.NUMBER8),
    "ip length": (Field.LENGTH, kinds.NUMBER16),
    "ip frag-off": (Field.FRAGMENT, kinds.NUMBER16),
    "ip6 saddr": (Field.SOURCE6, kinds.ADDRESS6),
    "ip6 daddr": (Field.DESTINATION6, kinds.ADDRESS6),
    "ip6 nexthdr": (Field.PROTOCOL, kinds.PROTOCOL),
    "ip6 hoplimit": (Field.TTL, kinds.NUMBER8),
    "udp sport": (Field.SOURCE_PORT, kinds.PORT),
    "udp dport": (Field.DESTINATION_PORT, kinds.PORT),
    "tcp sport": (Field.SOURCE_PORT, kinds.PORT),
    "tcp dport": (Field.DESTINATION_PORT, kinds.PORT),
    "tcp flags": (Field.TCP_FLAGS, kinds.TCP_FLAGS),
    "th sport": (Field.TRANSPORT_SOURCE, kinds.PORT),
    "th dport": (Field.TRANSPORT_DESTINATION, kinds.PORT),
    "icmp type": (Field.ICMP_TYPE, kinds.ICMP_TYPE),
    "icmp code": (Field.ICMP_CODE, kinds.ICMP_CODE),
    "icmpv6 type": (Field.ICMP_TYPE, kinds.ICMPV6_TYPE),
    "icmpv6 code": (Field.ICMP_CODE, kinds.ICMPV6_CODE),
}
_INDEXES = {"meta iif": Field.IN_INDEX, "meta oif": Field.OUT_INDEX}
# Packets without the field never meet a condition on it: what the header implies is said already.
_SAY_THEIR_KIND = frozenset(
    {Field.SOURCE4, Field.DESTINATION4, Field.SOURCE6, Field.DESTINATION6, Field.FRAGMENT, Field.VLAN}
    | {Field.ARP_OPERATION, Field.ARP_SOURCE, Field.ARP_TARGET, Field.ARP_SOURCE_MAC, Field.ARP_TARGET_MAC}
)
# Nothing of ours is a fragment; whether DF is set is not known. Of a connection's status NAT's bits are.
_KNOWN_BITS = {"ip frag-off": 0x3FFF, "ct status": sum(CT_STATUS_BITS.values())}
# ARP for IPv4 on Ethernet (RFC 826) is the only one that asks for a guest.
_ALWAYS = {
    "arp htype": 1,
    "arp hlen": 6,
    "arp plen": 4,
    "arp ptype": ETHERTYPES["ip"],
    "ip version": 4,
    "ip6 version": 6,
}
_IP_FAMILIES = frozenset({"ip", "ip6", "inet"})


@lru_cache(maxsize=1024)
def key_of(words: str, family: str) -> Key:
    """The key of a whole expression, e.g. "udp dport", in a table of the family."""
    field, kind = FIELDS.get(words, (None, kinds.NUMBER32))
    if words == "meta length" and family not in _IP_FAMILIES:
        # There the Ethernet header and its padding count too.
        field = None
    return Key(
        words=words,
        field=field,
        kind=kinds.ETHERTYPE if words == "arp ptype" else kind,
        implied=_implied(words, field, family),
        known_bits=_KNOWN_BITS.get(words),
        index=_INDEXES.get(words),
        always=_ALWAYS.get(words),
    )


def needed_by(key: Key, family: str) -> tuple[Condition, ...]:
    """What a packet must be that has the key at all, also where a comparison with the key would say so by itself."""
    header = key.words.partition(" ")[0]
    return HEADERS.get(header, ()) if key.field in _SAY_THEIR_KIND and header != family else key.implied


def _implied(words: str, field: Field | None, family: str) -> tuple[Condition, ...]:
    header, _, rest = words.partition(" ")
    if field in _SAY_THEIR_KIND or header == family:
        return ()
    if header != "ip" and rest.startswith(("option ", "chunk ")):
        # A packet of another protocol has no such option, which can be asked for.
        return ()
    if header == "ct":
        return () if field is not None else (HAS_ENTRY,)
    if header == "ether" and family in _IP_FAMILIES:
        return (_CAME_IN,)
    if header in EXTENSIONS or (header == "rt" and rest in {"type", "hdrlength", "nexthdr", "seg-left"}):
        return (IS_IP6,)
    return HEADERS.get(header, ())
