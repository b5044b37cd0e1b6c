"""The keeper's judge: a process of its own, so that hearing never waits for judging.

It is asked by a line of JSON on its standard input, which facts to read again, and answers with one line. It ends when
its input does. Run as `python -m pxedoctor.watch.judge`.
"""

import datetime
import sys
import time

import msgspec

from pxedoctor.access.live import LiveHost
from pxedoctor.care.again import Looking
from pxedoctor.diagnose.selection import Selection, SelectionError
from pxedoctor.verdict.report import Diagnosed, Report
from pxedoctor.watch.difference import Standing


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """`number` comes back with the answer. `wanted` None: everything is read again."""

    number: int
    wanted: tuple[str, ...] | None = None


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """`failed`: why nothing could be told, "" where it could."""

    number: int
    verdict: str = ""
    standing: tuple[Standing, ...] = ()
    seconds: float = 0.0
    failed: str = ""


def judged(looking: Looking, question: Question, at: str) -> Judgement:
    started = time.monotonic()
    try:
        report = looking.look(at, None if question.wanted is None else frozenset(question.wanted)).report
    except SelectionError as error:
        return Judgement(number=question.number, failed=error.message)
    return Judgement(
        number=question.number,
        verdict=report.verdict,
        standing=standing_of(report),
        seconds=round(time.monotonic() - started, 4),
    )


def standing_of(report: Report) -> tuple[Standing, ...]:
    return tuple(_standing(diagnosed) for diagnosed in report.findings)


def _standing(diagnosed: Diagnosed) -> Standing:
    finding = diagnosed.finding
    return Standing(
        id=finding.id,
        name=finding.name,
        severity=finding.broken.severity,
        certainty=finding.broken.certainty,
        headline=finding.broken.headline,
        targets=finding.targets,
    )


def main() -> None:
    looking = Looking(LiveHost(), Selection())
    for line in sys.stdin.buffer:
        question = msgspec.json.decode(line, type=Question)
        at = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        sys.stdout.buffer.write(msgspec.json.encode(judged(looking, question, at)) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
