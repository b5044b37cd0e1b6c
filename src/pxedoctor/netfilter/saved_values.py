"""Words of saved rules as numbers: addresses, masks, ports, MACs, protocols. ValueError for anything else.

Shared by the parsers of iptables-save, ebtables-save, arptables-save and ipset.
"""

from ipaddress import IPv6Address
from typing import Literal

from pxedoctor.netfilter.seen import Range

Ip = Literal["ip", "ip6"]

ALL_PORTS: Range = (0, 0xFFFF)
BITS: dict[Ip, int] = {"ip": 32, "ip6": 128}

# /etc/protocols as the distributions ship it: listings name a protocol by it.
PROTOCOL_NUMBERS: dict[str, int] = {
    "all": 0, "ip": 0, "hopopt": 0, "icmp": 1, "igmp": 2, "ggp": 3, "ipencap": 4, "ipv4": 4, "st": 5, "tcp": 6,
    "egp": 8, "igp": 9, "pup": 12, "udp": 17, "hmp": 20, "xns-idp": 22, "rdp": 27, "iso-tp4": 29, "dccp": 33,
    "xtp": 36, "ddp": 37, "idpr-cmtp": 38, "ipv6": 41, "ipv6-route": 43, "ipv6-frag": 44, "idrp": 45, "rsvp": 46,
    "gre": 47, "esp": 50, "ipsec-esp": 50, "ah": 51, "ipsec-ah": 51, "skip": 57, "ipv6-icmp": 58, "icmpv6": 58,
    "icmp6": 58, "ipv6-nonxt": 59, "ipv6-opts": 60, "rspf": 73, "vmtp": 81, "eigrp": 88, "ospf": 89, "ospfigp": 89,
    "ax.25": 93, "ipip": 94, "etherip": 97, "encap": 98, "pim": 103, "ipcomp": 108, "vrrp": 112, "l2tp": 115,
    "isis": 124, "sctp": 132, "fc": 133, "mobility-header": 135, "ipv6-mh": 135, "mh": 135, "udplite": 136,
    "mpls-in-ip": 137, "manet": 138, "hip": 139, "shim6": 140, "wesp": 141, "rohc": 142,
}  # fmt: skip


def whole(text: str, top: int) -> int:
    """ "12" or "0x1f", at most `top`. Octal is refused: programs differ about it."""
    digits = text[2:] if text[:2] in ("0x", "0X") else text
    if not (digits.isascii() and digits.isalnum()) or (len(text) > 1 and text[0] == "0" and digits == text):
        raise ValueError(f"not a number: {text}")
    number = int(digits, 10 if digits == text else 16)
    if number > top:
        raise ValueError(f"more than {top}: {text}")
    return number


def span(text: str, sign: str, top: int) -> Range:
    """ "5", "5:9", ":9" or "5:" (with `sign` in the middle) as an inclusive range."""
    first, middle, last = text.partition(sign)
    if not middle:
        number = whole(first, top)
        return number, number
    low, high = whole(first, top) if first else 0, whole(last, top) if last else top
    if low > high:
        raise ValueError(f"not a range: {text}")
    return low, high


def ports(text: str) -> tuple[Range, ...]:
    """ "53,67:68"; numbers only."""
    return tuple(span(part, ":", 0xFFFF) for part in text.split(","))


def with_mask(text: str) -> tuple[int, int]:
    """ "0x10/0xff": value and mask of 32 bits; without a mask all of them count."""
    value, slash, mask = text.partition("/")
    return whole(value, 0xFFFFFFFF), whole(mask, 0xFFFFFFFF) if slash else 0xFFFFFFFF


def protocol(text: str) -> int:
    """By name or number."""
    known = PROTOCOL_NUMBERS.get(text.lower())
    return whole(text, 0xFF) if known is None else known


def address4(text: str) -> int:
    """A dotted quad."""
    digits = text.replace(".", "")
    if text.count(".") != 3 or not (digits.isascii() and digits.isdecimal()):
        raise ValueError(f"not an IPv4 address: {text}")
    first, second, third, fourth = map(int, text.split("."))
    if first > 255 or second > 255 or third > 255 or fourth > 255:
        raise ValueError(f"not an IPv4 address: {text}")
    return first << 24 | second << 16 | third << 8 | fourth


def address(text: str, family: Ip) -> int:
    """An IPv6 address with a zone ("fe80::1%eth0") is none here."""
    if family == "ip":
        return address4(text)
    if "%" in text:
        raise ValueError(f"not an IPv6 address: {text}")
    return int(IPv6Address(text))


def network(text: str, family: Ip) -> tuple[Range, int | None]:
    """ "10.0.0.0/8", "10.0.0.1", "10.0.0.0/255.0.255.0": a range; where the mask has holes, one value and the mask."""
    base, slash, mask_text = text.partition("/")
    number, bits = address(base, family), BITS[family]
    if not slash:
        return (number, number), None
    every = (1 << bits) - 1
    if mask_text.isascii() and mask_text.isdecimal():
        rest = every >> whole(mask_text, bits)
    else:
        mask = address(mask_text, family)
        rest = every ^ mask
        if rest & (rest + 1):
            return (number & mask, number & mask), mask
    return (number & ~rest, number | rest), None


def mac(text: str) -> int:
    """ "52:54:00:0d:0d:01", also "52:54:0:d:d:1"."""
    parts = text.split(":")
    if len(parts) != 6 or not all(0 < len(part) <= 2 and part.isascii() and part.isalnum() for part in parts):
        raise ValueError(f"not a MAC address: {text}")
    return int.from_bytes(bytes(int(part, 16) for part in parts), "big")
