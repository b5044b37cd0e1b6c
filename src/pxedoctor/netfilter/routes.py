"""What a host's routes say for certain about an address, whichever rules of policy routing it has.

1. IPv4's type of an address (xt_addrtype, nft `fib daddr type`) is asked of the table `local` alone (net/ipv4/
   fib_frontend.c __inet_dev_addr_type), which is one with `main` until a rule of policy routing parts the two
   (fib_trie.c).
2. IPv6's is asked of all tables by their rules, and of the addresses of the devices (xt_addrtype.c, nft_fib_ipv6.c).
3. The way back through a device (xt_rpfilter, nft `fib saddr . iif oif`) is asked of all tables by their rules. No rule
   finds a route that no table has: then there surely is no way back. That there is one, the rules decide.
"""

from typing import Literal

import msgspec

Range = tuple[int, int]
Version = Literal[4, 6]
# rtnetlink(7): what is delivered here, and what is for everybody.
_OWN_KINDS = frozenset({"local", "broadcast", "anycast"})
_TYPED_TABLES = frozenset({"local", "main"})


class Prefix(msgspec.Struct, frozen=True, kw_only=True):
    """One route. `device` is "" where it has several ways, or none; `kind` as rtnetlink(7) has it."""

    version: Version
    net: Range
    device: str = ""
    kind: str = "unicast"
    table: str = "main"


class Routes(msgspec.Struct, frozen=True):
    """All routes of all tables. `masters`: of each device in a VRF, the VRF, through which its routes may lead."""

    prefixes: tuple[Prefix, ...]
    masters: tuple[tuple[str, str], ...] = ()

    def type4(self, address: Range) -> str | None:
        """`local`, `broadcast`, `unicast`..., the same for all of these IPv4 addresses; None where it is not known."""
        near = [
            prefix
            for prefix in self.prefixes
            if prefix.version == 4 and prefix.table in _TYPED_TABLES and _overlap(prefix.net, address)
        ]
        own = [prefix for prefix in near if prefix.table == "local" or prefix.kind in _OWN_KINDS]
        if not own:
            return "unicast"
        # The longest prefix decides; in main a longer one counts only on some hosts.
        best = max(own, key=lambda prefix: -_size(prefix.net))
        alike = all(prefix.kind == best.kind for prefix in near if _size(prefix.net) <= _size(best.net))
        if not alike or best.table != "local" or not _within(address, best.net):
            return None
        return best.kind if best.kind in _OWN_KINDS else "unicast"

    def is_not_local6(self, address: Range) -> bool:
        """Whether surely none of these IPv6 addresses is one of this host's."""
        return not any(
            prefix.version == 6 and prefix.kind in _OWN_KINDS and _overlap(prefix.net, address)
            for prefix in self.prefixes
        )

    def leads_nowhere(self, version: Version, device: str, source: Range, local: bool = False) -> bool:
        """Whether surely no route to any of these addresses goes out through the device; `local`: nor to itself."""
        names = {device, "", *(master for name, master in self.masters if name == device)}
        kinds = {"unicast", "local"} if local else {"unicast"}
        return not any(
            prefix.version == version
            and prefix.kind in kinds
            and prefix.device in names
            and _overlap(prefix.net, source)
            for prefix in self.prefixes
        )

    def knows(self, version: Version) -> bool:
        """A host that has the protocol has a route to itself (127.0.0.0/8, ::1): without one nothing was listed."""
        return any(prefix.version == version and prefix.kind == "local" for prefix in self.prefixes)


def _overlap(one: Range, other: Range) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def _within(inner: Range, outer: Range) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _size(net: Range) -> int:
    return net[1] - net[0]
