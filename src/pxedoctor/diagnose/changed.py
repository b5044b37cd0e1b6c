"""What is different between two looks at one host, as far as it matters to whom it concerns.

1. `relisted`: the rules are listed otherwise: a rule may have another line or handle, and be the same. `rules`: those
   that came, went or changed, where nothing else of the ruleset did.
2. `bridges`: guests were plugged into these, or out of them, and nothing else is different about devices and guests.
3. `ports`: of sockets that were opened or closed.
4. `facts`: other facts that are different, by name. `counted`: those that differ only in what the kernel counts.
5. `everything`: the rules differ in a way of which nobody can say whom it concerns: tables, chains, hooks, policies,
   sets, the order of rules, a rule that leads to another chain or asks for a device by its number.
"""

from collections import Counter
from collections.abc import Iterator

import msgspec

from pxedoctor.diagnose.plugged import OF_A_START, plugged
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.link import Counters
from pxedoctor.netfilter.condition import Condition, Number
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.ruleset import Ruleset, understood
from pxedoctor.netfilter.syntax import Chain, Rule, Table, VerdictMap

_BY_NUMBER = frozenset({Field.IN_INDEX, Field.OUT_INDEX, Field.IN_GROUP, Field.OUT_GROUP})
_COUNTS = frozenset({"net/netfilter/nf_conntrack_count"})
# Of more rules than this, looking whom each concerns costs as much as judging.
_MOST_RULES = 64


class ChangedRule(msgspec.Struct, frozen=True):
    """`family`: of its table."""

    family: str
    rule: Rule


class Change(msgspec.Struct, frozen=True, kw_only=True):
    facts: frozenset[str] = frozenset()
    counted: frozenset[str] = frozenset()
    bridges: frozenset[str] = frozenset()
    ports: frozenset[int] = frozenset()
    relisted: bool = False
    rules: tuple[ChangedRule, ...] = ()
    everything: bool = False


EVERYTHING = Change(everything=True)


def change(before: Host, after: Host) -> Change:
    names = (name for name in Host.__struct_fields__ if name != "netfilter")
    facts = frozenset(name for name in names if _differ(_still(before, name), _still(after, name)))
    counted = frozenset({"sysctls"} if _differ(before.sysctls, after.sysctls) else ()) - facts
    bridges = plugged(before, after) if facts & OF_A_START else None
    ports = _ports(before, after)
    known = (OF_A_START if bridges is not None else frozenset()) | ({"sockets"} if ports is not None else frozenset())
    others = Change(facts=facts - known, counted=counted, bridges=bridges or frozenset(), ports=ports or frozenset())
    if not _differ(before.netfilter, after.netfilter):
        return others
    if isinstance(before.netfilter, Missing) or isinstance(after.netfilter, Missing):
        return EVERYTHING
    if before.netfilter.foreign != after.netfilter.foreign:
        return EVERYTHING
    rules = _rules(understood(before.netfilter), understood(after.netfilter))
    return EVERYTHING if rules is None else msgspec.structs.replace(others, relisted=True, rules=rules)


def _ports(before: Host, after: Host) -> frozenset[int] | None:
    """None where they are not known, or a socket that reads whole frames is different."""
    if isinstance(before.sockets, Missing) or isinstance(after.sockets, Missing):
        return None
    changed = {*before.sockets} ^ {*after.sockets}
    return None if any(one.kind == "packet" for one in changed) else frozenset(one.port for one in changed)


def _still(host: Host, name: str) -> object:
    """Without what the kernel counts: a device's packets, which only a trace looks at, and connections."""
    fact = getattr(host, name)
    if isinstance(fact, Missing) or name not in {"links", "sysctls"}:
        return fact
    if name == "sysctls":
        return {setting: value for setting, value in fact.items() if setting not in _COUNTS}
    return tuple(msgspec.structs.replace(link, counters=Counters()) for link in fact)


def _differ(before: object, after: object) -> bool:
    return before is not after and before != after


def _rules(before: Ruleset, after: Ruleset) -> tuple[ChangedRule, ...] | None:
    """None where more than single rules are different."""
    frames = [(_frame(one), one.ipsets, one.unlisted, one.queues) for one in (before, after)]
    if frames[0] != frames[1]:
        return None
    found: list[ChangedRule] = []
    for old, new in zip(before.tables, after.tables, strict=True):
        for name, chain in old.chains.items():
            texts = _changed_texts(chain, new.chains[name])
            if texts is None or len(found) + len(texts) > _MOST_RULES:
                return None
            found += [ChangedRule(old.family, chain.reader(name, line, text)) for line, text in texts]
    return tuple(found) if all(_is_about_packets(one.rule) for one in found) else None


def _frame(rules: Ruleset) -> list[object]:
    return [(_head(table), [_chain_head(chain) for chain in table.chains.values()]) for table in rules.tables]


def _head(table: Table) -> tuple[object, ...]:
    return (table.family, table.name, table.origin, table.dialect, table.variant, table.dormant, table.sets)


def _chain_head(chain: Chain) -> tuple[object, ...]:
    hooked = (chain.hook, chain.priority, chain.policy, chain.kind, chain.devices)
    return (chain.name, *hooked, chain.unlisted, chain.origin)


def _changed_texts(before: Chain, after: Chain) -> list[tuple[int, str]] | None:
    """The lines that are in one and not in the other; None where those that are in both changed their order."""
    old, new = [text for _, text in before.written], [text for _, text in after.written]
    if old == new:
        return []
    gone, come = Counter(old) - Counter(new), Counter(new) - Counter(old)
    if list(_without(old, gone)) != list(_without(new, come)):
        return None
    return [
        *((line, text) for line, text in before.written if text in gone),
        *((line, text) for line, text in after.written if text in come),
    ]


def _without(texts: list[str], changed: Counter[str]) -> Iterator[str]:
    return (text for text in texts if text not in changed)


def _is_about_packets(rule: Rule) -> bool:
    numbers = (part.field for part in rule.parts if isinstance(part, Number))
    leads_on = rule.jumps or any(isinstance(part, VerdictMap) for part in rule.parts)
    return not leads_on and _BY_NUMBER.isdisjoint(numbers) and any(isinstance(part, Condition) for part in rule.parts)
