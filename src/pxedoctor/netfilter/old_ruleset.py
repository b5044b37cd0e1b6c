"""What `ruleset` replaces: rules as `save` and `native` understand them, while the road still walks those."""

import msgspec

from pxedoctor.model.netfilter import Netfilter, RulesText, Unlisted
from pxedoctor.netfilter.native import NativeTable, parse_native
from pxedoctor.netfilter.native_text import parse_native_text
from pxedoctor.netfilter.save import parse_save
from pxedoctor.netfilter.tree import RulesError, Table

_BUILT_IN = frozenset({"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"})


class Ruleset(msgspec.Struct, frozen=True, kw_only=True):
    """`tables` are iptables' (ip and ip6); bridge and arp listings are left to their own hops."""

    tables: tuple[Table, ...] = ()
    native: tuple[NativeTable, ...] = ()
    unlisted: tuple[Unlisted, ...] = ()

    def tables_of(self, family: str, name: str) -> tuple[Table, ...]:
        """One per variant: a host may have rules of iptables-nft and of iptables-legacy side by side."""
        return tuple(table for table in self.tables if (table.family, table.name) == (family, name))

    def with_table(self, before: Table, after: Table) -> "Ruleset":
        tables = tuple(after if table is before else table for table in self.tables)
        return msgspec.structs.replace(self, tables=tables)


def understood(netfilter: Netfilter) -> Ruleset:
    """A listing that is no listing becomes `unlisted`, with its command and the line; the others stay."""
    tables: list[Table] = []
    native: list[NativeTable] = []
    unlisted = list(netfilter.unlisted)
    for listing in netfilter.listings:
        try:
            if listing.dialect == "iptables-save" and listing.family in {"ip", "ip6"}:
                wrong = listing.except_tables
                tables.extend(table for table in parse_save(listing) if table.name not in wrong)
            elif listing.dialect == "nft-json":
                native.extend(parse_native(listing))
        except RulesError as error:
            unlisted.append(_not_understood(listing, error))
    texts = tuple(listing for listing in netfilter.listings if listing.dialect == "nft-text")
    native.extend(table for table in parse_native_text(texts) if (table.family, table.name) not in netfilter.dormant)
    saved = {(table.family, table.name) for table in tables}
    return Ruleset(
        tables=tuple(tables),
        native=tuple(_without_saved_chains(table, saved) for table in native),
        unlisted=tuple(unlisted),
    )


def _not_understood(listing: RulesText, error: RulesError) -> Unlisted:
    why = f"what `{listing.origin}` printed is not understood: {error}"
    return Unlisted(family=listing.family, why=why, would_help="report it with `pxedoctor snapshot -o FILE`")


def _without_saved_chains(table: NativeTable, saved: set[tuple[str, str]]) -> NativeTable:
    # A foreign base chain in a table of iptables-nft: the save command lists all the others, and so does nft.
    if (table.family, table.name) not in saved:
        return table
    chains = {name: chain for name, chain in table.chains.items() if name not in _BUILT_IN}
    return msgspec.structs.replace(table, chains=chains)
