"""MACs, addresses and UUIDs under other names that keep what a diagnosis needs of them.

- A MAC keeps its first three bytes (its maker's; 52:54:00 is QEMU's, and a tap's fe:54:00 still goes with its guest's).
- Two addresses with a common prefix still have one of that length (J. Xu et al., Crypto-PAn, 2001). A private address
  stays private and a public one keeps its first byte; within a network of this host, and within any last byte, order
  stays, so that ranges and pools are what they were.
- An IPv6 address that was made of a MAC is made of that MAC's pseudonym.
- What everybody has stays: loopback, link-local prefixes, multicast, 0.0.0.0, ff:ff:ff:ff:ff:ff.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from pxedoctor.report.anonymous.secret import digest, permuted

Network = IPv4Network | IPv6Network

# As bits that are never turned: how long a prefix stays as it is, by the first byte (RFC 1918, RFC 6598).
_KEPT_BITS = {10: 8, 172: 12, 192: 16, 100: 10, 127: 32, 0: 32}
_MULTICAST = 224
_LAST_BYTE = 24
_LINK_LOCAL = IPv6Network("fe80::/10")
# RFC 3927: its neighbours in 169.0.0.0/8 are public.
_LINK_LOCAL4 = IPv4Network("169.254.0.0/16")
_SOLICITED = IPv6Network("ff02::1:ff00:0/104")
_LOW24 = 0xFFFFFF


class Addresses:
    """Pseudonyms by one key; `networks` are those of this host, inside of which order stays."""

    def __init__(self, key: bytes, networks: Iterable[Network] = ()) -> None:
        self._key = key
        # A network of the whole world, or a class of it, orders nothing.
        least = {4: 9, 6: 17}
        self._networks = tuple(net for net in networks if net.prefixlen >= least[net.version])

    def mac(self, text: str) -> str:
        """Six bytes in hexadecimal digits, parted by one character or not at all, in the same form."""
        part = "" if len(text) == 12 else text[2]
        raw = bytes.fromhex(text.replace(part, "") if part else text)
        low = int.from_bytes(raw[3:], "big")
        if raw[:2] == b"\x33\x33" and raw[2] == 0xFF:
            return self._mac(raw[:3], low, part)
        if raw[0] & 1 or raw == bytes(6):
            return text
        return self._mac(raw[:3], low, part)

    def _mac(self, maker: bytes, low: int, part: str) -> str:
        told = maker + self._low(low).to_bytes(3, "big")
        return part.join(f"{byte:02x}" for byte in told)

    def _low(self, low: int) -> int:
        return permuted(self._key, "mac", low, 24)

    def uuid(self, text: str) -> str:
        """The same form with other digits."""
        raw = digest(self._key, b"uuid", text.lower().encode()).hex()
        digits = iter(raw)
        return "".join(next(digits) if char != "-" else char for char in text)

    def ipv4(self, address: IPv4Address) -> IPv4Address:
        first = int(address) >> 24
        if first >= _MULTICAST or address in _LINK_LOCAL4:
            return address
        inside = [net for net in self._networks if net.version == 4 and address in net]
        order = min((net.prefixlen for net in inside), default=_LAST_BYTE)
        kept = _KEPT_BITS.get(first, 8)
        depths = range(kept, min(order, _LAST_BYTE))
        told = IPv4Address(self._turned(int(address), 32, depths))
        # A public one that would become link-local is turned once more, so that no two become one.
        return IPv4Address(self._turned(int(told), 32, depths)) if told in _LINK_LOCAL4 else told

    def ipv6(self, address: IPv6Address) -> IPv6Address:
        value = int(address)
        if address in _SOLICITED:
            return IPv6Address(value & ~_LOW24 | self._low(value & _LOW24))
        if address.is_multicast or address.is_loopback or address.is_unspecified:
            return address
        if address.ipv4_mapped is not None:
            return IPv6Address(value >> 32 << 32 | int(self.ipv4(address.ipv4_mapped)))
        low = value & (1 << 64) - 1
        prefix = value >> 64 << 64
        if address not in _LINK_LOCAL:
            prefix = self._turned(value, 128, range(16, 64)) >> 64 << 64
        return IPv6Address(prefix | self._interface(low))

    def _interface(self, low: int) -> int:
        """Small ones are written by people and stay; EUI-64 (RFC 4291 appendix A) goes by its MAC; others are mixed."""
        if low < 1 << 16:
            return low
        if low >> 24 & 0xFFFF == 0xFFFE:
            return low >> 24 << 24 | self._low(low & _LOW24)
        return permuted(self._key, "interface", low, 64)

    def _turned(self, value: int, bits: int, depths: range) -> int:
        """Bit by bit, each turned or not by all the bits before it; the last of them always is."""
        told = value
        for depth in depths:
            before = value >> (bits - depth)
            mixed = digest(self._key, b"prefix", bytes([bits, depth]), before.to_bytes(16, "big"))
            if mixed[0] & 1 or depth == depths[-1]:
                told ^= 1 << (bits - depth - 1)
        return told


def network(address: str, prefix: int) -> Network | None:
    """None for what is none."""
    try:
        return ip_network((address, prefix), strict=False)
    except ValueError:
        return None
