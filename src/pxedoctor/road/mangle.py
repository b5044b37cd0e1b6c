"""Does a CHECKSUM rule see this host's DHCP replies on their way out through a bridge?

A reply of a UDP socket passes OUTPUT and POSTROUTING. xt_CHECKSUM stands in the mangle table and ends neither
(net/netfilter/xt_CHECKSUM.c), so one that is surely met anywhere fills the sum. A rule that is not listed does not
exist here.
"""

from collections.abc import Iterator
from enum import StrEnum

import msgspec

from pxedoctor.netfilter.condition import Answer
from pxedoctor.netfilter.hook import AtHook, at_hook
from pxedoctor.netfilter.ruleset import Ruleset
from pxedoctor.netfilter.seen import Family, Hook, Marks, Packet, Place, Seen
from pxedoctor.netfilter.syntax import Fill, Rule

_HOOKS = (Hook.OUTPUT, Hook.POSTROUTING)
_FILLS = "CHECKSUM"


class Sum(StrEnum):
    FILLED = "filled"
    PERHAPS = "perhaps"
    LEFT = "left"


_SUMS = {Answer.YES: Sum.FILLED, Answer.MAYBE: Sum.PERHAPS, Answer.NO: Sum.LEFT}


class Walked(msgspec.Struct, frozen=True):
    """What becomes of the sum; `rule` decides it, as it was listed; `why` is a sentence for PERHAPS."""

    sum: Sum
    rule: str = ""
    why: str = ""


def reply_sum(rules: Ruleset, bridge: str, reply: Packet) -> Walked:
    """`reply` is an OFFER or ACK that a UDP socket sends out through the bridge."""
    found = list(_hooks(rules, bridge, reply))
    for answer in (Answer.YES, Answer.MAYBE):
        for told in found:
            if told.fills is answer:
                rule = next(_filling(told), None)
                text = rule.text if rule else ""
                why = f"whether a reply meets this is not known: {text}" if answer is Answer.MAYBE else ""
                return Walked(_SUMS[answer], text, why)
    return Walked(Sum.LEFT)


def _hooks(rules: Ruleset, bridge: str, reply: Packet) -> Iterator[AtHook]:
    marks = Marks()
    for hook in _HOOKS:
        place = Place(family=Family.IP, hook=hook, in_device="", out_device=bridge)
        # In OUTPUT nobody has written a frame yet, nor said whom it is for.
        written = msgspec.structs.replace(reply, mac_source=None, mac_destination=None, link_type="unicast")
        told = at_hook(rules, Seen(written, place, marks))
        marks = told.marks
        yield told


def _filling(told: AtHook) -> Iterator[Rule]:
    """The rules that fill, of the tables that were asked; no other line is read."""
    tables = (decision.table for decision in told.decisions if decision.fills is not Answer.NO)
    for chain in (chain for table in tables for chain in table.chains.values()):
        rules = (chain.reader(chain.name, line, text) for line, text in chain.written if _FILLS in text)
        yield from (rule for rule in rules if any(isinstance(part, Fill) for part in rule.parts))
