"""Finds what refuses a packet by the names under which a road tells of it."""

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.netfilter.owner import ownership
from pxedoctor.netfilter.ruleset import understood
from pxedoctor.netfilter.syntax import Table
from pxedoctor.plans.firewall_obstacle import Obstacle


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """`hook`: as in `ip input`. `origin`: what listed the table. `text`: the rule; "" where the policy refuses."""

    hook: str
    family: str
    table: str
    origin: str
    chain: str
    text: str = ""


def obstacle(host: Host, named: Named) -> Obstacle | None:
    """None where there is no such rule (any more)."""
    if isinstance(host.netfilter, Missing):
        return None
    for table in understood(host.netfilter).tables:
        if (table.family, table.name, table.origin) == (named.family, named.table, named.origin):
            return _in_table(host, table, named)
    return None


def _in_table(host: Host, table: Table, named: Named) -> Obstacle | None:
    chain = table.chains.get(named.chain)
    base = _base(table, named)
    if chain is None or base is None:
        return None
    rule = next((rule for rule in chain.rules if rule.text == named.text), None) if named.text else None
    if named.text and rule is None:
        return None
    owned = ownership(host, table, named.chain, rule)
    return Obstacle(table=table, base=base, chain=named.chain, rule=rule, owned=owned)


def _base(table: Table, named: Named) -> str | None:
    """The base chain from which the rule's chain is reached at that hook: itself, or the first that leads there."""
    hook = named.hook.split()[-1]
    bases = [name for name, chain in table.chains.items() if chain.hook == hook]
    if named.chain in bases:
        return named.chain
    return next((name for name in bases if named.chain in _reached(table, name)), None)


def _reached(table: Table, base: str) -> set[str]:
    found, waiting = {base}, [base]
    while waiting:
        chain = table.chains.get(waiting.pop())
        for rule in chain.rules if chain else ():
            new = {name for name in table.led_to(rule) if name not in found}
            found |= new
            waiting += new
    return found
