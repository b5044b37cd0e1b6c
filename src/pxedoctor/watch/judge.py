"""The keeper's judge: a process of its own, so that hearing never waits for judging.

It is asked by a line of JSON on its standard input, which facts to read again, and answers with one line. It ends when
its input does. Run as `python -m pxedoctor.watch.judge`.
"""

import ctypes
import datetime
import gc
import select
import shlex
import sys
import time
from collections.abc import Callable, Iterator
from typing import IO

import msgspec

from pxedoctor.access.live import LiveHost
from pxedoctor.care.again import Looking, facts_of
from pxedoctor.diagnose.selection import Selection, SelectionError
from pxedoctor.findings.finding import Finding
from pxedoctor.journal.store import Journal, JournalError
from pxedoctor.plans.live_part import Parted, parted
from pxedoctor.plans.plan import NoPlan
from pxedoctor.verdict.happened import Standing
from pxedoctor.verdict.report import Diagnosed
from pxedoctor.watch.given_back import give_back, much_is_left
from pxedoctor.watch.question import Judgement, Question, Repair
from pxedoctor.watch.reread import facts_written

# malloc.h.
_M_ARENA_MAX = -8
# Objects: a few MiB at most. Python's own number is 700.
_BORN_BETWEEN = 50_000
# A repair is asked for within milliseconds of the judgement before it, and another burst, in a storm, within a second.
_QUIET_SECONDS = 1.5


def judged(looking: Looking, question: Question, repair: Repair | None = None) -> Judgement:
    started = time.monotonic()
    try:
        stands = looking.look(None if question.wanted is None else frozenset(question.wanted))
    except SelectionError as error:
        return Judgement(number=question.number, failed=error.message, repair=repair)
    return Judgement(
        number=question.number,
        verdict=stands.verdict,
        standing=tuple(_standing(finding) for finding in stands.findings()),
        seconds=round(time.monotonic() - started, 4),
        began=looking.began,
        judged=stands.judged,
        repair=repair,
    )


def _standing(finding: Finding) -> Standing:
    return Standing(
        id=finding.id,
        name=finding.name,
        severity=finding.broken.severity,
        certainty=finding.broken.certainty,
        headline=finding.broken.headline,
        targets=finding.targets,
    )


def treated(looking: Looking, question: Question, clock: Callable[[], str]) -> Repair:
    """Repairs what was asked, if it still stands and its plan may be carried out unasked.

    Before, everything is read again that its check looks at, but for what was just read, if nothing has stirred since.
    After, what the repair can have changed; what no check of it reads can wait.
    """
    from pxedoctor.care.treat import Surgery, refusal, treat

    concerned = facts_of(question.treat)
    looking.look(concerned - looking.just_read() if question.still else concerned)
    found = looking.planned(question.treat)
    if found is None:
        return Repair(finding=question.treat, outcome="gone")
    part = allowed(found, question.edit_files)
    operated = msgspec.structs.replace(found, plan=part.live)
    refused = refusal(operated, question.allow_risky)
    if refused is not None:
        return Repair(finding=question.treat, outcome="refused", why=refused.because)

    written = concerned & facts_written(operated.plan)

    def stands(finding: str) -> bool:
        return any(one.id == finding for one in looking.look(written).findings())

    surgery = Surgery(access=LiveHost(), selection=Selection(), journal=Journal(), clock=clock, stands=stands)
    try:
        with surgery.journal.locked():
            entry_id = surgery.journal.new_id(clock())
            done = treat(operated, looking.facts, surgery, entry_id)
    except JournalError as error:
        return Repair(finding=question.treat, outcome="refused", why=error.message)
    left = tuple(step.describe() for step in part.lasting)
    return Repair(finding=question.treat, outcome=done.outcome, id=entry_id, for_good=for_good(found), left=left)


def allowed(found: Diagnosed, edit_files: bool) -> Parted:
    """What of its plan may be done, and what is left to a person."""
    if edit_files or isinstance(found.plan, NoPlan):
        return Parted(found.plan)
    part = parted(found.plan)
    if isinstance(part.live, NoPlan):
        words = f"{part.live.because}; `edit_files = true` in the policy lets the keeper write them"
        return msgspec.structs.replace(part, live=NoPlan(words))
    return part


def for_good(found: Diagnosed) -> tuple[str, ...]:
    """The plan's commands in its owner's language, and what it says of a reboot or the owner's next writing."""
    if isinstance(found.plan, NoPlan):
        return ()
    lasting = tuple(way for way in found.plan.other_ways if way.startswith("For good"))
    return (*(shlex.join(step.argv()) for step in found.plan.steps), *lasting)


def now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def answer(looking: Looking, question: Question) -> Judgement:
    repair = treated(looking, question, now) if question.treat else None
    return judged(looking, question, repair)


def _share_one_heap() -> None:
    """For all threads. Each look asks in twenty short-lived ones, and glibc gives up to eight for each processor a heap
    of their own, which stays as large as it ever was (mallopt(3)); they wait for programs, not for each other."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)


def _collect_seldom() -> None:
    """Each rule that a packet may meet is objects that live, and judging leaves no ring of them (tests/diagnose
    test_growth.py): Python's looking for rings among all of them again and again was a third of judging 400 networks.
    """
    gc.freeze()
    gc.set_threshold(_BORN_BETWEEN, 10, 10)


def _questions(lines: IO[bytes]) -> Iterator[bytes]:
    """One after the other; when nobody has asked for a moment, what the last ones have left is given back."""
    while True:
        # Nothing waits in the buffer of `lines`: the next question comes after the answer.
        if much_is_left() and not select.select([lines], [], [], _QUIET_SECONDS)[0]:
            give_back()
        line = lines.readline()
        if not line:
            return
        yield line


def main() -> None:
    _share_one_heap()
    _collect_seldom()
    looking = Looking(LiveHost(), Selection())
    for line in _questions(sys.stdin.buffer):
        said = answer(looking, msgspec.json.decode(line, type=Question))
        sys.stdout.buffer.write(msgspec.json.encode(said) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
