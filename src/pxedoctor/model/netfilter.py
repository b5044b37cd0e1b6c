"""Packet filter rules as the host printed them. `netfilter` and `road` understand them."""

from typing import Literal

import msgspec

Dialect = Literal["iptables-save", "nft-json", "nft-text"]
Variant = Literal["nft", "legacy", "native"]


class RulesText(msgspec.Struct, frozen=True, kw_only=True):
    """One listing: `family` ip, ip6, bridge, arp or "" (several); `origin` is the command that printed it."""

    family: str
    dialect: Dialect
    variant: Variant
    origin: str
    text: str


class Netfilter(msgspec.Struct, frozen=True, kw_only=True):
    """All listings of a host. `unreadable` says, one sentence each, what exists but could not be listed."""

    listings: tuple[RulesText, ...] = ()
    unreadable: tuple[str, ...] = ()
