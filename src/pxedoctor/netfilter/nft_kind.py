"""How nft writes values, one kind for each of its datatypes (nftables src/datatype.c; `nft describe`)."""

import re
from ipaddress import IPv4Address, IPv6Address
from typing import Literal

import msgspec

from pxedoctor.netfilter import nft_names as names
from pxedoctor.netfilter.address import mac_number
from pxedoctor.netfilter.condition import Part
from pxedoctor.netfilter.field import CT_BITS
from pxedoctor.netfilter.seen import Range

_DOTTED = re.compile(r"(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})", re.ASCII)
_DIGITS = re.compile(r"\d{1,40}", re.ASCII)
_HEX = re.compile(r"0x[0-9a-fA-F]{1,32}")


class Numbers(msgspec.Struct, frozen=True):
    """Numbers up to `top`, or their names. `flags`: bits, of which a comparison without operator wants any."""

    top: int
    names: dict[str, int] = {}
    flags: bool = False

    def part(self, word: str) -> Range:
        """ "67", "0x43", "67-69" or a name; ValueError for anything else."""
        named = self.names.get(word)
        if named is not None:
            return named, named
        if _DIGITS.fullmatch(word):
            low = high = int(word)
        else:
            low, high = self._range(word)
        if not low <= high <= self.top:
            raise ValueError(f"not a range up to {self.top}: {word}")
        return low, high

    def bits(self, word: str) -> int:
        """ "established,related" as one number."""
        bits = 0
        for name in word.split(","):
            low, high = self.part(name)
            if low != high:
                raise ValueError(f"not a set of flags: {word}")
            bits |= low
        return bits

    def _range(self, word: str) -> Range:
        """Names hold dashes too: `router-solicitation-20` is a range."""
        for at, letter in enumerate(word):
            if letter == "-" and self._is_one(word[:at]) and self._is_one(word[at + 1 :]):
                return self._one(word[:at]), self._one(word[at + 1 :])
        return self._one(word), self._one(word)

    def _is_one(self, word: str) -> bool:
        return word in self.names or bool(_DIGITS.fullmatch(word) or _HEX.fullmatch(word))

    def _one(self, word: str) -> int:
        if _DIGITS.fullmatch(word):
            return int(word)
        if _HEX.fullmatch(word):
            return int(word, 16)
        named = self.names.get(word)
        if named is None:
            raise ValueError(f"neither a number nor a known name: {word}")
        return named


class Addresses(msgspec.Struct, frozen=True):
    """Addresses, prefixes and ranges of them, as numbers."""

    version: Literal[4, 6]
    flags: bool = False

    @property
    def top(self) -> int:
        return (1 << (32 if self.version == 4 else 128)) - 1

    def part(self, word: str) -> Range:
        """ "192.0.2.1", "192.0.2.0/24", "192.0.2.1-192.0.2.9"; ValueError for anything else."""
        if "/" not in word and "-" not in word:
            low = self._one(word)
            return low, low
        address, slash, length = word.partition("/")
        if slash:
            open_bits = self.top.bit_length() - int(length)
            if open_bits < 0 or not _DIGITS.fullmatch(length):
                raise ValueError(f"not a prefix: {word}")
            low = self._one(address) >> open_bits << open_bits
            return low, low | (1 << open_bits) - 1
        first, dash, last = word.partition("-")
        low = self._one(first)
        high = self._one(last) if dash else low
        if low > high:
            raise ValueError(f"a range from its end: {word}")
        return low, high

    def _one(self, word: str) -> int:
        if self.version == 6:
            if "%" in word:
                raise ValueError(f"an address with a zone: {word}")
            return int(IPv6Address(word))
        dotted = _DOTTED.fullmatch(word)
        if dotted is None:
            return int(IPv4Address(word))
        a, b, c, d = int(dotted[1]), int(dotted[2]), int(dotted[3]), int(dotted[4])
        if max(a, b, c, d) > 255:
            raise ValueError(f"not an IPv4 address: {word}")
        return a << 24 | b << 16 | c << 8 | d


