"""Does a CHECKSUM rule of the mangle table see this host's DHCP replies on their way out through a bridge?

1. A reply of a UDP socket passes mangle OUTPUT and mangle POSTROUTING (net/ipv4/netfilter/iptable_mangle.c).
   xt_CHECKSUM works in both and ends neither, so one that is surely met anywhere fills the sum.
2. The question is put to the evaluator as a question about drops: a CHECKSUM stands for "drop", whatever really drops
   or accepts for "accept". A sure drop is then a filled sum.
3. A table that is not listed does not exist: nothing in it fills anything.
"""

from enum import StrEnum

import msgspec

from pxedoctor.model.netfilter import RulesText
from pxedoctor.netfilter.evaluate import Decision, Verdict, evaluate
from pxedoctor.netfilter.packet import Packet
from pxedoctor.netfilter.save import parse_save
from pxedoctor.netfilter.tree import Chain, Rule, RulesError, Table, Target

_BASE_CHAINS = ("OUTPUT", "POSTROUTING")
_FILLS = "CHECKSUM"
_ENDS = frozenset({"DROP", "REJECT"})


class Sum(StrEnum):
    FILLED = "filled"
    PERHAPS = "perhaps"
    LEFT = "left"


class Walked(msgspec.Struct, frozen=True):
    """What becomes of the sum; `rule` decides it, as iptables-save printed it; `why` is a sentence for PERHAPS."""

    sum: Sum
    rule: str = ""
    why: str = ""


def reply(bridge: str, source: str, destination: str) -> Packet:
    """An OFFER or ACK as it leaves (RFC 2131 section 4.1). conntrack calls every one of them NEW (seen on 6.18)."""
    return Packet(
        in_device="",
        out_device=bridge,
        protocol="udp",
        source=source,
        destination=destination,
        source_port=67,
        destination_port=68,
        state="NEW",
    )


def reply_sum(listing: RulesText, packet: Packet) -> Walked:
    """`listing` is one output of iptables-save."""
    try:
        tables = [table for table in parse_save(listing) if table.name == "mangle"]
    except RulesError as error:
        return Walked(Sum.PERHAPS, why=f"{listing.origin} could not be understood: {error}")
    decisions = [decision for table in tables if _fills(table) for decision in _decisions(_asked(table), packet)]
    for verdict, answer in ((Verdict.DROP, Sum.FILLED), (Verdict.UNKNOWN, Sum.PERHAPS)):
        for decision in decisions:
            if decision.verdict is verdict:
                return Walked(answer, decision.text, decision.why)
    return Walked(Sum.LEFT)


def _decisions(table: Table, packet: Packet) -> list[Decision]:
    return [evaluate(table, table.chains[base], packet) for base in _BASE_CHAINS if base in table.chains]


def _fills(table: Table) -> bool:
    rules = (rule for chain in table.chains.values() for rule in chain.rules)
    return any(rule.target is not None and rule.target.name == _FILLS for rule in rules)


def _asked(table: Table) -> Table:
    return msgspec.structs.replace(table, chains={name: _asked_chain(chain) for name, chain in table.chains.items()})


def _asked_chain(chain: Chain) -> Chain:
    policy = "ACCEPT" if chain.policy else None
    return msgspec.structs.replace(chain, policy=policy, rules=tuple(_asked_rule(rule) for rule in chain.rules))


def _asked_rule(rule: Rule) -> Rule:
    if rule.target is None:
        return rule
    if rule.target.name == _FILLS:
        return msgspec.structs.replace(rule, target=Target("DROP"))
    return msgspec.structs.replace(rule, target=Target("ACCEPT")) if rule.target.name in _ENDS else rule
