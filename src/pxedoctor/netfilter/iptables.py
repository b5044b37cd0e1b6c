"""iptables-save and ip6tables-save text (nft and legacy variant) to tables; rules are read when somebody asks."""

import re
from collections.abc import Mapping
from typing import Literal

from pxedoctor.netfilter.iptables_rule import IptablesReader
from pxedoctor.netfilter.saved_listing import Declared, Form, Listed, read_listing
from pxedoctor.netfilter.saved_values import Ip
from pxedoctor.netfilter.syntax import Chain, NamedSet, Table

Variant = Literal["nft", "legacy", "native"]


def _form(security: int) -> Form:
    """include/uapi/linux/netfilter_ipv4.h NF_IP_PRI_*; the IPv6 ones are the same."""
    inside = ("INPUT", "FORWARD", "OUTPUT")
    hooks = {
        "raw": {"PREROUTING": ("prerouting", -300), "OUTPUT": ("output", -300)},
        "mangle": {chain: (chain.lower(), -150) for chain in ("PREROUTING", *inside, "POSTROUTING")},
        "nat": {
            "PREROUTING": ("prerouting", -100),
            "INPUT": ("input", 100),
            "OUTPUT": ("output", -100),
            "POSTROUTING": ("postrouting", 100),
        },
        "filter": {chain: (chain.lower(), 0) for chain in inside},
        "security": {chain: (chain.lower(), security) for chain in inside},
    }
    return Form("iptables", hooks, commits=True, user_policies=frozenset({"-"}))


# The nft variant hooks its security table later than the kernel's own (iptables/nft.c xtables_ipv4).
_FORMS: Mapping[Variant, Form] = {"nft": _form(150), "legacy": _form(50), "native": _form(50)}

_CHANGES_SET = re.compile(r" --(?:add|del)-set (\S+)")


def parse_iptables(text: str, family: Ip, origin: str, variant: Variant) -> tuple[Table, ...]:
    """The tables of one listing, in its order. Raises ListingError. `origin` is the command that printed it.

    A set that rules themselves fill is not what it was when it was listed: such a set is not known in any table.
    """
    # The plain word first: of 5 MB a pattern takes 30 ms.
    names = sorted(set(_CHANGES_SET.findall(text))) if "-set " in text else []
    sets = {name: NamedSet(name=name, known=False, why="rules change it (-j SET)") for name in names}
    return tuple(
        Table(
            family=family,
            name=listed.name,
            origin=origin,
            dialect="iptables",
            variant=variant,
            chains=_chains(listed, family),
            sets=sets,
        )
        for listed in read_listing(text, _FORMS[variant])
    )


def _chains(listed: Listed, family: Ip) -> dict[str, Chain]:
    reader = IptablesReader(family, frozenset(listed.chains))
    return {name: _chain(name, listed.name, chain, reader) for name, chain in listed.chains.items()}


def _chain(name: str, table: str, declared: Declared, reader: IptablesReader) -> Chain:
    kind = "filter"
    if declared.hook and table == "nat":
        kind = "nat"
    elif declared.hook == "output" and table == "mangle":
        kind = "route"
    return Chain(
        name=name,
        line=declared.line,
        text=declared.text,
        reader=reader,
        hook=declared.hook,
        priority=declared.priority,
        policy=declared.policy,
        kind=kind,
        written=declared.rules,
    )
