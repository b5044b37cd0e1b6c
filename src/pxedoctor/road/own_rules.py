"""Which of the rules that libvirt writes for a running network are there, and which are gone.

libvirt's iptables backend (5.1 and later): chains LIBVIRT_*, each reached by a jump from a built-in chain
(src/network/network_iptables.c). Before 5.1 the rules stand in the built-in chains themselves. Its nftables backend
(10.4 and later): table `libvirt_network` (src/network/network_nftables.c). The CHECKSUM rule is not asked for here:
libvirt itself takes no notice when it fails.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from ipaddress import ip_network

import msgspec

from pxedoctor.model.fact import known
from pxedoctor.model.libvirt import Network, Subnet
from pxedoctor.model.target import Facts
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.index import NAMES
from pxedoctor.netfilter.ruleset import Ruleset, understood
from pxedoctor.netfilter.seen import Range
from pxedoctor.netfilter.syntax import Chain, Table


class What(StrEnum):
    JUMP = "jump"
    CHAIN = "chain"
    RULES = "rules"


class Purpose(StrEnum):
    """What the guests lose with it."""

    SERVICES = "libvirt's opening for DHCP and DNS"
    FORWARDING = "isolation and forwarding"
    NAT = "NAT"


class Gone(msgspec.Struct, frozen=True, kw_only=True):
    """One part that is not there: `text` says which, `origin` where it was looked for."""

    what: What
    purpose: Purpose
    text: str
    origin: str


class _Part(msgspec.Struct, frozen=True):
    table: str
    base: str
    chain: str
    purpose: Purpose


_PARTS = (
    _Part("filter", "INPUT", "LIBVIRT_INP", Purpose.SERVICES),
    _Part("filter", "OUTPUT", "LIBVIRT_OUT", Purpose.SERVICES),
    _Part("filter", "FORWARD", "LIBVIRT_FWX", Purpose.FORWARDING),
    _Part("filter", "FORWARD", "LIBVIRT_FWI", Purpose.FORWARDING),
    _Part("filter", "FORWARD", "LIBVIRT_FWO", Purpose.FORWARDING),
    _Part("nat", "POSTROUTING", "LIBVIRT_PRT", Purpose.NAT),
)
# Of the IPv6 rules, those that every release writes for a network with an IPv6 address.
_PARTS_IPV6 = tuple(part for part in _PARTS if part.table == "filter" and part.base != "OUTPUT")

_NATIVE_TABLE = "libvirt_network"
_NATIVE_PARTS = (
    ("forward", "guest_cross", Purpose.FORWARDING),
    ("forward", "guest_input", Purpose.FORWARDING),
    ("forward", "guest_output", Purpose.FORWARDING),
    ("", "guest_nat", Purpose.NAT),
)
_INDEXES = frozenset({Field.IN_INDEX, Field.OUT_INDEX})
_ADDRESSES = frozenset({Field.SOURCE4, Field.DESTINATION4, Field.SOURCE6, Field.DESTINATION6})


def gone(network: Network, ruleset: Ruleset) -> tuple[Gone, ...]:
    """Empty where everything that matters is there."""
    families: list[tuple[str, tuple[_Part, ...]]] = [("ip", _PARTS)]
    if any(subnet.family == "ipv6" for subnet in network.subnets):
        families.append(("ip6", _PARTS_IPV6))
    missing: list[Gone] = []
    for family, parts in families:
        if network.backend == "nftables":
            missing.extend(_gone_native(network, ruleset, family))
        else:
            missing.extend(_gone_saved(network, ruleset, family, parts))
    return tuple(missing)


def gone_from(facts: Facts, network: Network) -> tuple[Gone, ...]:
    """As `gone`, of the host's own rules: looked for once for each network, however many guests it has."""
    return facts.once(_of_the_host)(network)


def _of_the_host(facts: Facts) -> Callable[[Network], tuple[Gone, ...]]:
    ruleset = understood(known(facts.host.netfilter))
    return lru_cache(maxsize=None)(lambda network: gone(network, ruleset))


def restored(network: Network, ruleset: Ruleset) -> Ruleset:
    """The ruleset as it is once libvirt has put back what opens INPUT for this network's DISCOVER.

    libvirt inserts at the head of a chain, and leaves a jump alone that is there, wherever it stands.
    """
    if network.backend != "iptables":
        return ruleset
    for table in ruleset.tables_of("ip", "filter")[:1]:
        base = table.chains.get("INPUT")
        if base is None:
            continue
        # Where nothing jumps to its chain, libvirt puts a jump at the head of INPUT: what is there is asked first then.
        own = table.chains.get("LIBVIRT_INP") if base.jumps_to("LIBVIRT_INP") else None
        opening = f"-i {network.bridge} -p udp -m udp --dport 67 -j ACCEPT"
        opened = own or base
        after = table.with_chain(_with_first(opened, f"-A {opened.name} {opening}"))
        ruleset = ruleset.with_table(table, after)
    return ruleset


def _with_first(chain: Chain, text: str) -> Chain:
    return chain.with_written(((0, text), *chain.written))


