"""Runs every check over every target and makes one Report of it.

1. A fact that a check needs and that is Missing becomes Unknown, before the check is called.
2. A check that crashes becomes an Unknown about pxedoctor; the run goes on.
3. Broken outcomes with the same name and subject are one finding.
4. A plan is offered only if it clears its finding on the model, or says what it must assume.
"""

import msgspec

from pxedoctor.checks import CHECKS
from pxedoctor.checks.check import Check
from pxedoctor.diagnose.always import ALWAYS
from pxedoctor.diagnose.observing import failed, fetched, with_trace, with_witnesses
from pxedoctor.diagnose.order import in_order
from pxedoctor.findings.finding import Finding
from pxedoctor.findings.outcome import Broken, Fine, Hop, NotApplicable, Outcome, Unknown
from pxedoctor.model.fact import Missing, MissingFactError
from pxedoctor.model.source import Source
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan, simulate
from pxedoctor.road.exchange import needed
from pxedoctor.road.exchange import roads as roads_of
from pxedoctor.road.hop import Fate, Road, RoadHop
from pxedoctor.road.packet_name import PacketName
from pxedoctor.verdict.report import CheckResult, Diagnosed, NotKnown, Report, TargetVerdict, Verdict

_NOT_PLANNED = NoPlan("no repair was asked for")


class Judged(msgspec.Struct, frozen=True):
    """One check's outcome for one target."""

    check: Check
    target: Target
    outcome: Outcome


def needed_facts() -> frozenset[str]:
    """The collectors that a diagnosis needs: what the checks, the selection of targets and the road ask for."""
    return frozenset(ALWAYS | {need for check in CHECKS for need in (*check.META.needs, *check.META.consults)})


def diagnose(
    facts: Facts,
    targets: tuple[Target, ...],
    sources: tuple[Source, ...],
    collected_at: str,
    checks: tuple[Check, ...] = CHECKS,
    planned: bool = True,
) -> Report:
    """Not `planned`: what stands is all that is asked, and each finding has a NoPlan."""
    judged = [judged for check in checks for judged in _judged(check, facts, targets)]
    findings = in_order(findings_of(judged))
    roads = {target.id: roads_told(facts, target) for target in targets}
    unknown = _unknown(judged)
    broken = frozenset(one for finding in findings if finding.broken.severity == "broken" for one in finding.targets)
    blind = frozenset(one for entry in unknown if entry.on_road for one in entry.targets)
    system = facts.host.system
    return Report(
        hostname="" if isinstance(system, Missing) else system.hostname,
        kernel="" if isinstance(system, Missing) else system.kernel,
        collected_at=collected_at,
        sources=sources,
        targets=tuple(_verdict(facts, target, broken, blind, roads[target.id]) for target in targets),
        checks=_results(judged),
        findings=tuple(
            with_plan(finding, facts, targets, checks) if planned else Diagnosed(finding=finding, plan=_NOT_PLANNED)
            for finding in findings
        ),
        unknown=unknown,
        roads=tuple(road for target in targets for road in roads[target.id]),
        probes=facts.observations,
    )


def _judged(check: Check, facts: Facts, targets: tuple[Target, ...]) -> list[Judged]:
    lacking = _lacking(check, facts)
    return [Judged(check, target, lacking or _outcome(check, facts, target)) for target in targets]


def outcome_of(check: Check, facts: Facts, target: Target) -> Outcome:
    return _lacking(check, facts) or _outcome(check, facts, target)


def _lacking(check: Check, facts: Facts) -> Unknown | None:
    """What the first fact that it needs lacks; None where all are there."""
    needed = (getattr(facts.host, need) for need in check.META.needs)
    return next((_unknown_because(fact) for fact in needed if isinstance(fact, Missing)), None)


def _outcome(check: Check, facts: Facts, target: Target) -> Outcome:
    try:
        outcome = check.check(facts, target)
        return with_trace(outcome, facts, target) if facts.traces else outcome
    except MissingFactError as error:
        return _unknown_because(error.missing)
    except Exception as error:  # a crash in one check is reported as such, never as an answer
        return Unknown(
            missing=f"pxedoctor failed in {check.META.name}: {error!r}",
            would_help="report this with `pxedoctor snapshot -o FILE`",
            on_road=True,
        )


def _unknown_because(missing: Missing) -> Unknown:
    return Unknown(missing=missing.why, would_help=missing.would_help, on_road=missing.status != "absent")


def findings_of(judged: list[Judged]) -> tuple[Finding, ...]:
    merged: dict[tuple[str, str, str], Finding] = {}
    for entry in judged:
        broken = entry.outcome
        if not isinstance(broken, Broken):
            continue
        key = (entry.check.META.name, broken.subject, broken.severity)
        before = merged.get(key)
        targets = (*before.targets, entry.target.id) if before else (entry.target.id,)
        first = before or Finding(meta=entry.check.META, broken=broken, targets=targets, first=entry.target)
        merged[key] = msgspec.structs.replace(first, targets=targets)
    return tuple(merged.values())


def _unknown(judged: list[Judged]) -> tuple[NotKnown, ...]:
    merged: dict[tuple[str, str, str, bool], tuple[Check, list[str]]] = {}
    for entry in judged:
        unknown = entry.outcome
        if not isinstance(unknown, Unknown):
            continue
        key = (entry.check.META.name, unknown.missing, unknown.would_help, unknown.on_road)
        merged.setdefault(key, (entry.check, []))[1].append(entry.target.id)
    return tuple(
        NotKnown(meta=check.META, targets=tuple(ids), on_road=on_road, missing=missing, would_help=would_help)
        for (_, missing, would_help, on_road), (check, ids) in merged.items()
    )


