"""Packet filter rules as the host printed them. `netfilter` and `road` understand them."""

from typing import Literal

import msgspec

Dialect = Literal["iptables-save", "nft-json", "nft-text"]
Variant = Literal["nft", "legacy", "native"]


class RulesText(msgspec.Struct, frozen=True, kw_only=True):
    """One listing: `family` ip, ip6, inet, bridge, arp or netdev; `origin` is the command that printed it."""

    family: str
    dialect: Dialect
    variant: Variant
    origin: str
    text: str


class Unlisted(msgspec.Struct, frozen=True, kw_only=True):
    """Rules that exist, or may, and could not be listed: of which family ("" any), why, and what would help."""

    family: str
    why: str
    would_help: str = ""


class Netfilter(msgspec.Struct, frozen=True, kw_only=True):
    """All listings of a host, and what could not be listed. No listing and nothing unlisted: there is no rule."""

    listings: tuple[RulesText, ...] = ()
    unlisted: tuple[Unlisted, ...] = ()
