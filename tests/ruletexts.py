"""Listings as the programs themselves wrote them, and tables made of them by the real parsers."""

from pathlib import Path

from pxedoctor.netfilter.ebtables import parse_ebtables
from pxedoctor.netfilter.iptables import parse_iptables
from pxedoctor.netfilter.nft_text import parse_nft_text
from pxedoctor.netfilter.syntax import Rule, Table

OWNERS = Path(__file__).parent / "netfilter/data/owners"
_HOOKED = frozenset({"input", "forward", "output"})


def real(name: str) -> str:
    """A listing or file as the program itself wrote it."""
    return (OWNERS / name).read_text(encoding="utf-8")


def saved_table(text: str, name: str = "filter") -> Table:
    """One table of an iptables-save listing."""
    return next(table for table in parse_iptables(text, "ip", "iptables-save", "nft") if table.name == name)


def ebtables_table(text: str, name: str) -> Table:
    """One table of an ebtables-save listing."""
    return next(table for table in parse_ebtables(text, "ebtables-save", "nft") if table.name == name)


def nft_table(family: str, name: str, **chains: tuple[str, ...]) -> Table:
    """A table of nft's own. A chain called input, forward or output (in any case) has that hook and the policy drop."""
    lines = [f"table {family} {name} {{"]
    for chain, rules in chains.items():
        lines.append(f"\tchain {chain} {{")
        if chain.lower() in _HOOKED:
            lines.append(f"\t\ttype filter hook {chain.lower()} priority filter; policy drop;")
        lines += [f"\t\t{rule}" for rule in rules]
        lines.append("\t}")
    return parse_nft_text("\n".join((*lines, "}", "")), "nft -a list ruleset")[0]


def rule_of(table: Table, chain: str, text: str) -> Rule:
    """The rule of this text."""
    return next(rule for rule in table.chains[chain].rules if rule.text == text)