def _results(judged: list[Judged]) -> tuple[CheckResult, ...]:
    merged: dict[tuple[str, str, str], tuple[Check, list[str]]] = {}
    for entry in judged:
        outcome, why = _word(entry.outcome)
        key = (entry.check.META.name, outcome, why)
        merged.setdefault(key, (entry.check, []))[1].append(entry.target.id)
    return tuple(
        CheckResult(meta=check.META, outcome=outcome, targets=tuple(ids), why=why)
        for (_, outcome, why), (check, ids) in merged.items()
    )


def _word(outcome: Outcome) -> tuple[str, str]:
    match outcome:
        case Broken():
            return "broken", outcome.headline
        case Fine(why):
            return "fine", why
        case Unknown():
            return "unknown", outcome.missing
        case NotApplicable(why):
            return "not-applicable", why


def _verdict(
    facts: Facts, target: Target, broken: frozenset[str], blind: frozenset[str], roads: tuple[Road, ...]
) -> TargetVerdict:
    """`broken`: targets with a finding that says so; `blind`: those on whose road something is not known."""
    end = stopped(facts, target, roads)
    fate, packet = end if end is not None else (Fate.PASS, None)
    seen_failing = failed(facts, target, roads)
    verdict = Verdict.HEALTHY
    if target.id in broken or fate is Fate.DROP or seen_failing is not None:
        verdict = Verdict.BROKEN
    elif fate is Fate.UNKNOWN or (target.id in blind and not fetched(facts, target)):
        verdict = Verdict.UNKNOWN
    return TargetVerdict(target=target, verdict=verdict, decisive=packet or seen_failing)


def stopped(facts: Facts, target: Target, roads: tuple[Road, ...]) -> tuple[Fate, PacketName] | None:
    """The first packet that surely dies of those that a boot needs, else the first of which nobody can tell.

    Of several that may serve the same end (an OFFER to everybody, and one to the guest alone) one is enough, and which
    of them the client asks for is not known.
    """
    fates = {road.packet: road.fate for road in roads}
    found: list[tuple[Fate, PacketName]] = []
    for group in _needed(facts, target, roads):
        known = [(fates[name], name) for name in group if name in fates]
        alike = len({fate for fate, _ in known}) == 1
        found += [(fate if alike else Fate.UNKNOWN, name) for fate, name in known if fate is not Fate.PASS]
    return next((entry for fate in (Fate.DROP, Fate.UNKNOWN) for entry in found if entry[0] is fate), None)


def _needed(facts: Facts, target: Target, roads: tuple[Road, ...]) -> tuple[tuple[PacketName, ...], ...]:
    try:
        return needed(facts, target) or ((PacketName.DISCOVER,),)
    except Exception:  # told by `roads_told`, which walks the same facts
        return tuple((road.packet,) for road in roads)


def roads_told(facts: Facts, target: Target) -> tuple[Road, ...]:
    try:
        return with_witnesses(facts, target, roads_of(facts, target))
    except Exception as error:  # as for a check: a crash is said, and the run goes on
        why = f"pxedoctor failed to walk the road: {error!r}"
        hop = RoadHop(hop=Hop.NIC, device=target.tap or "", predicted=Fate.UNKNOWN, why=why)
        return (Road(target=target.id, packet=PacketName.DISCOVER, hops=(hop,)),)


def with_plan(finding: Finding, facts: Facts, targets: tuple[Target, ...], checks: tuple[Check, ...]) -> Diagnosed:
    check = next(check for check in checks if check.META.name == finding.name)
    try:
        return _tried(check, finding, facts, targets)
    except MissingFactError as error:
        return Diagnosed(finding=finding, plan=NoPlan(f"it cannot be planned: {error.missing.why}"))
    except Exception as error:  # as above
        return Diagnosed(finding=finding, plan=NoPlan(f"pxedoctor failed to plan it: {error!r}"))


def _tried(check: Check, finding: Finding, facts: Facts, targets: tuple[Target, ...]) -> Diagnosed:
    plan = check.plan(finding, facts)
    if isinstance(plan, NoPlan):
        return Diagnosed(finding=finding, plan=plan)
    after, assumed = simulate(plan, facts.host)
    # What a probe saw was seen of the host as it is: on the model there are no packets.
    if facts.observations and not _still_broken(check, finding, Facts(host=facts.host), targets):
        assumed = (*assumed, "a probe after the repair no longer sees it")
    if not assumed and _still_broken(check, finding, Facts(host=after), targets):
        because = "tried on the model, the steps known for this fault would not clear it on this host"
        return Diagnosed(finding=finding, plan=NoPlan(because, tuple(_words(plan))))
    return Diagnosed(finding=finding, plan=plan, assumed=assumed)


def _still_broken(check: Check, finding: Finding, after: Facts, targets: tuple[Target, ...]) -> bool:
    concerned = (target for target in targets if target.id in finding.targets)
    return any(isinstance(outcome_of(check, after, target), Broken) for target in concerned)


def _words(plan: Plan) -> list[str]:
    return [step.describe() for step in plan.steps]
