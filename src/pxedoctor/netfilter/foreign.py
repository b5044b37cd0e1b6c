"""Rules of somebody else in chains of iptables-nft, taken from nft's listing: a save command may print them wrongly.

Where both listings and the kernel's own count agree, only those rules are nft's, each in its place: nft cannot print
what xt matches say. Where they do not agree, the whole chain is nft's. Without nft's listing the chain is not known.
"""

import msgspec

from pxedoctor.model.netfilter import ForeignRules
from pxedoctor.netfilter.syntax import Chain, Rule, RuleReader, Table

# Of a rule that stands in another listing than its chain does (syntax.Rule).
_NO_LINE = 0


def with_foreign_rules(
    saved: tuple[Table, ...], pieces: tuple[Table, ...], foreign: tuple[ForeignRules, ...]
) -> tuple[Table, ...]:
    """`saved`: the tables of the save commands. `pieces`: what nft listed, chain by chain or table by table."""
    if not foreign:
        return saved
    listed = {
        (piece.family, piece.name, name): (piece, chain) for piece in pieces for name, chain in piece.chains.items()
    }
    return tuple(_with_foreign_rules(table, listed, foreign) for table in saved)


def _with_foreign_rules(
    table: Table, listed: dict[tuple[str, str, str], tuple[Table, Chain]], foreign: tuple[ForeignRules, ...]
) -> Table:
    chains = dict(table.chains)
    for entry in foreign:
        is_here = table.variant == "nft" and (table.family, table.name) == (entry.family, entry.table)
        if is_here and entry.chain in chains:
            piece, native = listed.get((entry.family, entry.table, entry.chain), (None, None))
            chains[entry.chain] = _true(chains[entry.chain], piece, native, entry)
    return msgspec.structs.replace(table, chains=chains)


def _true(chain: Chain, piece: Table | None, native: Chain | None, entry: ForeignRules) -> Chain:
    if piece is None or native is None:
        return msgspec.structs.replace(chain, unlisted=f"{entry.why}; nft did not list it")
    counts = {len(chain.written), len(native.written), entry.count}
    if len(counts) == 1 and entry.numbers and max(entry.numbers) <= entry.count:
        return _merged(chain, native, frozenset(entry.numbers))
    return msgspec.structs.replace(chain, written=native.written, reader=native.reader, origin=piece.origin)


def _merged(chain: Chain, native: Chain, numbers: frozenset[int]) -> Chain:
    pairs = zip(chain.written, native.written, strict=True)
    written = tuple(
        (_NO_LINE, theirs[1]) if number in numbers else ours for number, (ours, theirs) in enumerate(pairs, start=1)
    )
    return msgspec.structs.replace(chain, written=written, reader=_reader(chain.reader, native.reader))


def _reader(saved: RuleReader, native: RuleReader) -> RuleReader:
    def read(chain: str, line: int, text: str) -> Rule:
        return (native if line == _NO_LINE else saved)(chain, line, text)

    return read
