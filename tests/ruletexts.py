"""Tables of the syntax tree for tests of whose rule it is: names, jumps and comments of a listing, and nothing else."""

import re
from pathlib import Path

from pxedoctor.netfilter.syntax import Chain, Dialect, Jump, Rule, Table

OWNERS = Path(__file__).parent / "netfilter/data/owners"
_TARGET = re.compile(r"(?:-[jg]|jump|goto) (\S+)")
_COMMENT = re.compile(r'(?<!-m )comment (?:"([^"]*)"|(\S+))')


def real(name: str) -> str:
    """A listing or file as the program itself wrote it."""
    return (OWNERS / name).read_text(encoding="utf-8")


def _rule_in(chains: frozenset[str]) -> object:
    def rule(chain: str, line: int, text: str) -> Rule:
        comment = _COMMENT.search(text)
        return Rule(
            chain=chain,
            line=line,
            text=text,
            parts=tuple(Jump(target) for target in _TARGET.findall(text) if target in chains),
            comment=(comment[1] or comment[2]) if comment else "",
        )

    return rule


def saved_table(text: str, name: str = "filter", family: str = "ip", dialect: Dialect = "iptables") -> Table:
    """One table of an iptables-save or ebtables-save listing."""
    heads: dict[str, tuple[int, str]] = {}
    rules: dict[str, list[tuple[int, str]]] = {}
    here = ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("*"):
            here = line[1:]
        elif here == name and line.startswith(":"):
            heads[line[1:].split()[0]] = (number, line)
        elif here == name and line.startswith("-A "):
            rules.setdefault(line.split()[1], []).append((number, line))
    reader = _rule_in(frozenset(heads))
    chains = {
        chain: Chain(
            name=chain,
            line=number,
            text=head,
            reader=reader,  # type: ignore[arg-type]
            hook=chain.lower() if chain.isupper() and "-" not in chain and "_" not in chain else "",
            policy=head.split()[1].lower().strip("-"),
            written=tuple(rules.get(chain, ())),
        )
        for chain, (number, head) in heads.items()
    }
    return Table(family=family, name=name, origin="iptables-save", dialect=dialect, variant="nft", chains=chains)


def nft_table(family: str, name: str, **chains: tuple[str, ...]) -> Table:
    """A table of nft's own; a chain called input, forward or output has that hook and the policy drop."""
    reader = _rule_in(frozenset(chains))
    made = {
        chain: Chain(
            name=chain,
            line=1,
            text="",
            reader=reader,  # type: ignore[arg-type]
            hook=chain if chain in {"input", "forward", "output"} else "",
            policy="drop" if chain in {"input", "forward", "output"} else "",
            written=tuple(enumerate(rules, 1)),
        )
        for chain, rules in chains.items()
    }
    return Table(family=family, name=name, origin="nft -j list ruleset", dialect="nft", chains=made)


def rule_of(table: Table, chain: str, text: str) -> Rule:
    """The rule of this text."""
    return next(rule for rule in table.chains[chain].rules if rule.text == text)