class Macs(msgspec.Struct, frozen=True):
    top: int = (1 << 48) - 1
    flags: bool = False

    def part(self, word: str) -> Range:
        """ "52:54:00:00:00:01", or two of them with a dash; ValueError for anything else."""
        first, dash, last = word.partition("-")
        low = mac_number(first)
        high = mac_number(last) if dash else low
        if low > high:
            raise ValueError(f"a range from its end: {word}")
        return low, high


class Names(msgspec.Struct, frozen=True):
    """Names of devices, quoted. `prefixes`: a final * stands for any rest (iifname, but not iif)."""

    prefixes: bool
    top: int = 0
    flags: bool = False

    def part(self, word: str) -> tuple[str, bool]:
        """ValueError for a name without quotes, as the number of a device that is gone."""
        if len(word) < 2 or word[0] != '"' or word[-1] != '"' or '"' in word[1:-1]:
            raise ValueError(f"not a quoted name: {word}")
        name = word[1:-1]
        if not self.prefixes or not name.endswith("*"):
            return name, False
        return (name[:-2] + "*", False) if name.endswith("\\*") else (name[:-1], True)


Kind = Numbers | Addresses | Macs | Names

_BYTE, _SHORT, _LONG = 0xFF, 0xFFFF, 0xFFFFFFFF

ADDRESS4, ADDRESS6, MAC = Addresses(4), Addresses(6), Macs()
NAME, DEVICE = Names(prefixes=True), Names(prefixes=False)
INDEX = Numbers(_LONG)
PORT = Numbers(_SHORT)
NUMBER8, NUMBER12, NUMBER16, NUMBER32 = Numbers(_BYTE), Numbers(0xFFF), Numbers(_SHORT), Numbers(_LONG)
MARK = Numbers(_LONG)
GROUP = Numbers(_LONG, {"default": 0, '"default"': 0})
ETHERTYPE = Numbers(_SHORT, names.ETHERTYPES)
PROTOCOL = Numbers(_BYTE, names.PROTOCOLS)
NFPROTO = Numbers(_BYTE, names.FAMILIES)
PACKET_TYPE = Numbers(_BYTE, names.PACKET_TYPES)
CT_STATE = Numbers(_LONG, {name.lower(): bit for name, bit in CT_BITS.items()}, flags=True)
CT_STATUS = Numbers(_LONG, names.CT_STATUS, flags=True)
CT_DIRECTION = Numbers(_BYTE, names.DIRECTIONS)
TCP_FLAGS = Numbers(_BYTE, names.TCP_FLAGS, flags=True)
ARP_OPERATION = Numbers(_SHORT, names.ARP_OPERATIONS)
ICMP_TYPE = Numbers(_BYTE, names.ICMP_TYPES)
ICMP_CODE = Numbers(_BYTE, names.ICMP_CODES)
ICMPV6_TYPE = Numbers(_BYTE, names.ICMPV6_TYPES)
ICMPV6_CODE = Numbers(_BYTE, names.ICMPV6_CODES)

# The types of sets, as `type` names them.
KINDS: dict[str, Kind] = {
    "ipv4_addr": ADDRESS4,
    "ipv6_addr": ADDRESS6,
    "ether_addr": MAC,
    "ether_type": ETHERTYPE,
    "inet_proto": PROTOCOL,
    "inet_service": PORT,
    "mark": MARK,
    "ifname": NAME,
    "iface_index": DEVICE,
    "devgroup": GROUP,
    "nf_proto": NFPROTO,
    "pkt_type": PACKET_TYPE,
    "ct_state": CT_STATE,
    "ct_status": CT_STATUS,
    "ct_dir": CT_DIRECTION,
    "tcp_flag": TCP_FLAGS,
    "arp_op": ARP_OPERATION,
    "icmp_type": ICMP_TYPE,
    "icmp_code": ICMP_CODE,
    "icmpv6_type": ICMPV6_TYPE,
    "icmpv6_code": ICMPV6_CODE,
    # What JSON calls the type of a set that text declares by `typeof`.
    "integer": Numbers((1 << 128) - 1),
}


def every(kind: Kind) -> Part:
    """What every value of the kind is in: the wildcard element `*`."""
    return ("", True) if isinstance(kind, Names) else (0, kind.top)
