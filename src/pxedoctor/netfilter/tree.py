"""A saved ruleset as a tree: tables, chains, rules; every rule keeps its text and where it stands."""

import msgspec

from pxedoctor.netfilter.match import Match


class Target(msgspec.Struct, frozen=True):
    """What a rule does: `name` a chain or a target's name, `options` the rest, verbatim. `goto`: -g instead of -j."""

    name: str
    options: str = ""
    goto: bool = False


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """`line` counts from 1 in the listing; 0 for a rule that stands in no listing. No target: it only counts."""

    chain: str
    line: int
    text: str
    matches: tuple[Match, ...] = ()
    target: Target | None = None


class Chain(msgspec.Struct, frozen=True, kw_only=True):
    """`policy` is ACCEPT or DROP for a built-in chain, None for a user's; `text` is its declaration."""

    name: str
    line: int
    text: str
    policy: str | None = None
    rules: tuple[Rule, ...] = ()

    def jumps_to(self, chain: str) -> bool:
        return any(rule.target is not None and rule.target.name == chain for rule in self.rules)


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """One table of one listing. `family` is ip or ip6; `origin` the command that printed it."""

    family: str
    name: str
    origin: str
    chains: dict[str, Chain] = {}

    def with_chain(self, chain: Chain) -> "Table":
        return msgspec.structs.replace(self, chains=self.chains | {chain.name: chain})


class RulesError(Exception):
    """A listing that is no listing: cut short, or not what iptables-save prints. Names the line."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}")
        self.line = line
        self.why = why
