"""What stands on a host that is looked at again and again: only whom a change can touch is judged anew.

The checks and the order of findings are those of the engine; the answer is the same as if everything were judged
(tests/diagnose/test_standing.py holds it to that).
"""

from collections.abc import Mapping

import msgspec

from pxedoctor.checks import CHECKS
from pxedoctor.checks.check import Check
from pxedoctor.diagnose.always import ALWAYS
from pxedoctor.diagnose.changed import EVERYTHING, Change, change
from pxedoctor.diagnose.engine import Judged, findings_of, outcome_of, roads_told, stopped
from pxedoctor.diagnose.heir import inherit
from pxedoctor.diagnose.order import in_order
from pxedoctor.diagnose.touched import Concern, touches, words_of
from pxedoctor.findings.finding import Finding
from pxedoctor.findings.outcome import Broken, Outcome, Unknown
from pxedoctor.model.host import Host
from pxedoctor.model.target import Facts, Target
from pxedoctor.road.exchange import shown
from pxedoctor.road.hop import Fate
from pxedoctor.verdict.report import Verdict

_ABOUT_RULES = frozenset(
    {check.META.name for check in CHECKS if "netfilter" in {*check.META.needs, *check.META.consults}}
)


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """Of one target: what is not well, by the check's name, and where its packets end."""

    target: Target
    outcomes: Mapping[str, Broken | Unknown]
    fate: Fate
    concern: Concern

    @property
    def verdict(self) -> Verdict:
        outcomes = self.outcomes.values()
        if self.fate is Fate.DROP or any(isinstance(o, Broken) and o.severity == "broken" for o in outcomes):
            return Verdict.BROKEN
        blind = any(isinstance(outcome, Unknown) and outcome.on_road for outcome in outcomes)
        return Verdict.UNKNOWN if blind or self.fate is Fate.UNKNOWN else Verdict.HEALTHY


class Stand(msgspec.Struct, frozen=True, kw_only=True):
    """A host as it was judged last. `judged`: how many targets had to be, for this one."""

    host: Host
    known: tuple[Known, ...] = ()
    judged: int = 0

    def findings(self) -> tuple[Finding, ...]:
        """As the engine's, in its order."""
        judged = [
            Judged(check, one.target, one.outcomes[check.META.name])
            for check in CHECKS
            for one in self.known
            if check.META.name in one.outcomes
        ]
        return in_order(findings_of(judged))

    @property
    def verdict(self) -> Verdict:
        verdicts = {one.verdict for one in self.known}
        return next((worst for worst in (Verdict.BROKEN, Verdict.UNKNOWN) if worst in verdicts), Verdict.HEALTHY)


def stand(host: Host, targets: tuple[Target, ...], before: Stand | None = None) -> Stand:
    """Without `before` everything is judged."""
    facts = Facts(host=host)
    if before is not None:
        inherit(before.host, host)
    what = EVERYTHING if before is None else change(before.host, host)
    old = {} if before is None else {one.target: one for one in before.known}
    known: list[Known] = []
    judged = 0
    for target in targets:
        one = old.get(target)
        if one is None or what.facts & ALWAYS or touches(what, one.concern):
            one, judged = _judged(facts, target), judged + 1
        elif what.facts | what.counted:
            one = _partly(facts, one, what)
        known.append(one)
    return Stand(host=host, known=tuple(known), judged=judged)


def _judged(facts: Facts, target: Target) -> Known:
    outcomes = {check.META.name: outcome_of(check, facts, target) for check in CHECKS}
    roads = roads_told(facts, target)
    end = stopped(facts, target, roads)
    amiss = _amiss(outcomes)
    stopped_by_rules = any(hop.hook and hop.fate is not Fate.PASS for road in roads for hop in road.hops)
    about_rules = any(_matters(outcome) for name, outcome in amiss.items() if name in _ABOUT_RULES)
    return Known(
        target=target,
        outcomes=amiss,
        fate=end[0] if end is not None else Fate.PASS,
        concern=Concern(
            shown=shown(facts, target),
            words=words_of(facts.host, target),
            clear=not (stopped_by_rules or about_rules),
        ),
    )


def _partly(facts: Facts, before: Known, what: Change) -> Known:
    """Facts that no road needs: only the checks that look at them are asked again."""
    asked = [check for check in CHECKS if _reads(check, what)]
    names = {check.META.name for check in asked}
    kept = {name: outcome for name, outcome in before.outcomes.items() if name not in names}
    amiss = _amiss({check.META.name: outcome_of(check, facts, before.target) for check in asked})
    return msgspec.structs.replace(before, outcomes={**kept, **amiss})


def _reads(check: Check, what: Change) -> bool:
    return not (what.facts | what.counted).isdisjoint((*check.META.needs, *check.META.consults))


def _matters(outcome: Broken | Unknown) -> bool:
    """Whether a check has found something, or could not tell although it lies on the road."""
    return isinstance(outcome, Broken) or outcome.on_road


def _amiss(outcomes: Mapping[str, Outcome]) -> dict[str, Broken | Unknown]:
    return {name: outcome for name, outcome in outcomes.items() if isinstance(outcome, Broken | Unknown)}
