"""What becomes of one packet in one table at one hook.

A rule that surely does not match is passed over. A rule that may match is walked both ways, so that what is not
modelled makes the answer unknown only where it decides: if every way ends in a drop, it is a drop.

1. ACCEPT ends the base chain with all its callers; DROP and REJECT are final.
2. RETURN, or the end of a user's chain, goes back to the caller; from a base chain to its policy. A chain reached by -g
   returns to its caller's caller (iptables(8)).
3. Targets listed in CONTINUING let the packet go on to the next rule. Any other target is not modelled.
"""

from enum import StrEnum

import msgspec

from pxedoctor.netfilter.match import Answer, Unmodelled
from pxedoctor.netfilter.packet import Packet
from pxedoctor.netfilter.tree import Chain, Rule, Table

# Each returns XT_CONTINUE for every packet (net/netfilter/xt_*.c, net/ipv4/netfilter/ipt_*.c).
CONTINUING = frozenset(
    {"LOG", "NFLOG", "ULOG", "MARK", "CONNMARK", "CHECKSUM", "TCPMSS", "CLASSIFY", "TOS", "DSCP", "TTL", "ECN", "TRACE"}
    | {"SECMARK", "CONNSECMARK", "AUDIT", "LED", "IDLETIMER", "RATEEST", "SET", "TEE", "NOTRACK", "CT"}
)
# The kernel allows 16 jumps on top of each other with nft; nobody's text nests deeper than this.
_DEEPEST = 100


class Verdict(StrEnum):
    ACCEPT = "accept"
    DROP = "drop"
    UNKNOWN = "unknown"


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """`text` at `line` of `chain` decides; `why` is a sentence where the verdict is unknown."""

    verdict: Verdict
    table: Table
    chain: str
    line: int
    text: str
    why: str = ""


class _Ends(msgspec.Struct):
    """How a walk can end: each field is the rule that ends it so, or None. `through`: it can leave at the end."""

    accept: Rule | None = None
    drop: Rule | None = None
    doubt: tuple[Rule, str] | None = None
    lost: bool = False
    through: bool = False

    def add(self, other: "_Ends") -> None:
        self.accept = other.accept or self.accept
        self.drop = other.drop or self.drop
        self.doubt = self.doubt or other.doubt
        self.lost = self.lost or other.lost


def evaluate(table: Table, base: Chain, packet: Packet) -> Decision:
    """The fate of the packet in the base chain `base` of `table`."""
    ends = _Walk(table, packet).chain(base, ())
    policy = Rule(chain=base.name, line=base.line, text=base.text)
    if ends.through:
        ends.add(_Ends(drop=policy) if base.policy == "DROP" else _Ends(accept=policy))
    certain = not ends.lost and (ends.accept is None or ends.drop is None)
    if not certain:
        rule, why = ends.doubt or (policy, "the rules could not be followed")
        return _decision(Verdict.UNKNOWN, table, rule, why)
    if ends.drop is not None:
        return _decision(Verdict.DROP, table, ends.drop)
    return _decision(Verdict.ACCEPT, table, ends.accept or policy)


def _decision(verdict: Verdict, table: Table, rule: Rule, why: str = "") -> Decision:
    return Decision(verdict=verdict, table=table, chain=rule.chain, line=rule.line, text=rule.text, why=why)


class _Walk:
    """One packet in one table. A chain's ends do not depend on its caller, so each chain is walked once."""

    def __init__(self, table: Table, packet: Packet) -> None:
        self._table = table
        self._packet = packet
        self._done: dict[str, _Ends] = {}

    def chain(self, chain: Chain, callers: tuple[str, ...]) -> _Ends:
        if chain.name not in self._done:
            self._done[chain.name] = self._rules(chain, (*callers, chain.name))
        return self._done[chain.name]

    def _rules(self, chain: Chain, callers: tuple[str, ...]) -> _Ends:
        ends = _Ends()
        for rule in chain.rules:
            answer, unclear = _answer(rule, self._packet)
            if answer is Answer.NO or rule.target is None:
                continue
            effect, leaves = self._effect(rule, callers)
            if answer is Answer.MAYBE and not _only_goes_on(effect, leaves):
                ends.doubt = ends.doubt or (rule, f"whether this packet meets `{unclear}` is not known")
            ends.add(effect)
            ends.through = ends.through or (leaves and effect.through)
            if answer is Answer.YES and (leaves or not effect.through):
                return ends
        ends.through = True
        return ends

    def _effect(self, rule: Rule, callers: tuple[str, ...]) -> tuple[_Ends, bool]:
        """How the rule's target can end, and whether its way through leaves this chain."""
        target = rule.target
        name = target.name if target else ""
        chain = self._table.chains.get(name)
        if target is not None and chain is not None:
            if name in callers or len(callers) > _DEEPEST:
                return _Ends(doubt=(rule, f"chain {name} leads back to itself"), lost=True), False
            return self.chain(chain, callers), target.goto
        match name:
            case "ACCEPT":
                return _Ends(accept=rule), False
            case "DROP" | "REJECT":
                return _Ends(drop=rule), False
            case "RETURN":
                return _Ends(through=True), True
            case _ if name in CONTINUING:
                return _Ends(through=True), False
            case _:
                return _Ends(doubt=(rule, f"the target {name} is not modelled"), lost=True), False


def _answer(rule: Rule, packet: Packet) -> tuple[Answer, str]:
    """All matches must hold: one NO decides; else one MAYBE leaves it open, and its words are told."""
    unclear = ""
    for match in rule.matches:
        answer = match.meets(packet)
        if answer is Answer.NO:
            return Answer.NO, ""
        if answer is Answer.MAYBE and not unclear:
            unclear = match.text if isinstance(match, Unmodelled) else rule.text
    return (Answer.MAYBE, unclear) if unclear else (Answer.YES, "")


def _only_goes_on(effect: _Ends, leaves: bool) -> bool:
    return effect.through and not leaves and not (effect.accept or effect.drop or effect.lost)
