"""Repairs what was found: one finding, one plan, one journal entry; then looks again.

1. Verified: after a fresh collection the finding is gone.
2. Pending: the steps are done, and the cure waits for something only a person does (a guest's full restart).
3. Undone: a step failed, or the finding is still there, and everything that can be taken back was.
4. Failed: as 3, but something could not be taken back; the steps tell which, with the command.

Ctrl-C at any moment ends in 3 or 4: no step is cut off in its middle, and nothing that was done is left behind.
"""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from pxedoctor.access.answer import Access
from pxedoctor.apply.deadline import arm
from pxedoctor.apply.executor import perform, recorded, take_back
from pxedoctor.apply.interrupt import put_off
from pxedoctor.care.examine import Clock, examine, silent
from pxedoctor.collect.gather import Progress
from pxedoctor.diagnose.selection import Selection
from pxedoctor.journal.store import Journal
from pxedoctor.model.observation import Probed
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan
from pxedoctor.plans.record import Entry
from pxedoctor.plans.request import Service
from pxedoctor.plans.safety import Safety
from pxedoctor.verdict.report import Diagnosed
from pxedoctor.verdict.treatment import Refusal, Treated, TreatmentOutcome

if TYPE_CHECKING:
    from pxedoctor.care.probing import Probing

# libvirt 9 has written the rules of 48 networks back 4 s after its start.
_BETWEEN_LOOKS_SECONDS = (0.1, 0.1, 0.2, 0.3, 0.3, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5)
# On a busy host, or with hundreds of networks, a daemon that was started anew takes longer for it.
_FOR_A_DAEMON_SECONDS = (1.0, 1.0, 1.0, 2.0, 2.0, 3.0, 5.0)
# A server that has just been started may miss the first; each may last as long as the client asks.
_MOST_PROBES = 2


def refusal(diagnosed: Diagnosed, allow_risky: bool) -> Refusal | None:
    """None where the plan may be carried out."""
    finding, plan = diagnosed.finding, diagnosed.plan
    if isinstance(plan, NoPlan):
        return Refusal(finding.id, plan.because)
    if plan.safety is Safety.SHOW_ONLY:
        return Refusal(finding.id, f"pxedoctor only shows this repair: {plan.may_lose}")
    if plan.safety is Safety.RISKY and not allow_risky:
        return Refusal(finding.id, f"the repair is RISKY, and --allow-risky was not given: {plan.may_lose}")
    if finding.broken.certainty == "likely" and not allow_risky:
        return Refusal(finding.id, "the cause is likely, not proven; --allow-risky says that you want it all the same")
    return None


class Surgery(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a treatment needs besides the finding. `probing`: whether it is verified with packets, too.

    `keep_by`: when it is taken back by itself unless somebody keeps it, `revert_after` seconds from now; 0: never.
    `stands`: whether a Finding.id is still there, asked of somebody who knows this host; None: it is examined whole.
    """

    access: Access
    selection: Selection
    journal: Journal
    clock: Clock
    progress: Progress = silent
    probing: "Probing | None" = None
    revert_after: int = 0
    keep_by: str = ""
    stands: Callable[[str], bool] | None = None


def moved(diagnosed: Diagnosed, surgery: Surgery) -> str:
    """In words, whether the host is another than when the plan was made; "" where the same plan would be made again."""
    after = examine(surgery.access, surgery.selection, surgery.clock(), surgery.progress, surgery.probing)
    same = [found for found in after.report.findings if found.finding.id == diagnosed.finding.id]
    if not same:
        return "what was found is gone meanwhile"
    return "" if same[0].plan == diagnosed.plan else "the host has changed meanwhile, and the repair would be another"


def treat(diagnosed: Diagnosed, facts: Facts, surgery: Surgery, entry_id: str) -> Treated:
    """Carries out one plan. The caller has asked `refusal` before. NotGrantedError where no deadline can be armed."""
    plan = diagnosed.plan
    if isinstance(plan, NoPlan):
        raise ValueError(f"{diagnosed.finding.id} has no plan")
    finding = diagnosed.finding
    entry = recorded(entry_id, surgery.clock(), finding.id, finding.broken.headline, plan, facts.host)
    if surgery.revert_after:
        entry = msgspec.structs.replace(entry, keep_by=surgery.keep_by)
        surgery.journal.write(entry)
        arm(entry_id, surgery.revert_after)
    with put_off() as wants_to_stop:
        entry = perform(entry, surgery.journal, wants_to_stop)
        if any(step.state != "done" for step in entry.steps):
            return _taken_back(entry, surgery, wants_to_stop())
        after = _Looked(gone=True) if plan.pending else _gone(entry, surgery, wants_to_stop)
        if after.gone and not wants_to_stop():
            closed = _closed(entry, surgery, "pending" if plan.pending else "verified")
            return msgspec.structs.replace(closed, seen=after.seen)
        return _taken_back(take_back(entry, surgery.journal), surgery, wants_to_stop())


def _taken_back(entry: Entry, surgery: Surgery, interrupted: bool) -> Treated:
    treated = _closed(entry, surgery, "undone" if _all_taken_back(entry) else "failed")
    return msgspec.structs.replace(treated, interrupted=interrupted)


class _Looked(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a fresh look still finds it, and what a probe saw then."""

    gone: bool
    seen: tuple[Probed, ...] = ()


def _gone(entry: Entry, surgery: Surgery, wants_to_stop: Callable[[], bool]) -> _Looked:
    """Whether a fresh look no longer finds it. A restarted daemon writes its rules some time after it has forked.

    With a probe, packets have the last word, once the facts no longer tell of it.
    """
    probes = 0
    started = any(isinstance(step.request, Service) for step in entry.steps)
    for pause in (*_BETWEEN_LOOKS_SECONDS, *(_FOR_A_DAEMON_SECONDS if started else ())):
        after = _looked(entry.finding, surgery, None)
        if after.gone and surgery.probing is not None:
            after = _looked(entry.finding, surgery, surgery.probing)
            probes += 1
        if after.gone or wants_to_stop() or probes == _MOST_PROBES:
            return after
        time.sleep(pause)
    return _Looked(gone=False)


def _looked(finding: str, surgery: Surgery, probing: "Probing | None") -> _Looked:
    """A probe that could not be made has not seen that it is gone."""
    if probing is None and surgery.stands is not None:
        return _Looked(gone=not surgery.stands(finding))
    after = examine(surgery.access, surgery.selection, surgery.clock(), surgery.progress, probing)
    seen = after.facts.observations
    blind = probing is not None and not seen
    found = any(found.finding.id == finding for found in after.report.findings)
    return _Looked(gone=not blind and not found, seen=seen)


def _all_taken_back(entry: Entry) -> bool:
    return all(step.state in {"planned", "undone", "nothing-to-undo", "failed"} for step in entry.steps)


def _closed(entry: Entry, surgery: Surgery, outcome: TreatmentOutcome) -> Treated:
    entry = msgspec.structs.replace(entry, outcome=outcome)
    surgery.journal.write(entry)
    return Treated(entry=entry, outcome=outcome)
