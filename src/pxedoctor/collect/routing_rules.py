"""Understands `ip -j rule show` of both families: which tables of routes are asked, in which order, and for whom.

What a rule asks besides a mark, a device and a sender, and what it does besides looking up a table, is kept as a word:
who reads it need not understand it to know that it may decide (iproute2 ip/iprule.c print_rule).
"""

from pxedoctor.access.answer import Answers, run_question
from pxedoctor.collect.ask.routes import RULES, RULES6
from pxedoctor.collect.texts import json_of, number, records, word
from pxedoctor.model.fact import Missing
from pxedoctor.model.route import RoutingRule

_EVERY_BIT = (1 << 32) - 1
# Of who made it, and what is understood.
_SAYS_NOTHING = frozenset({"priority", "table", "protocol", "fwmark", "fwmask", "iif", "src", "srclen"})
_SUPPRESSES = "suppress_prefixlen"


def parse(answers: Answers) -> tuple[RoutingRule, ...] | Missing:
    value = json_of(answers, run_question(RULES))
    if isinstance(value, Missing):
        return value
    # A kernel without IPv6 has no such rules.
    value6 = json_of(answers, run_question(RULES6))
    return (
        *(_rule(record, "inet") for record in records(value)),
        *(_rule(record, "inet6") for record in records(value6)),
    )


def _rule(record: dict[str, object], family: str) -> RoutingRule:
    mark = _number(record.get("fwmark"))
    bits = record.get(_SUPPRESSES)
    suppresses = bits if isinstance(bits, int) else None
    understood = _SAYS_NOTHING if suppresses is None else _SAYS_NOTHING | {_SUPPRESSES}
    others = [name for name in record if name not in understood]
    if "fwmark" in record and mark is None:
        others.append("fwmark")
    return RoutingRule(
        family=family,
        priority=number(record.get("priority")),
        table=word(record.get("table")),
        mark=None if mark is None else (mark, _EVERY_BIT if (mask := _number(record.get("fwmask"))) is None else mask),
        device=word(record.get("iif")),
        source=_source(record),
        suppresses=suppresses,
        others=tuple(others),
    )


def _source(record: dict[str, object]) -> str:
    """iproute2 leaves out the length of a whole address."""
    source, length = word(record.get("src")), record.get("srclen")
    return "" if source == "all" else source if length is None else f"{source}/{number(length)}"


def _number(told: object) -> int | None:
    """A mark, which iproute2 writes as a text, in hexadecimal."""
    try:
        return int(told, 0) if isinstance(told, str) else None
    except ValueError:
        return None
