"""What a host's routes say for certain about an address.

1. IPv4's type of an address (xt_addrtype, nft `fib daddr type`) is asked of the table `local` alone (net/ipv4/
   fib_frontend.c __inet_dev_addr_type), which is one with `main` until a rule of policy routing parts the two
   (fib_trie.c).
2. IPv6's is asked of all tables by their rules, and of the addresses of the devices (xt_addrtype.c, nft_fib_ipv6.c).
3. The way back through a device (xt_rpfilter, nft `fib saddr . iif oif`) is asked of all tables by their rules. No rule
   finds a route that no table has: then there surely is no way back. That there is one, the rules decide: from the
   first on, the longest prefix of each table that has a route at all. What they may decide otherwise is left open.
"""

from typing import Literal

import msgspec

from pxedoctor.netfilter.address import Range, overlap, within

Version = Literal[4, 6]
# rtnetlink(7): what is delivered here, and what is for everybody.
_OWN_KINDS = frozenset({"local", "broadcast", "anycast"})
_TYPED_TABLES = frozenset({"local", "main"})
_LINK_LOCAL = (0xFE80 << 112, (0xFEC0 << 112) - 1)


class Prefix(msgspec.Struct, frozen=True, kw_only=True):
    """One route. `device` is "" where it has several ways, or none; `kind` as rtnetlink(7) has it.

    `sure`: it is there, or surely when a packet comes.
    """

    version: Version
    net: Range
    device: str = ""
    kind: str = "unicast"
    table: str = "main"
    sure: bool = True


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule of policy routing, which looks up `table` ("": it does something else).

    `mark`: for packets with this mark under a mask, (value, mask). `certain`: nothing else is asked, or done.
    """

    version: Version
    table: str
    mark: tuple[int, int] | None = None
    certain: bool = True

    def is_for(self, mark: int | None) -> bool | None:
        """Whether a packet with this mark is looked up by it; None where that is not known."""
        met = meets_mark(self.mark, mark)
        return met if self.certain or met is False else None


def meets_mark(asked: tuple[int, int] | None, mark: int | None) -> bool | None:
    """Whether a packet with `mark` (None: not known) has the value asked for under its mask, (value, mask).

    None where that is not known.
    """
    if asked is None:
        return True
    return None if mark is None else mark & asked[1] == asked[0]


class Routes(msgspec.Struct, frozen=True):
    """All routes of all tables. `masters`: of each device in a VRF, the VRF, through which its routes may lead.

    `rules` in their order; None: not known.
    """

    prefixes: tuple[Prefix, ...]
    masters: tuple[tuple[str, str], ...] = ()
    rules: tuple[Rule, ...] | None = None

    def type4(self, address: Range) -> str | None:
        """`local`, `broadcast`, `unicast`..., the same for all of these IPv4 addresses; None where it is not known."""
        near = [
            prefix
            for prefix in self.prefixes
            if prefix.version == 4 and prefix.table in _TYPED_TABLES and overlap(prefix.net, address)
        ]
        own = [prefix for prefix in near if prefix.table == "local" or prefix.kind in _OWN_KINDS]
        if not own:
            return "unicast"
        # The longest prefix decides; in main a longer one counts only on some hosts.
        best = max(own, key=lambda prefix: -_size(prefix.net))
        alike = all(prefix.kind == best.kind for prefix in near if _size(prefix.net) <= _size(best.net))
        if not alike or best.table != "local" or not within(address, best.net):
            return None
        return best.kind if best.kind in _OWN_KINDS else "unicast"

    def is_not_local6(self, address: Range) -> bool:
        """Whether surely none of these IPv6 addresses is one of this host's."""
        return not any(
            prefix.version == 6 and prefix.kind in _OWN_KINDS and overlap(prefix.net, address)
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
            and overlap(prefix.net, source)
            for prefix in self.prefixes
        )

    def leads_back(self, version: Version, device: str, source: Range, mark: int | None) -> bool:
        """Whether surely the way to each of these addresses, by the first rule that finds one, is through the device.

        `mark`: the packet's; None: not known. A device in a VRF has rules of its own, of which nothing is said.
        """
        if self.rules is None or any(name == device for name, _ in self.masters):
            return False
        for rule in (rule for rule in self.rules if rule.version == version):
            met = rule.is_for(mark)
            near = () if met is False else self._near(rule, device, source)
            if near:
                return met is True and _all_through(near, device, source)
            if met is not False and not rule.table:
                return False
        return False

    def _near(self, rule: Rule, device: str, source: Range) -> tuple[Prefix, ...]:
        """The table's routes to any of these. Of many addresses none is this host's own: one link has each once."""
        many = source[0] != source[1]
        local = rule.version == 6 and _is_link_local(source)
        return tuple(
            prefix
            for prefix in self.prefixes
            if (prefix.version, prefix.table) == (rule.version, rule.table)
            and overlap(prefix.net, source)
            and not (many and prefix.kind in _OWN_KINDS and prefix.net[0] == prefix.net[1])
            # Of a link's own addresses those of other links are not looked at (RT6_LOOKUP_F_IFACE).
            and not (local and prefix.device not in {device, ""})
        )

    def knows(self, version: Version) -> bool:
        """A host that has the protocol has a route to itself (127.0.0.0/8, ::1): without one nothing was listed."""
        return any(prefix.version == version and prefix.kind == "local" for prefix in self.prefixes)


def _all_through(near: tuple[Prefix, ...], device: str, source: Range) -> bool:
    """The longest prefix decides (of several of one length, the metric): it must have all addresses, and the device."""
    longest = min(_size(prefix.net) for prefix in near)
    best = [prefix for prefix in near if _size(prefix.net) == longest]
    return all(within(source, one.net) and one.sure and (one.device, one.kind) == (device, "unicast") for one in best)


def _is_link_local(source: Range) -> bool:
    return within(source, _LINK_LOCAL)


def _size(net: Range) -> int:
    return net[1] - net[0]
