"""Packet filter rules as the host printed them. `netfilter` and `road` understand them."""

from typing import Literal

import msgspec

# nft-chains is nft's text too, of `nft -a list chains`: every chain's head, and no rule.
Dialect = Literal[
    "iptables-save", "ebtables-save", "arptables-save", "ipset-save", "nft-json", "nft-text", "nft-chains"
]
Variant = Literal["nft", "legacy", "native"]


class RulesText(msgspec.Struct, frozen=True, kw_only=True):
    """One listing: `family` ip, ip6, inet, bridge, arp or netdev, "" any; `origin` is the command that printed it.

    `except_tables`: tables that it lists wrongly (native rules in a table of iptables-nft); another listing has them.
    """

    family: str
    dialect: Dialect
    variant: Variant
    origin: str
    text: str
    except_tables: frozenset[str] = frozenset()


class Unlisted(msgspec.Struct, frozen=True, kw_only=True):
    """Rules that exist, or may, and could not be listed: of which family ("" any), why, and what would help.

    With `table` and `chain`: of that one only; a chain is also known by its head, with its hook and policy.
    """

    family: str
    why: str
    would_help: str = ""
    table: str = ""
    chain: str = ""


class ForeignRules(msgspec.Struct, frozen=True, kw_only=True):
    """A chain of iptables-nft that its save command lists, and not as it is: rules that it has not written itself.

    `count`: of the chain's rules in the kernel. `numbers` of the foreign ones among them, the first rule is 1; none:
    the save command lists another number of rules.
    """

    family: str
    table: str
    chain: str
    count: int
    numbers: tuple[int, ...]
    why: str


class Netfilter(msgspec.Struct, frozen=True, kw_only=True):
    """All listings of a host, and what could not be listed. No listing and nothing unlisted: there is no rule.

    `dormant`: (family, table) of tables that are in the kernel and hook nothing. `queues`: the numbers of the queues
    that somebody listens on; None: not known. `foreign`: chains of iptables-nft with rules of somebody else.
    """

    listings: tuple[RulesText, ...] = ()
    unlisted: tuple[Unlisted, ...] = ()
    dormant: frozenset[tuple[str, str]] = frozenset()
    queues: frozenset[int] | None = None
    foreign: tuple[ForeignRules, ...] = ()
