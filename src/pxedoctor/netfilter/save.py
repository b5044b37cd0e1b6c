"""iptables-save and ip6tables-save text (nft and legacy variant) to tables.

1. A listing is whole tables: `*name`, chain declarations, rules, COMMIT. Anything else is a RulesError naming the line.
2. A rule always becomes a Rule; what in it is not understood becomes Unmodelled.
3. Comments and a rule's counters are passed over; everything else counts.
"""

from functools import lru_cache

from pxedoctor.model.netfilter import RulesText
from pxedoctor.netfilter.rule import Reader, words_of
from pxedoctor.netfilter.tree import Chain, Rule, RulesError, Table


# Every target of a diagnosis asks about the same few listings; the memo's key is the whole listing.
@lru_cache(maxsize=16)
def parse_save(listing: RulesText) -> tuple[Table, ...]:
    """The tables of one listing, in its order. Raises RulesError."""
    reading = _Listing(listing)
    lines = listing.text.split("\n")
    for number, line in enumerate(lines, start=1):
        reading.take(number, line.strip())
    if reading.open:
        raise RulesError(len(lines), f"the listing ends in the middle of table {reading.open}")
    return tuple(reading.tables)


def rule_of(text: str, line: int) -> Rule:
    """One rule, `-A CHAIN ...`. Raises RulesError."""
    try:
        words = words_of(text)
    except ValueError as error:
        raise RulesError(line, str(error)) from error
    if len(words) < 2 or words[0].text != "-A":
        raise RulesError(line, f"neither a chain nor a rule: {text[:60]}")
    reader = Reader(words[2:])
    reader.read()
    return Rule(chain=words[1].text, line=line, text=text, matches=tuple(reader.matches), target=reader.target)


class _Listing:
    """The table being read, and those that are complete."""

    def __init__(self, listing: RulesText) -> None:
        self.tables: list[Table] = []
        self.open = ""
        self._listing = listing
        self._chains: dict[str, tuple[int, str, str | None]] = {}
        self._rules: dict[str, list[Rule]] = {}

    def take(self, number: int, line: str) -> None:
        if not line or line.startswith("#"):
            return
        if line.startswith("*"):
            self._begin(number, line[1:])
        elif not self.open:
            raise RulesError(number, f"outside any table: {line[:60]}")
        elif line == "COMMIT":
            self._commit()
        elif line.startswith(":"):
            self._declare(number, line)
        else:
            self._rule(number, line)

    def _begin(self, number: int, name: str) -> None:
        if self.open:
            raise RulesError(number, f"table {name} begins before {self.open} has ended")
        if not name:
            raise RulesError(number, "a table without a name")
        self.open = name

    def _declare(self, number: int, line: str) -> None:
        words = line[1:].split()
        if len(words) < 2:
            raise RulesError(number, f"a chain needs a name and a policy: {line[:60]}")
        name, policy = words[0], words[1]
        if name in self._chains:
            raise RulesError(number, f"chain {name} is declared twice")
        self._chains[name] = (number, line, None if policy == "-" else policy)
        self._rules[name] = []

    def _rule(self, number: int, line: str) -> None:
        rule = rule_of(line.partition("] ")[2] if line.startswith("[") else line, number)
        if rule.chain not in self._chains:
            raise RulesError(number, f"a rule of chain {rule.chain}, which is not declared")
        self._rules[rule.chain].append(rule)

    def _commit(self) -> None:
        chains = {
            name: Chain(name=name, line=line, text=text, policy=policy, rules=tuple(self._rules[name]))
            for name, (line, text, policy) in self._chains.items()
        }
        family, origin = self._listing.family, self._listing.origin
        self.tables.append(Table(family=family, name=self.open, origin=origin, chains=chains))
        self.open, self._chains, self._rules = "", {}, {}
