"""What `nft -a list ruleset` prints, as far as a traced packet needs it: hooks, policies, and rules by their handles.

Not a rule's meaning, which is `netfilter`'s: a traced packet tells the handle, and what is wanted is words.
"""

import re

import msgspec

from pxedoctor.model.traced import HeardRule

ChainName = tuple[str, str, str]

_TABLE = re.compile(r"table (\S+) (\S+) \{")
_CHAIN = re.compile(r"\tchain (\S+) \{")
_BASE = re.compile(r"\t\ttype \w+ hook (\w+) .*priority [^;]+;(?: policy (\w+);)?")
_RULE = re.compile(r"\t\t(.*) # handle (\d+)$")
_COUNTED = re.compile(r"counter packets \d+ bytes \d+")


class ListedChain(msgspec.Struct, frozen=True):
    """`hook` and `policy` are "" for a chain that is only jumped to."""

    hook: str
    policy: str
    rules: dict[int, str]

    def says(self, met: HeardRule) -> bool:
        """Whether the rule that was met is one of these; a policy and a return always are."""
        return met.kind != "rule" or met.handle in self.rules

    def text(self, met: HeardRule) -> str:
        if met.kind == "policy":
            return f"policy {self.policy}" if self.policy else ""
        return self.rules.get(met.handle or 0, "") if met.kind == "rule" else ""


def listed(text: str) -> dict[ChainName, ListedChain]:
    """Every chain of a listing. What is no line of one is passed over."""
    found: dict[ChainName, ListedChain] = {}
    family = table = ""
    name: ChainName | None = None
    for line in text.splitlines():
        if head := _TABLE.match(line):
            family, table, name = head[1], head[2], None
        elif head := _CHAIN.match(line):
            name = (family, table, head[1])
            found[name] = ListedChain("", "", {})
        elif name is not None and (base := _BASE.match(line)):
            found[name] = ListedChain(base[1], base[2] or "", {})
        elif name is not None and (rule := _RULE.match(line)):
            found[name].rules[int(rule[2])] = _COUNTED.sub("counter", rule[1])
    return found
