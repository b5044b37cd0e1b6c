"""All rules of a host, understood: one list of tables, whatever program listed each, and what could not be listed.

1. A listing that is no listing becomes `unlisted`, with its command and the line; the others stay.
2. A native table that was listed chain by chain is one table. A chain that exists and was not listed says so.
3. A table of iptables-nft that both its save command and nft list is the save command's: nft cannot print what xt
   matches say. nft's listing then adds what the save command passes over: base chains of somebody else. Where a save
   command is known to print a table wrongly, it is nft's; where a few rules, those are (netfilter/foreign.py).
"""

from functools import lru_cache

import msgspec

from pxedoctor.model.netfilter import Netfilter, RulesText, Unlisted
from pxedoctor.netfilter.foreign import with_foreign_rules
from pxedoctor.netfilter.iptables import parse_iptables
from pxedoctor.netfilter.nft_text import parse_nft_text
from pxedoctor.netfilter.pieces import put_together
from pxedoctor.netfilter.syntax import ListingError, NamedSet, Table

_WOULD_HELP = "report it with `pxedoctor snapshot -o FILE`"


class Ruleset(msgspec.Struct, frozen=True, kw_only=True):
    """`queues`: the queues that somebody listens on; None: not known."""

    tables: tuple[Table, ...] = ()
    ipsets: dict[str, NamedSet] = {}
    unlisted: tuple[Unlisted, ...] = ()
    queues: frozenset[int] | None = None

    def tables_of(self, family: str, name: str) -> tuple[Table, ...]:
        """One per variant: a host may have rules of iptables-nft and of iptables-legacy side by side."""
        return tuple(table for table in self.tables if (table.family, table.name) == (family, name))

    def with_table(self, before: Table, after: Table) -> "Ruleset":
        tables = tuple(after if table is before else table for table in self.tables)
        return msgspec.structs.replace(self, tables=tables)


# Every check and every road of a diagnosis asks about the same host.
@lru_cache(maxsize=4)
def understood(netfilter: Netfilter) -> Ruleset:
    parsed = _Parsed(netfilter)
    native = _without_saved_chains(put_together(parsed.heads, parsed.pieces), parsed.saved)
    saved = with_foreign_rules(parsed.saved, parsed.pieces, netfilter.foreign)
    reasons = (*netfilter.unlisted, *parsed.unlisted)
    known = {(table.family, table.name) for table in native}
    awake = (_awake_or_not(table, netfilter) for table in (*saved, *native))
    return Ruleset(
        tables=tuple(_with_reasons(table, reasons) for table in awake),
        ipsets=parsed.ipsets,
        unlisted=tuple(entry for entry in reasons if (entry.family, entry.table) not in known),
        queues=netfilter.queues,
    )


class _Parsed:
    """Every listing, by what it is; `unlisted` are those that were none."""

    def __init__(self, netfilter: Netfilter) -> None:
        self.saved: tuple[Table, ...] = ()
        self.heads: tuple[Table, ...] = ()
        self.pieces: tuple[Table, ...] = ()
        self.ipsets: dict[str, NamedSet] = {}
        self.unlisted: tuple[Unlisted, ...] = ()
        for listing in netfilter.listings:
            try:
                self._take(listing)
            except ListingError as error:
                self.unlisted += _not_understood(listing, error)

    def _take(self, listing: RulesText) -> None:
        # A dialect is imported where a host speaks it: few speak more than two.
        match listing.dialect:
            case "ipset-save":
                from pxedoctor.netfilter.ipset import parse_ipset

                self.ipsets |= parse_ipset(listing.text)
            case "nft-chains":
                self.heads += parse_nft_text(listing.text, listing.origin)
            case "nft-text":
                self.pieces += parse_nft_text(listing.text, listing.origin)
            case "nft-json":
                from pxedoctor.netfilter.nft_json import parse_nft_json

                self.pieces += parse_nft_json(listing.text, listing.origin)
            case _:
                tables = _saved(listing)
                self.saved += tuple(table for table in tables if table.name not in listing.except_tables)


def _saved(listing: RulesText) -> tuple[Table, ...]:
    match listing.dialect, listing.family:
        case "iptables-save", ("ip" | "ip6") as family:
            return parse_iptables(listing.text, family, listing.origin, listing.variant)
        case "ebtables-save", _:
            from pxedoctor.netfilter.ebtables import parse_ebtables

            return parse_ebtables(listing.text, listing.origin, listing.variant)
        case "arptables-save", _:
            from pxedoctor.netfilter.arptables import parse_arptables

            return parse_arptables(listing.text, listing.origin, listing.variant)
    raise ListingError(1, f"no listing of a kind that is known: {listing.dialect}, family {listing.family}")


def _not_understood(listing: RulesText, error: ListingError) -> tuple[Unlisted, ...]:
    """Of the table or chain that the listing was asked for, where it was for one."""
    why = f"what `{listing.origin}` printed is not understood: {error}"
    match listing.origin.split():
        case ["nft", "-a", "list", "chain", family, table, chain]:
            return (Unlisted(family=family, why=why, would_help=_WOULD_HELP, table=table, chain=chain),)
        case ["nft", "-a", "list", "table", family, table]:
            return (Unlisted(family=family, why=why, would_help=_WOULD_HELP, table=table),)
        case ["nft", "-a", "list", "set" | "map", *_]:
            # A rule that looks in a set that is not listed is not decided, and says so itself.
            return ()
        case _:
            return (Unlisted(family=listing.family, why=why, would_help=_WOULD_HELP),)


def _without_saved_chains(native: tuple[Table, ...], saved: tuple[Table, ...]) -> tuple[Table, ...]:
    """Native tables without the base chains that a save command lists; without the table where nothing is left."""
    by_save = {(table.family, table.name): table.chains for table in saved if table.variant == "nft"}
    found: list[Table] = []
    for table in native:
        theirs = by_save.get((table.family, table.name), {})
        chains = {name: chain for name, chain in table.chains.items() if not (chain.hook and name in theirs)}
        if not theirs or any(chain.hook for chain in chains.values()):
            found.append(msgspec.structs.replace(table, chains=chains))
    return tuple(found)


def _awake_or_not(table: Table, netfilter: Netfilter) -> Table:
    is_dormant = table.dormant or (table.family, table.name) in netfilter.dormant
    return msgspec.structs.replace(table, dormant=True) if is_dormant else table


def _with_reasons(table: Table, reasons: tuple[Unlisted, ...]) -> Table:
    """Its chains with the reason why they could not be listed."""
    chains = dict(table.chains)
    for entry in reasons:
        if entry.table and (entry.family, entry.table) == (table.family, table.name):
            names = [entry.chain] if entry.chain else list(chains)
            chains |= {
                name: msgspec.structs.replace(chains[name], unlisted=entry.why) for name in names if name in chains
            }
    return msgspec.structs.replace(table, chains=chains)
