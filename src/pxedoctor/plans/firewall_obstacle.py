"""What refuses a packet, as a repair needs to know it."""

import msgspec

from pxedoctor.model.host import Host
from pxedoctor.netfilter.owner import Ownership, ownership
from pxedoctor.netfilter.syntax import Rule, Table
from pxedoctor.netfilter.walk import Decision


class Obstacle(msgspec.Struct, frozen=True, kw_only=True):
    """A rule in `chain`, or (None) the policy of the base chain `base`, from which `chain` is reached."""

    table: Table
    base: str
    chain: str
    rule: Rule | None
    owned: Ownership

    @property
    def text(self) -> str:
        return self.rule.text if self.rule else f"the policy of {self.base}"

    @property
    def place(self) -> str:
        """` (FILE, line N)` where it stands on disk; "" where that is not known."""
        return f" ({self.owned.file}, line {self.owned.line})" if self.owned.file else ""


def obstacle_of(host: Host, decision: Decision) -> Obstacle:
    """What the evaluator has found to decide."""
    owned = ownership(host, decision.table, decision.chain, decision.rule)
    return Obstacle(
        table=decision.table, base=decision.base.name, chain=decision.chain, rule=decision.rule, owned=owned
    )
