"""Native nftables tables from nft's own text, as far as `native` needs them: until the road walks the new syntax tree.

A rule becomes one statement for each of its words that says what could happen: where it jumps, what names it holds, and
whether any word of it could end a packet.
"""

import re

from pxedoctor.model.netfilter import RulesText
from pxedoctor.netfilter.native import NativeChain, NativeRule, NativeTable

_HOOK = re.compile(r"type (\w+) hook (\w+) .*priority ([\w-]+)(?: ([+-]) (\d+))?; policy (\w+);")
_PRIORITIES = {"raw": -300, "mangle": -150, "dstnat": -100, "filter": 0, "security": 50, "srcnat": 100}
_HARMFUL = re.compile(r"\b(drop|reject|queue|vmap|dnat|snat|masquerade|redirect|tproxy|synproxy|dup|fwd|set|xt)\b")
_JUMP = re.compile(r"\b(?:jump|goto) (\S+)")
_WORD = re.compile(r'"([^"]*)"|([^\s",{}]+)')
_HANDLE = re.compile(r" # handle (\d+)$")


def parse_native_text(listings: tuple[RulesText, ...]) -> tuple[NativeTable, ...]:
    """The tables of all these listings; of a table that was listed chain by chain, one with all its chains."""
    tables: dict[tuple[str, str], NativeTable] = {}
    for listing in listings:
        where, chain = NativeTable(family="", name="", origin=""), ""
        for line in listing.text.splitlines():
            words, text = line.split(), line.strip()
            if words[:1] == ["table"] and not line.startswith("\t"):
                key = (words[1], words[2])
                origin = f"nft -a list table {' '.join(key)}"
                where = tables.setdefault(key, NativeTable(family=key[0], name=key[1], origin=origin, chains={}))
            elif words[:1] == ["chain"]:
                chain = words[1]
                where.chains.setdefault(chain, NativeChain(name=chain))
            elif line == "\t}":
                chain = ""
            elif chain and text:
                where.chains[chain] = _with(where.chains[chain], text)
    return tuple(tables.values())


def _with(chain: NativeChain, text: str) -> NativeChain:
    head = _HOOK.match(text)
    if head is None:
        rules = (*chain.rules, _rule(chain.name, text))
        return NativeChain(name=chain.name, hook=chain.hook, priority=chain.priority, policy=chain.policy, rules=rules)
    number = head[3].lstrip("-")
    priority = int(head[3]) if number.isdigit() else _PRIORITIES.get(head[3], 0)
    priority += int(f"{head[4]}{head[5]}") if head[4] else 0
    return NativeChain(name=chain.name, hook=head[2], priority=priority, policy=head[6], rules=chain.rules)


def _rule(chain: str, text: str) -> NativeRule:
    handle = _HANDLE.search(text)
    body = text[: handle.start()] if handle else text
    statements: list[dict[str, object]] = [{"jump": {"target": target}} for target in _JUMP.findall(body)]
    statements += [{"match": {"right": _value(word)}} for word in (a or b for a, b in _WORD.findall(body))]
    if _HARMFUL.search(body):
        statements.append({"harm": None})
    return NativeRule(chain=chain, handle=int(handle[1]) if handle else 0, statements=tuple(statements))


def _value(word: str) -> object:
    address, slash, length = word.partition("/")
    return {"prefix": {"addr": address, "len": int(length)}} if slash and length.isdigit() else word
