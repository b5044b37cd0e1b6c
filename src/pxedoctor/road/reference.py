"""What decides at a hook, in words and as a reference to the rule."""

import msgspec

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.host import Host
from pxedoctor.netfilter.hook import AtHook
from pxedoctor.netfilter.owner import owner_of, ownership
from pxedoctor.netfilter.syntax import Chain, Rewrite, Rule
from pxedoctor.netfilter.walk import Decision, Verdict
from pxedoctor.netfilter.walk_way import MOST_OTHERS
from pxedoctor.road.hop import Fate, RoadHop, RuleRef

_FATES = {Verdict.ACCEPT: Fate.PASS, Verdict.DROP: Fate.DROP, Verdict.UNKNOWN: Fate.UNKNOWN}
# Parts of the names of everything that rewrites an address (iptables-extensions(8), nft(8) NAT STATEMENTS).
_NAT_WORDS = ("nat", "masquerade", "redirect", "netmap")


def told(host: Host, found: AtHook) -> RoadHop:
    """What becomes of a packet at a hook, as a hop whose place is still to be said."""
    # Where rules that nobody could list decide, no rule that is known does.
    decision = found.deciding if found.verdict is not Verdict.ACCEPT else _accepting(found.decisions)
    return RoadHop(
        hop=Hop.INPUT,
        device="",
        predicted=_FATES[found.verdict],
        why=_words(found, decision),
        rule=reference(host, decision) if decision else None,
        rewrites=rewriting(found.decisions, found.rewrites),
        may_rewrite=rewriting(found.decisions, found.may_rewrite),
    )


def _accepting(decisions: tuple[Decision, ...]) -> Decision | None:
    """Of those that let it pass the one that says most: a rule before a policy."""
    return min(decisions, key=lambda decision: decision.rule is None) if decisions else None


def reference(host: Host, decision: Decision) -> RuleRef:
    """Whose rule it is, is looked up in full only for what stops the packet, or may."""
    found = _policy(decision) if decision.rule is None else _to(decision, decision.rule)
    if decision.verdict is Verdict.ACCEPT:
        return found
    owned = ownership(host, decision.table, decision.chain, decision.rule)
    return msgspec.structs.replace(
        found, owner=owned.owner.value, owner_why=owned.why, file=owned.file, file_line=owned.line
    )


def _policy(decision: Decision) -> RuleRef:
    chain = decision.table.chains.get(decision.chain, decision.base)
    return RuleRef(
        family=decision.table.family,
        table=decision.table.name,
        chain=chain.name,
        text=chain.text,
        line=chain.line or None,
        owner=owner_of(decision.table.name, chain.name),
        origin=decision.table.origin,
        by_policy=True,
    )


def _to(decision: Decision, rule: Rule) -> RuleRef:
    return RuleRef(
        family=decision.table.family,
        table=decision.table.name,
        chain=rule.chain,
        text=rule.text,
        handle=rule.handle,
        line=rule.line or None,
        owner=owner_of(decision.table.name, rule.chain),
        origin=decision.table.origin,
    )


def rewriting(decisions: tuple[Decision, ...], rewrites: tuple[Rewrite, ...]) -> tuple[RuleRef, ...]:
    """The rules that hold these rewrites, where they can be found again."""
    wanted = set(rewrites)
    found: list[RuleRef] = []
    for decision in decisions:
        if wanted & {*decision.rewrites, *decision.may_rewrite}:
            found += [_to(decision, rule) for rule in _that_did(decision, wanted)]
    return tuple(found)


def _that_did(decision: Decision, wanted: set[Rewrite]) -> list[Rule]:
    """NAT ends the base chain: it was one of the rules that may have let the packet pass, as far as all are known."""
    if decision.verdict is Verdict.ACCEPT and len(decision.others) < MOST_OTHERS:
        ended = (*decision.others, decision.rule)
        return [rule for rule in ended if rule is not None and not wanted.isdisjoint(_rewrites(rule))]
    found: list[Rule] = []
    for chain in decision.table.chains.values():
        numbers = {number for rewrite in wanted for number in chain.once(_translating).get(rewrite, ())}
        found += [chain.rule(number) for number in sorted(numbers)]
    return found


def _translating(chain: Chain) -> dict[Rewrite, list[int]]:
    """The numbers of the rules that may rewrite so; only lines that may rewrite anything are read."""
    found: dict[Rewrite, list[int]] = {}
    for number, (_, text) in enumerate(chain.written):
        if any(word in text.lower() for word in _NAT_WORDS):
            for rewrite in _rewrites(chain.rule(number)):
                found.setdefault(rewrite, []).append(number)
    return found


def _rewrites(rule: Rule) -> tuple[Rewrite, ...]:
    return tuple(part for part in rule.parts if isinstance(part, Rewrite))


def _words(found: AtHook, decision: Decision | None) -> str:
    if decision is None:
        return found.why or "no table filters here"
    where = _where(decision)
    if found.verdict is Verdict.UNKNOWN:
        place = (
            f"line {decision.rule.line} of `{decision.table.origin}`" if decision.rule and decision.rule.line else ""
        )
        return f"{found.why or decision.why} ({', '.join(filter(None, (where, place)))})"
    if decision.rule is None:
        word = "drops it, and no rule accepts it" if found.verdict is Verdict.DROP else "accepts it"
        return f"the policy of {where} {word}"
    return f"a rule of {where} {'drops' if found.verdict is Verdict.DROP else 'accepts'} it"


def _where(decision: Decision) -> str:
    table = decision.table
    family = f"{table.family} " if table.dialect == "nft" else ""
    return f"{family}{table.name} {decision.chain}"
