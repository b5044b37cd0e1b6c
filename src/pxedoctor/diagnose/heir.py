"""What was made of a host's rules is taken over where they are as they were: one change leaves nearly all of them.

Reading a rule, and filing a chain's, costs more than all else that is done about a change that concerns few.
"""

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.netfilter.ruleset import understood
from pxedoctor.netfilter.syntax import Chain, Table


def inherit(before: Host, after: Host) -> None:
    """`after` answers as it would without; only sooner."""
    old, new = before.netfilter, after.netfilter
    if old is new or isinstance(old, Missing) or isinstance(new, Missing):
        return
    known = {_who(table): table for table in understood(old).tables}
    for table in understood(new).tables:
        same = known.get(_who(table))
        # A rule is read by what its table is, and by which chains it may jump to.
        if same is not None and [*same.chains] == [*table.chains]:
            _inherit(same, table)


def _who(table: Table) -> tuple[str, ...]:
    return table.family, table.name, table.origin, table.dialect, table.variant


def _inherit(before: Table, after: Table) -> None:
    if before.sets != after.sets:
        return
    for name, chain in after.chains.items():
        old = before.chains[name]
        if chain is not old and _texts(chain) == _texts(old):
            chain.inherit(old)


def _texts(chain: Chain) -> list[str]:
    return [text for _, text in chain.written]
