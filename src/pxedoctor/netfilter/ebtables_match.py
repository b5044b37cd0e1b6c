"""The matches of ebtables: each option to the conditions that it means to the kernel.

Semantics: ebtables(8), net/bridge/netfilter/ebtables.c ebt_basic_match and ebt_*.c. A builder raises KeyError or
ValueError for a value that it does not understand.
"""

from pxedoctor.netfilter.condition import Always, Bits, Condition, Member, Name, Number
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.iptables_icmp import NAMES4, NAMES6
from pxedoctor.netfilter.saved_use import Builder, Use, device
from pxedoctor.netfilter.saved_values import Ip, mac, network, protocol, span, whole, with_mask

Conditions = tuple[Condition, ...]

# /etc/ethertypes, the file of the ebtables package.
_ETHERTYPES = {
    "ipv4": 0x0800, "x25": 0x0805, "arp": 0x0806, "fr_arp": 0x0808, "bpq": 0x08FF, "teb": 0x6558, "raw_fr": 0x6559,
    "rarp": 0x8035, "aarp": 0x80F3, "atalk": 0x809B, "802_1q": 0x8100, "ipx": 0x8137, "netbeui": 0x8191,
    "ipv6": 0x86DD, "ppp": 0x880B, "mpls": 0x8847, "mpls_multi": 0x8848, "atmmpoa": 0x884C, "ppp_disc": 0x8863,
    "ppp_ses": 0x8864, "atmfate": 0x8884, "eapol": 0x888E, "s-tag": 0x88A8, "lldp": 0x88CC, "macsec": 0x88E5,
    "loop": 0x9000,
}  # fmt: skip


def _one(field: Field, number: int, negated: bool, mask: int | None = None) -> Conditions:
    return (Number(field, ((number, number),), negated, mask),)


def _protocol(use: Use) -> Conditions:
    """ebt_basic_match: a frame with a VLAN tag is 802_1Q, whatever it carries."""
    text = use.only.lower()
    if text == "length":
        return (Number(Field.HEADER_TYPE, ((0, 0x5FF),), use.negated),)
    number = _ETHERTYPES.get(text)
    return _one(Field.HEADER_TYPE, int(_hexadecimal(text), 16) if number is None else number, use.negated)


def _hexadecimal(text: str) -> str:
    digits = text[2:] if text.startswith("0x") else text
    whole("0x" + digits, 0xFFFF)
    return digits


def _device(field: Field) -> Builder:
    return lambda use: (Name(field, (device(use.only),), use.negated),)


_MAC_WORDS = {
    "unicast": "00:00:00:00:00:00/01:00:00:00:00:00",
    "multicast": "01:00:00:00:00:00/01:00:00:00:00:00",
    "broadcast": "ff:ff:ff:ff:ff:ff",
    "bga": "01:80:c2:00:00:00",
}


def mac_condition(field: Field, text: str, negated: bool) -> Number:
    """ "52:54:00:0d:0d:01", "52:54:00:00:00:00/ff:ff:ff:00:00:00", or a word for one of them."""
    address, slash, mask = _MAC_WORDS.get(text.lower(), text).partition("/")
    bits = mac(mask) if slash else None
    number = mac(address) if bits is None else mac(address) & bits
    return Number(field, ((number, number),), negated, bits)


def _mac(field: Field) -> Builder:
    return lambda use: (mac_condition(field, use.only, use.negated),)


def address_condition(field: Field, text: str, negated: bool, family: Ip) -> Number:
    """ "10.0.0.0/8"; also with a mask that has holes."""
    values, mask = network(text, family)
    return Number(field, (values,), negated, mask)


def _address(field: Field, family: Ip) -> Builder:
    return lambda use: (address_condition(field, use.only, use.negated, family),)


def _layer4(use: Use) -> Conditions:
    return _one(Field.PROTOCOL, protocol(use.only), use.negated)


def _port(field: Field) -> Builder:
    return lambda use: (Number(field, (span(use.only, ":", 0xFFFF),), use.negated),)


def _icmp(names: dict[str, int]) -> Builder:
    """ "echo-request", "8", "3:4/0:5": types and codes."""

    def build(use: Use) -> Conditions:
        kinds, slash, codes = use.only.partition("/")
        number = names.get(kinds)
        ranges = span(kinds, ":", 0xFF) if number is None else (number, number)
        if not slash:
            return (Number(Field.ICMP_TYPE, (ranges,), use.negated),)
        fields = (Field.ICMP_TYPE, Field.ICMP_CODE)
        element = (ranges, span(codes, ":", 0xFF))
        return (Member(fields, elements=(element,), negated=use.negated, text=use.text),)

    return build


