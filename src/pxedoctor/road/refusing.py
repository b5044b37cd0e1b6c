"""The rule or policy that a packet of the exchange dies of, in words and as evidence."""

from collections.abc import Collection, Iterable

import msgspec

from pxedoctor.findings.outcome import Evidence
from pxedoctor.model.target import Facts, Target
from pxedoctor.road.exchange import road_of
from pxedoctor.road.hop import Fate, Road, RoadHop, RuleRef
from pxedoctor.road.packet_name import PacketName

_LONGEST_RULE = 90


class Refused(msgspec.Struct, frozen=True):
    """A packet that dies at a hook, and of what."""

    packet: PacketName
    hop: RoadHop
    rule: RuleRef


def refused(road: Road | None) -> Refused | None:
    """None where the packet has no road, comes through, or dies of something else than a rule."""
    hop = road.decisive if road is not None else None
    if road is None or hop is None or hop.predicted is not Fate.DROP or hop.rule is None:
        return None
    return Refused(road.packet, hop, hop.rule)


def first_refused(facts: Facts, target: Target, names: Iterable[PacketName]) -> Refused | None:
    """The first of these packets that a rule ends."""
    return next((found for name in names if (found := refused(road_of(facts, target, name))) is not None), None)


def first_unknown(facts: Facts, target: Target, names: Iterable[PacketName], hooks: Collection[str]) -> RoadHop | None:
    """Where one of these packets meets rules at one of these hooks of which nobody can tell what they do."""
    roads = (road_of(facts, target, name) for name in names)
    ends = (road.decisive for road in roads if road is not None)
    return next((hop for hop in ends if hop and hop.predicted is Fate.UNKNOWN and hop.hook in hooks), None)


def where(rule: RuleRef) -> str:
    """`ip filter INPUT (ufw)`."""
    place = f"{rule.family} {rule.table} {rule.chain}"
    return f"{place} ({rule.owner})" if rule.owner else place


def subject(rule: RuleRef) -> str:
    """What refuses, as the subject of a sentence: `The policy DROP of ip filter INPUT (ufw)`."""
    if rule.by_policy:
        return f"The policy DROP of {where(rule)}"
    text = rule.text if len(rule.text) <= _LONGEST_RULE else f"{rule.text[:_LONGEST_RULE]}..."
    return f"The rule `{text}` of {where(rule)}"


def told(found: Refused) -> tuple[Evidence, ...]:
    """The rule verbatim with the place where it can be found again, and how it is known whose it is."""
    rule = found.rule
    at = f", handle {rule.handle}" if rule.handle else f", line {rule.line}" if rule.line else ""
    origin = f"{rule.family} {rule.table} {rule.chain}{at} (`{rule.origin}`)"
    owner = rule.owner_why or "nothing tells whose rule it is"
    file = f"{rule.file}, line {rule.file_line}" if rule.file else "netfilter's tables, processes, files of firewalls"
    return (
        Evidence(f"a {found.packet} at {found.hop.hook}: {found.hop.why}", origin, rule.text),
        Evidence(owner, file, rule.owner or "not known"),
    )
