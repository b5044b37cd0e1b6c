"""Rules that name a device by its number (nft iif, oif), and the number is no device's any more.

nft keeps the index that a device has when the rule is loaded (net/netfilter/nft_meta.c NFT_META_IIF) and prints the
name of the device that has it now, or the bare number where none has. A bridge that was made anew has another number,
and the rule meets nothing any more.
"""

import re
from collections.abc import Iterator
from functools import partial

import msgspec

from pxedoctor.model.fact import Missing, known
from pxedoctor.model.host import Host
from pxedoctor.model.target import Facts, Target
from pxedoctor.netfilter.condition import Name, Number
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.ruleset import Ruleset, understood
from pxedoctor.netfilter.syntax import Chain, Rule, RuleReader, Table
from pxedoctor.road.exchange import road_of, road_through
from pxedoctor.road.hop import Fate
from pxedoctor.road.packet_name import PacketName

# Of 10,000 rules few compare a number, and only those are read.
_BY_INDEX = re.compile(r"\b[io]if\b")
_NAMES = {Field.IN_INDEX: Field.IN_NAME, Field.OUT_INDEX: Field.OUT_NAME}


class StaleRule(msgspec.Struct, frozen=True):
    """A rule and the number in it that no device of this host has."""

    table: Table
    rule: Rule
    index: int


def stale_rules(host: Host, ruleset: Ruleset) -> tuple[StaleRule, ...]:
    """() where devices could not be listed."""
    if isinstance(host.links, Missing):
        return ()
    known = frozenset(link.index for link in host.links)
    return tuple(_found(ruleset, known))


def _found(ruleset: Ruleset, known: frozenset[int]) -> Iterator[StaleRule]:
    for table in ruleset.tables:
        # Only nft compares indexes; iptables' rules need not be read for this.
        if table.dialect != "nft":
            continue
        for chain in table.chains.values():
            if not _may_compare_index("\n".join([text for _, text in chain.written])):
                continue
            for number, (_, text) in enumerate(chain.written):
                if not _compares_index(text):
                    continue
                rule = chain.rule(number)
                for part in rule.parts:
                    index = _stale(part, known)
                    if index is not None:
                        yield StaleRule(table, rule, index)


def _may_compare_index(texts: str) -> bool:
    # iifname is in most rules; plain words are looked for in a tenth of the time.
    return "if " in texts or 'if"' in texts or "if\n" in texts or texts.endswith("if")


def _compares_index(text: str) -> bool:
    return _may_compare_index(text) and _BY_INDEX.search(text) is not None


def _stale(part: object, known: frozenset[int]) -> int | None:
    if not isinstance(part, Number) or part.field not in _NAMES or len(part.ranges) != 1:
        return None
    low, high = part.ranges[0]
    return low if low == high and low not in known else None


def dies_of_stale(facts: Facts, target: Target, packet: PacketName) -> int | None:
    """The number, no device's any more, of which the packet dies: were it the target's bridge's, it would pass.

    None where it does not die, or dies of something else.
    """
    road = road_of(facts, target, packet)
    if road is None or road.fate is not Fate.DROP:
        return None
    ruleset = understood(known(facts.host.netfilter))
    for index in dict.fromkeys(entry.index for entry in facts.once(stale_of)):
        meant = renamed(ruleset, index, target.bridge or "")
        then = road_through(facts.host, target, packet, meant)
        if then is not None and then.fate is not Fate.DROP:
            return index
    return None


def stale_of(facts: Facts) -> tuple[StaleRule, ...]:
    """For `facts.once`."""
    return stale_rules(facts.host, understood(known(facts.host.netfilter)))


def renamed(ruleset: Ruleset, index: int, device: str) -> Ruleset:
    """The ruleset as it was meant: that number is this device's."""
    return msgspec.structs.replace(ruleset, tables=tuple(_table(table, index, device) for table in ruleset.tables))


def _table(table: Table, index: int, device: str) -> Table:
    if table.dialect != "nft":
        return table
    chains = {name: _chain(chain, index, device) for name, chain in table.chains.items()}
    return msgspec.structs.replace(table, chains=chains)


def _chain(chain: Chain, index: int, device: str) -> Chain:
    return msgspec.structs.replace(chain, reader=partial(_read, chain.reader, index, device))


def _read(reader: RuleReader, index: int, device: str, chain: str, line: int, text: str) -> Rule:
    rule = reader(chain, line, text)
    parts = tuple(
        Name(_NAMES[part.field], ((device, False),), part.negated)
        if isinstance(part, Number) and part.field in _NAMES and part.ranges == ((index, index),)
        else part
        for part in rule.parts
    )
    return msgspec.structs.replace(rule, parts=parts)
