"""ebtables-save text (nft and legacy variant) to tables of family bridge; rules are read when somebody asks.

A user's chain has a policy here (ebtables(8) -P): RETURN goes back to the caller, ACCEPT and DROP end the frame's way.
"""

import msgspec

from pxedoctor.netfilter.ebtables_rule import EbtablesReader
from pxedoctor.netfilter.iptables import Variant
from pxedoctor.netfilter.saved_listing import Declared, Form, Listed, need_completed, read_listing
from pxedoctor.netfilter.syntax import Chain, Table

_FIRST = -(1 << 31)


def _form(filter_output: int) -> Form:
    """include/uapi/linux/netfilter_bridge.h NF_BR_PRI_*, as net/bridge/netfilter/ebtable_*.c register their hooks."""
    hooks = {
        "filter": {"INPUT": ("input", -200), "FORWARD": ("forward", -200), "OUTPUT": ("output", filter_output)},
        "nat": {
            "PREROUTING": ("prerouting", -300),
            "OUTPUT": ("output", 100),
            "POSTROUTING": ("postrouting", 300),
        },
        "broute": {"BROUTING": ("prerouting", _FIRST)},
    }
    return Form("ebtables", hooks, commits=False, user_policies=frozenset({"ACCEPT", "DROP", "RETURN"}))


# The nft variant hooks the whole table filter at -200, as `nft list chains` shows it.
_FORMS = {"nft": _form(-200), "legacy": _form(200), "native": _form(200)}


def parse_ebtables(text: str, origin: str, variant: Variant) -> tuple[Table, ...]:
    """The tables of one listing, in its order. Raises ListingError. `origin` is the command that printed it."""
    tables = read_listing(text, _FORMS[variant])
    need_completed(text)
    return tuple(
        Table(
            family="bridge",
            name=listed.name,
            origin=origin,
            dialect="ebtables",
            variant=variant,
            chains=_chains(listed),
        )
        for listed in tables
    )


def _chains(listed: Listed) -> dict[str, Chain]:
    reader = EbtablesReader(frozenset(listed.chains), listed.name == "broute")
    return {name: _chain(name, listed.name, chain, reader) for name, chain in listed.chains.items()}


def _chain(name: str, table: str, declared: Declared, reader: EbtablesReader) -> Chain:
    chain = Chain(
        name=name,
        line=declared.line,
        text=declared.text,
        reader=reader,
        hook=declared.hook,
        priority=declared.priority,
        policy=declared.policy,
        written=declared.rules,
    )
    if table == "broute" and declared.policy == "drop":
        return msgspec.structs.replace(chain, unlisted="its policy DROP means that frames are routed, not bridged")
    return chain