def _gone_saved(network: Network, ruleset: Ruleset, family: str, parts: tuple[_Part, ...]) -> list[Gone]:
    if _in_old_layout(network, ruleset, family):
        return []
    missing: list[Gone] = []
    for part in parts:
        if part.purpose is Purpose.NAT and (network.forward != "nat" or not _ipv4(network)):
            continue
        looked: list[list[Gone]] = [_missing(network, table, part) for table in ruleset.tables_of(family, part.table)]
        if not looked:
            command = f"{'iptables' if family == 'ip' else 'ip6tables'}-save -t {part.table}"
            looked = [[_gone(What.CHAIN, part, family, f"there is no table {part.table}", command)]]
        # A host may have the table twice, of iptables-nft and of iptables-legacy: libvirt writes into one of them.
        looked.sort(key=lambda found: (any(part.what is What.CHAIN for part in found), len(found)))
        missing.extend(looked[0])
    return missing


def _missing(network: Network, table: Table, part: _Part) -> list[Gone]:
    chain = table.chains.get(part.chain)
    origin = f"{table.origin}, table {part.table}"
    if chain is None:
        return [_gone(What.CHAIN, part, table.family, f"there is no chain {part.chain}", origin)]
    missing = []
    base = table.chains.get(part.base)
    if base is None or not base.jumps_to(part.chain):
        missing.append(_gone(What.JUMP, part, table.family, f"nothing in {part.base} jumps to {part.chain}", origin))
    if not _holds(chain, network, part):
        where = f"for {network.bridge}" if part.purpose is not Purpose.NAT else "for its subnet"
        missing.append(_gone(What.RULES, part, table.family, f"{part.chain} holds no rule {where}", origin))
    return missing


def _gone(what: What, part: _Part, family: str, text: str, origin: str) -> Gone:
    version = "" if family == "ip" else "IPv6: "
    return Gone(what=what, purpose=part.purpose, text=f"{version}{text}", origin=origin)


def _holds(chain: Chain, network: Network, part: _Part) -> bool:
    """Whether a rule of the chain is the network's: one that names its bridge, or asks for addresses of its subnet."""
    if part.purpose is Purpose.NAT:
        return any((Field.SOURCE4, _span(subnet)) in chain.asked for subnet in _ipv4(network))
    return _names(chain, network.bridge)


def _names(chain: Chain, bridge: str) -> bool:
    return any((field, (bridge, False)) in chain.asked for field in NAMES)


def _in_old_layout(network: Network, ruleset: Ruleset, family: str) -> bool:
    """libvirt before 5.1: no chain of its own, and rules for the bridge in INPUT and in FORWARD."""
    for table in ruleset.tables_of(family, "filter"):
        if any(name.startswith("LIBVIRT_") for name in table.chains):
            continue
        bases = [table.chains.get(name) for name in ("INPUT", "FORWARD")]
        part = _PARTS[0]
        if all(base is not None and _holds(base, network, part) for base in bases):
            return True
    return False


def _ipv4(network: Network) -> tuple[Subnet, ...]:
    return tuple(subnet for subnet in network.subnets if subnet.family == "ipv4" and 0 < subnet.prefix <= 32)


# Every rule of a chain is held against it.
@lru_cache(maxsize=1024)
def _span(subnet: Subnet) -> Range:
    """First and last address as numbers; one that is no subnet spans nothing that a rule could ask for."""
    try:
        net = ip_network((subnet.address, subnet.prefix), strict=False)
    except ValueError:
        return (-1, -1)
    return int(net.network_address), int(net.broadcast_address)


def _gone_native(network: Network, ruleset: Ruleset, family: str) -> list[Gone]:
    table = next(iter(ruleset.tables_of(family, _NATIVE_TABLE)), None)
    if table is None:
        text = f"there is no table {family} {_NATIVE_TABLE}"
        return [Gone(what=What.CHAIN, purpose=Purpose.FORWARDING, text=text, origin="nft list tables")]
    missing = []
    for base, name, purpose in _NATIVE_PARTS:
        if purpose is Purpose.NAT and (network.forward != "nat" or family != "ip" or not _ipv4(network)):
            continue
        for what, text in _missing_native(network, table, base, name):
            missing.append(Gone(what=what, purpose=purpose, text=text, origin=table.origin))
    return missing


def _missing_native(network: Network, table: Table, base: str, name: str) -> list[tuple[What, str]]:
    chain = table.chains.get(name)
    if chain is None:
        return [(What.CHAIN, f"there is no chain {name}")]
    missing = []
    start = table.chains.get(base)
    if base and (start is None or not start.jumps_to(name)):
        missing.append((What.JUMP, f"nothing in {base} jumps to {name}"))
    # What nothing leads to is not listed either.
    if not chain.unlisted and not _is_native_of(network, chain):
        missing.append((What.RULES, f"{name} holds no rule for {network.bridge}"))
    return missing


def _is_native_of(network: Network, chain: Chain) -> bool:
    """Names the bridge, or its subnet, or an interface by number (whose number that is, is another question)."""
    if _names(chain, network.bridge) or any(field in _INDEXES for field, _ in chain.asked):
        return True
    spans = [_span(subnet) for subnet in network.subnets]
    return any((field, span) in chain.asked for field in _ADDRESSES for span in spans)
