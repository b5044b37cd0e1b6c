"""iptables-save and ip6tables-save text (nft and legacy variant) to tables; rules are read when somebody asks.

1. A listing is whole tables: `*name`, chain declarations, rules, COMMIT. Anything else is a ListingError with its line.
2. Comments, and the counters before a rule, are passed over; everything else counts.
"""

import re
from typing import Literal

import msgspec

from pxedoctor.netfilter.iptables_rule import IptablesReader
from pxedoctor.netfilter.saved_values import Ip
from pxedoctor.netfilter.syntax import Chain, ListingError, NamedSet, Table

Variant = Literal["nft", "legacy", "native"]

# include/uapi/linux/netfilter_ipv4.h NF_IP_PRI_*; the IPv6 ones are the same.
_HOOKS: dict[str, dict[str, tuple[str, int]]] = {
    "raw": {"PREROUTING": ("prerouting", -300), "OUTPUT": ("output", -300)},
    "mangle": {
        "PREROUTING": ("prerouting", -150),
        "INPUT": ("input", -150),
        "FORWARD": ("forward", -150),
        "OUTPUT": ("output", -150),
        "POSTROUTING": ("postrouting", -150),
    },
    "nat": {
        "PREROUTING": ("prerouting", -100),
        "INPUT": ("input", 100),
        "OUTPUT": ("output", -100),
        "POSTROUTING": ("postrouting", 100),
    },
    "filter": {"INPUT": ("input", 0), "FORWARD": ("forward", 0), "OUTPUT": ("output", 0)},
    "security": {"INPUT": ("input", 50), "FORWARD": ("forward", 50), "OUTPUT": ("output", 50)},
}
# iptables/nft.c xtables_ipv4: the nft variant hooks its security table later than the kernel's own.
_NFT_SECURITY = 150

_COUNTERS = re.compile(r"\[\d+:\d+\] ")
# iptables/xtables-save.c do_output, nft variant.
_NOT_SHOWN = re.compile(r"^# Table `(\S+)' (?:is incompatible|contains incompatible base-chains)", re.MULTILINE)
_CHANGES_SET = re.compile(r" -j SET --(?:add|del)-set (\S+)")


def parse_iptables(text: str, family: Ip, origin: str, variant: Variant) -> tuple[Table, ...]:
    """The tables of one listing, in its order. Raises ListingError. `origin` is the command that printed it."""
    listing = _Listing(family, variant, origin)
    lines = text.split("\n")
    rules = listing.rules
    for number, line in enumerate(lines, start=1):
        # 50,000 of 50,500 lines are rules; everything else takes the slow way.
        if line.startswith("-A ") and (written := rules.get(line[3:].partition(" ")[0])) is not None:
            written.append((number, line))
        else:
            listing.take(number, line.strip())
            rules = listing.rules
    if listing.open:
        raise ListingError(len(lines), f"the listing ends in the middle of table {listing.open}")
    return _with_changing_sets(listing.tables, text)


def not_shown(text: str) -> tuple[str, ...]:
    """Tables of which the nft variant says that it does not show them whole: only nft lists them."""
    return tuple(_NOT_SHOWN.findall(text))


def _with_changing_sets(tables: list[Table], text: str) -> tuple[Table, ...]:
    """A set that rules themselves fill is not what it was when it was listed."""
    names = set(_CHANGES_SET.findall(text))
    sets = {name: NamedSet(name=name, known=False, why="rules change it (-j SET)") for name in sorted(names)}
    return tuple(msgspec.structs.replace(table, sets=sets) if sets else table for table in tables)


class _Listing:
    """The table being read, and those that are complete."""

    def __init__(self, family: Ip, variant: Variant, origin: str) -> None:
        self.tables: list[Table] = []
        self.open = ""
        self.rules: dict[str, list[tuple[int, str]]] = {}
        self._family: Ip = family
        self._variant: Variant = variant
        self._origin = origin
        self._declared: dict[str, tuple[int, str, str]] = {}

    def take(self, number: int, line: str) -> None:
        if not line or line.startswith("#"):
            return
        if line.startswith("*"):
            self._begin(number, line[1:])
        elif not self.open:
            raise ListingError(number, f"outside any table: {line[:60]}")
        elif line == "COMMIT":
            self._commit()
        elif line.startswith(":"):
            self._declare(number, line)
        else:
            self._rule(number, line)

    def _begin(self, number: int, name: str) -> None:
        if self.open:
            raise ListingError(number, f"table {name} begins before {self.open} has ended")
        if name not in _HOOKS:
            raise ListingError(number, f"no table of iptables: {name[:60]}")
        if any(table.name == name for table in self.tables):
            raise ListingError(number, f"table {name} stands in the listing twice")
        self.open = name

    def _declare(self, number: int, line: str) -> None:
        words = line[1:].split()
        if len(words) < 2:
            raise ListingError(number, f"a chain needs a name and a policy: {line[:60]}")
        name, policy = words[0], words[1]
        if name in self._declared:
            raise ListingError(number, f"chain {name} is declared twice")
        if policy not in ("ACCEPT", "DROP", "-") or (policy != "-" and name not in _HOOKS[self.open]):
            raise ListingError(number, f"not a chain of table {self.open}: {line[:60]}")
        self._declared[name] = (number, line, policy)
        self.rules[name] = []

    def _rule(self, number: int, line: str) -> None:
        counters = _COUNTERS.match(line)
        rule = line[counters.end() :] if counters else line
        words = rule.split(None, 2)
        if len(words) < 2 or words[0] != "-A":
            raise ListingError(number, f"neither a chain nor a rule: {line[:60]}")
        if words[1] not in self.rules:
            raise ListingError(number, f"a rule of chain {words[1]}, which is not declared")
        self.rules[words[1]].append((number, rule))

    def _commit(self) -> None:
        reader = IptablesReader(self._family, frozenset(self._declared))
        chains = {name: self._chain(name, reader) for name in self._declared}
        self.tables.append(
            Table(
                family=self._family,
                name=self.open,
                origin=self._origin,
                dialect="iptables",
                variant=self._variant,
                chains=chains,
            )
        )
        self.open, self._declared, self.rules = "", {}, {}

    def _chain(self, name: str, reader: IptablesReader) -> Chain:
        line, text, policy = self._declared[name]
        hook, priority = _HOOKS[self.open][name] if policy != "-" else ("", 0)
        if self.open == "security" and self._variant == "nft" and hook:
            priority = _NFT_SECURITY
        kinds = {("nat", True): "nat", ("mangle", hook == "output"): "route"}
        return Chain(
            name=name,
            line=line,
            text=text,
            reader=reader,
            hook=hook,
            priority=priority,
            policy=policy.lower() if hook else "",
            kind=kinds.get((self.open, True), "filter") if hook else "filter",
            written=tuple(self.rules[name]),
        )
