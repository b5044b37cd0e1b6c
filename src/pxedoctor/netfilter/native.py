"""Native nftables tables from `nft -j list table` (libnftables-json(5)): their base chains, and which can drop.

Rules are not evaluated yet. A base chain is harmless where its policy is accept and no rule that it can reach holds a
word that could end a packet; of any other chain the caller can only say that it is there.
"""

import json

import msgspec

from pxedoctor.model.netfilter import RulesText
from pxedoctor.netfilter.tree import RulesError

# Statements that let a packet go on, whatever they match; jumps are followed, verdict maps and the rest are not.
_GOES_ON = frozenset({"match", "counter", "log", "accept", "return", "continue", "limit", "quota"})
_JUMPS = frozenset({"jump", "goto"})


class NativeRule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule: its statements as nft wrote them."""

    chain: str
    handle: int
    statements: tuple[dict[str, object], ...]


class NativeChain(msgspec.Struct, frozen=True, kw_only=True):
    """`hook` is "" for a chain that is only jumped to."""

    name: str
    hook: str = ""
    priority: int = 0
    policy: str = "accept"
    rules: tuple[NativeRule, ...] = ()


class NativeTable(msgspec.Struct, frozen=True, kw_only=True):
    family: str
    name: str
    origin: str
    chains: dict[str, NativeChain] = {}

    def base_chains(self, hook: str) -> tuple[NativeChain, ...]:
        return tuple(chain for chain in self.chains.values() if chain.hook == hook)


def parse_native(listing: RulesText) -> tuple[NativeTable, ...]:
    """The tables of one JSON listing. Raises RulesError, with the line where the JSON breaks off."""
    try:
        value: object = json.loads(listing.text)
    except json.JSONDecodeError as error:
        raise RulesError(error.lineno, f"not JSON: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise RulesError(1, f"not JSON: {error}") from error
    entries = value.get("nftables") if isinstance(value, dict) else None
    if not isinstance(entries, list):
        raise RulesError(1, "not a listing of nft: no array `nftables`")
    objects = [entry for entry in entries if isinstance(entry, dict)]
    rules = [_rule(found) for found in _each(objects, "rule")]
    chains = [_chain(found, rules) for found in _each(objects, "chain")]
    return tuple(
        NativeTable(
            family=_word(found, "family"),
            name=_word(found, "name"),
            origin=listing.origin,
            chains={chain.name: chain for owner, chain in chains if owner == _word(found, "name")},
        )
        for found in _each(objects, "table")
    )


def could_drop(table: NativeTable, base: NativeChain) -> bool:
    """False only where no packet at all can end in this base chain."""
    if base.policy != "accept":
        return True
    waiting, seen = [base.name], {base.name}
    while waiting:
        chain = table.chains.get(waiting.pop())
        if chain is None:
            return True
        for rule in chain.rules:
            reached = _reached(rule)
            if reached is None:
                return True
            waiting.extend(name for name in reached if name not in seen)
            seen.update(reached)
    return False


def _reached(rule: NativeRule) -> tuple[str, ...] | None:
    """The chains that a rule leads to; None where it holds anything that could end a packet."""
    chains: list[str] = []
    for statement in rule.statements:
        for key, value in statement.items():
            if key in _JUMPS and isinstance(value, dict):
                chains.append(_word(value, "target"))
            elif key not in _GOES_ON:
                return None
    return tuple(chains)


def _each(objects: list[dict[str, object]], kind: str) -> list[dict[str, object]]:
    return [found for entry in objects if isinstance(found := entry.get(kind), dict)]


def _chain(found: dict[str, object], rules: list[tuple[str, NativeRule]]) -> tuple[str, NativeChain]:
    table, name = _word(found, "table"), _word(found, "name")
    priority = found.get("prio")
    return table, NativeChain(
        name=name,
        hook=_word(found, "hook"),
        priority=priority if isinstance(priority, int) else 0,
        policy=_word(found, "policy") or "accept",
        rules=tuple(rule for owner, rule in rules if owner == table and rule.chain == name),
    )


def _rule(found: dict[str, object]) -> tuple[str, NativeRule]:
    handle, statements = found.get("handle"), found.get("expr")
    rule = NativeRule(
        chain=_word(found, "chain"),
        handle=handle if isinstance(handle, int) else 0,
        statements=tuple(entry for entry in statements if isinstance(entry, dict))
        if isinstance(statements, list)
        else (),
    )
    return _word(found, "table"), rule


def _word(found: dict[str, object], key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""
