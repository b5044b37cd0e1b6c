"""A native table that was listed in pieces (its heads, some chains, some sets), put together again."""

import re

import msgspec

from pxedoctor.netfilter.syntax import Chain, NamedSet, Table

NOT_ASKED = "its rules were not asked for, because no base chain was seen to lead to it"
BASE_NOT_ASKED = "its rules were not asked for: nft knows no chain by this name, or the table is dormant"
# Sets that rules write (nft(8), SET STATEMENT); in old versions `set add ip saddr @seen`.
_WRITES = re.compile(r"\b(?:add|update|delete) @([\w./-]+)|\bset (?:add|update) [^@]*@([\w./-]+)")


def put_together(heads: tuple[Table, ...], pieces: tuple[Table, ...]) -> tuple[Table, ...]:
    """One table for each name, in the order of `heads` and then of `pieces`.

    `heads` have every chain with its hook and policy, and no rule: a chain that no piece lists keeps its head, and says
    that it is not listed. A piece's chain says where it was listed.
    """
    tables: dict[tuple[str, str], Table] = {}
    for head in heads:
        chains = {name: _unlisted(chain) for name, chain in head.chains.items()}
        tables[head.family, head.name] = msgspec.structs.replace(head, chains=chains)
    for piece in pieces:
        key = (piece.family, piece.name)
        tables[key] = _joined(tables[key], piece) if key in tables else piece
    return tuple(_with_written_sets(table) for table in tables.values())


def _unlisted(chain: Chain) -> Chain:
    return msgspec.structs.replace(chain, unlisted=BASE_NOT_ASKED if chain.hook else NOT_ASKED)


def _joined(table: Table, piece: Table) -> Table:
    chains = {name: msgspec.structs.replace(chain, origin=piece.origin) for name, chain in piece.chains.items()}
    return msgspec.structs.replace(
        table,
        origin=f"nft -a list table {table.family} {table.name}",
        dormant=table.dormant or piece.dormant,
        chains=table.chains | chains,
        sets=table.sets | piece.sets,
    )


def _with_written_sets(table: Table) -> Table:
    """A set that rules write is not what it was when it was listed; the rule and the set may stand in two pieces."""
    written = {name for chain in table.chains.values() for name in _written_by(chain)} if table.sets else set[str]()
    doubted = {name: _doubted(known) for name, known in table.sets.items() if name in written and known.known}
    return msgspec.structs.replace(table, sets=table.sets | doubted) if doubted else table


def _written_by(chain: Chain) -> set[str]:
    texts = (text for _, text in chain.written if " @" in text)
    return {first or second for text in texts for first, second in _WRITES.findall(text)}


def _doubted(known: NamedSet) -> NamedSet:
    return msgspec.structs.replace(known, known=False, why="rules write it")
