"""Rules in tables of iptables-nft that iptables-nft has not written, by a dump of their expressions."""

import re
from collections import Counter

from pxedoctor.access import netlink
from pxedoctor.access.answer import Absent, Answers, Text, dump_question
from pxedoctor.collect.ask import nft
from pxedoctor.collect.ask.saves import OWNED, saved_tables, saves_in
from pxedoctor.model.netfilter import ForeignRules

_Rules = Counter[tuple[str, str]]  # table, chain -> how many rules
_RULE = r"(?m)^-A (\S+)"
# Longer reasons tell a reader no more.
_SHOWN = 3


def foreign_rules(answers: Answers) -> tuple[ForeignRules, ...]:
    """Of each chain that a save command lists, and not as it is: rules that it may print wrongly, or not all of them.

    Nothing is said of a table that was not dumped.
    """
    sets = nft.sets_of(answers.get(dump_question(netlink.SETS), Absent("not asked")))
    found: list[ForeignRules] = []
    for family in OWNED:
        for _, text in saves_in(answers, family):
            names = [name for name in OWNED[family] if name in saved_tables(family, text, sets)]
            dumped = [name for name in names if isinstance(_dump(answers, family, name), Text)]
            saved = _saved(text) if dumped else Counter()
            found += [entry for name in dumped for entry in _of_table(answers, family, name, saved)]
    return tuple(found)


def _dump(answers: Answers, family: str, table: str) -> object:
    return answers.get(dump_question(netlink.rules(family, table)))


def _saved(text: str) -> _Rules:
    counted: _Rules = Counter()
    for part in f"\n{text}".split("\n*")[1:]:
        table = part.partition("\n")[0]
        counted.update((table, chain) for chain in re.findall(_RULE, part))
    return counted


def _of_table(answers: Answers, family: str, table: str, saved: _Rules) -> list[ForeignRules]:
    lines = nft.words_of(answers.get(dump_question(netlink.rules(family, table)), Absent("not asked")))
    counts = {line[2]: nft.number(line[3]) for line in lines if len(line) == netlink.WORDS_OF_A_CHAIN}
    numbers: dict[str, list[tuple[int, str]]] = {}
    for line in lines:
        if len(line) == netlink.WORDS_OF_A_RULE:
            numbers.setdefault(line[2], []).append((nft.number(line[3]), line[5]))
    return [
        ForeignRules(
            family=family,
            table=table,
            chain=chain,
            count=count,
            numbers=tuple(number for number, _ in numbers.get(chain, [])),
            why=_why(chain, count, saved[table, chain], numbers.get(chain, [])),
        )
        for chain, count in counts.items()
        if chain in numbers or saved[table, chain] != count
    ]


def _why(chain: str, count: int, saved: int, numbers: list[tuple[int, str]]) -> str:
    if not numbers:
        return f"the kernel has {count} rules in chain {chain}, and its save command lists {saved}"
    shown = ", ".join(f"rule {number}: {why}" for number, why in numbers[:_SHOWN])
    more = f", and {len(numbers) - _SHOWN} more" if len(numbers) > _SHOWN else ""
    return f"chain {chain} holds rules that iptables has not written and may print wrongly ({shown}{more})"
