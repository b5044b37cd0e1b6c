"""Text of `nft [-a] list ruleset`, `list table`, `list chain`, `list chains`, of nft 0.9 to 1.1, to tables.

1. The structure is read at once: tables, chains with hook, priority and policy, sets with their elements. Rules stay
   lines until somebody asks for them (`Chain.rules`).
2. A listing is whole blocks in braces. One that breaks off, or a line that is none of nft's, is a ListingError.
3. Versions print the same rules with small differences, all of which are read. One cannot be: nft 0.9 leaves out the
   `meta protocol ip` that a rule of a bridge table has before a port.
4. A comment may hold any text, line breaks too, which nft prints as they are: only JSON is safe from that. What follows
   such a break is then a rule that is not understood, or a ListingError.
"""

import re
from functools import partial

from pxedoctor.netfilter.nft_block import TableBlock
from pxedoctor.netfilter.nft_noise import without_warnings
from pxedoctor.netfilter.syntax import ListingError, Rule, RuleReader, Table

# Tables that iptables-nft and its kin write.
_XTABLES = frozenset({"filter", "nat", "mangle", "raw", "security", "broute"})
_TABLE = re.compile(r"table (ip|ip6|inet|arp|bridge|netdev) (\S+) \{( #.*)?$")


def parse_nft_text(text: str, origin: str) -> tuple[Table, ...]:
    """The tables of one listing, in its order. `origin`: the command or file. Raises ListingError."""
    alone, is_veiled = without_warnings(text)
    lines = alone.split("\n")
    tables: list[Table] = []
    at = 0
    while at < len(lines):
        line = lines[at].strip()
        at += 1
        if not line or line.startswith("#"):
            continue
        header = _TABLE.match(line)
        if header is None:
            raise ListingError(at, f"not the beginning of a table: {line[:60]}")
        reader = _reader_of(header[1], is_veiled and header[2] in _XTABLES)
        block = TableBlock(header[1], header[2], origin, reader)
        at = block.read(lines, at)
        tables.append(block.done())
    return tuple(tables)


def _reader_of(family: str, is_veiled: bool) -> RuleReader:
    """Reads the rules of a table of this family. `is_veiled`: extensions of xtables are passed over in the listing."""
    return partial(_veiled_rule if is_veiled else _rule, family)


def _rule(family: str, chain: str, line: int, written: str) -> Rule:
    # What a rule may say is a third of netfilter/, and of many a listing no rule is ever read.
    from pxedoctor.netfilter.nft_rule import read_rule

    return read_rule(family, chain, line, written)


def _veiled_rule(family: str, chain: str, line: int, written: str) -> Rule:
    from pxedoctor.netfilter.nft_rule import read_veiled_rule

    return read_veiled_rule(family, chain, line, written)