# ebt_arp.c; the names are those of ebtables' libebt_arp.c.
OPERATIONS = {
    "request": 1, "reply": 2, "request_reverse": 3, "reply_reverse": 4, "drarp_request": 5, "drarp_reply": 6,
    "drarp_error": 7, "inarp_request": 8, "arp_nak": 9,
}  # fmt: skip


def _operation(use: Use) -> Conditions:
    number = OPERATIONS.get(use.only.lower())
    return _one(Field.ARP_OPERATION, whole(use.only, 0xFFFF) if number is None else number, use.negated)


def always_so(*values: str) -> Builder:
    """ARP on Ethernet for IPv4 has only one hardware and one protocol type."""

    def build(use: Use) -> Conditions:
        if use.only.lower() not in values:
            raise ValueError(use.text)
        return (Always(not use.negated, use.text),)

    return build


_PACKET_TYPES = {"host": 0, "broadcast": 1, "multicast": 2, "otherhost": 3}


def _packet_type(use: Use) -> Conditions:
    return _one(Field.PACKET_TYPE, _PACKET_TYPES[use.only.lower()], use.negated)


def _mark(use: Use) -> Conditions:
    """ebt_mark_m.c: "/0xff" is any of these bits."""
    text = use.only
    if text.startswith("/"):
        return (Bits(Field.MARK, whole(text[1:], 0xFFFFFFFF), use.negated),)
    value, mask = with_mask(text)
    return _one(Field.MARK, value, use.negated, None if mask == 0xFFFFFFFF else mask)


def _vlan_id(use: Use) -> Conditions:
    return _one(Field.VLAN, whole(use.only, 0xFFF), use.negated)


def _vlan_encap(use: Use) -> Conditions:
    number = _ETHERTYPES.get(use.only.lower())
    return _one(Field.ETHERTYPE, int(_hexadecimal(use.only.lower()), 16) if number is None else number, use.negated)


def _named(build: Builder, *names: str) -> dict[str, Builder]:
    return dict.fromkeys(names, build)


OPTIONS: dict[str, Builder] = {
    **_named(_protocol, "-p", "--protocol"),
    **_named(_device(Field.IN_NAME), "-i", "--in-interface"),
    **_named(_device(Field.OUT_NAME), "-o", "--out-interface"),
    "--logical-in": _device(Field.IN_BRIDGE),
    "--logical-out": _device(Field.OUT_BRIDGE),
    **_named(_mac(Field.MAC_SOURCE), "-s", "--source", "--src"),
    **_named(_mac(Field.MAC_DESTINATION), "-d", "--destination", "--dst"),
    **_named(_address(Field.SOURCE4, "ip"), "--ip-src", "--ip-source"),
    **_named(_address(Field.DESTINATION4, "ip"), "--ip-dst", "--ip-destination"),
    **_named(_layer4, "--ip-proto", "--ip-protocol", "--ip6-proto", "--ip6-protocol"),
    **_named(_port(Field.SOURCE_PORT), "--ip-sport", "--ip-source-port", "--ip6-sport", "--ip6-source-port"),
    **_named(_port(Field.DESTINATION_PORT), "--ip-dport", "--ip-destination-port", "--ip6-dport"),
    "--ip6-destination-port": _port(Field.DESTINATION_PORT),
    "--ip-icmp-type": _icmp(NAMES4),
    **_named(_address(Field.SOURCE6, "ip6"), "--ip6-src", "--ip6-source"),
    **_named(_address(Field.DESTINATION6, "ip6"), "--ip6-dst", "--ip6-destination"),
    "--ip6-icmp-type": _icmp(NAMES6),
    **_named(_operation, "--arp-op", "--arp-opcode"),
    "--arp-htype": always_so("1", "ethernet"),
    "--arp-ptype": always_so("0x800", "0x0800", "ipv4"),
    "--arp-ip-src": _address(Field.ARP_SOURCE, "ip"),
    "--arp-ip-dst": _address(Field.ARP_TARGET, "ip"),
    "--arp-mac-src": _mac(Field.ARP_SOURCE_MAC),
    "--arp-mac-dst": _mac(Field.ARP_TARGET_MAC),
    "--pkttype-type": _packet_type,
    "--mark": _mark,
    "--vlan-id": _vlan_id,
    "--vlan-encap": _vlan_encap,
}
