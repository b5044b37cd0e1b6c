"""The keeper: hears, waits until it is quiet, has it judged, tells what is different.

Hearing never waits for judging: the judge is another process. What stirs meanwhile is gathered for its next turn.
"""

import datetime
import selectors
import subprocess
import sys
import time
from collections.abc import Callable

import msgspec

from pxedoctor.watch.difference import Standing, differences
from pxedoctor.watch.ears import Ears
from pxedoctor.watch.happened import TellHappened, happened
from pxedoctor.watch.judge import Judgement, Question
from pxedoctor.watch.settle import Burst, Settling, due_at, settled, stirred

# The facts that have to be read again; a source that is not here has everything read again.
FACTS_OF: dict[str, tuple[str, ...]] = {
    "rules": ("netfilter", "firewalld"),
    "traffic-control": ("traffic_control",),
}
# A handle that is always there must not keep the loop awake.
_LONGEST_SLEEP = 60.0


class JudgeError(Exception):
    """The judge ended, or said what nobody understands."""


class Keeper:
    """`run` returns when `stop` says so, or raises JudgeError."""

    def __init__(self, ears: Ears, tell: TellHappened) -> None:
        self._ears = ears
        self._tell = tell
        self._settling = Settling()
        self._asked: Burst | None = None
        self._standing: tuple[Standing, ...] = ()
        self._number = 0
        self._judge = subprocess.Popen(
            [sys.executable, "-m", "pxedoctor.watch.judge"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def run(self, stop: Callable[[], bool], ready: Callable[[], None]) -> None:
        """Judges once, says that it is `ready`, then judges whenever something stirred."""
        try:
            self._take_in(self._answer_to(None), None)
            ready()
            with selectors.DefaultSelector() as waiting:
                for handle in (*self._ears.handles(), self._said):
                    waiting.register(handle, selectors.EVENT_READ)
                while not stop():
                    woken = waiting.select(self._sleep())
                    self._turn(any(key.fd == self._said for key, _ in woken))
        finally:
            self._judge.kill()
            self._judge.wait()

    def _turn(self, answered: bool) -> None:
        for stir in self._ears.hear(time.monotonic()):
            self._settling = stirred(self._settling, stir)
        if answered:
            asked, self._asked = self._asked, None
            self._take_in(self._read_answer(), asked)
        if self._asked is None:
            self._settling, burst = settled(self._settling, time.monotonic())
            if burst is not None:
                self._asked = burst
                self._ask(_wanted(burst))

    def _sleep(self) -> float:
        due = due_at(self._settling)
        if due is None or self._asked is not None:
            return _LONGEST_SLEEP
        return max(0.0, due - time.monotonic())

    def _take_in(self, judgement: Judgement, burst: Burst | None) -> None:
        if judgement.failed:
            return
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        seconds = time.monotonic() - burst.ended if burst else judgement.seconds
        for difference in differences(self._standing, judgement.standing):
            self._tell(happened(difference, burst, now, seconds))
        self._standing = judgement.standing

    @property
    def _said(self) -> int:
        if self._judge.stdout is None:
            raise JudgeError("the judge has no output")
        return self._judge.stdout.fileno()

    def _answer_to(self, wanted: tuple[str, ...] | None) -> Judgement:
        self._ask(wanted)
        return self._read_answer()

    def _ask(self, wanted: tuple[str, ...] | None) -> None:
        self._number += 1
        if self._judge.stdin is None:
            raise JudgeError("the judge has no input")
        try:
            self._judge.stdin.write(msgspec.json.encode(Question(number=self._number, wanted=wanted)) + b"\n")
            self._judge.stdin.flush()
        except BrokenPipeError as error:
            raise JudgeError("the judge has ended") from error

    def _read_answer(self) -> Judgement:
        line = self._judge.stdout.readline() if self._judge.stdout else b""
        try:
            return msgspec.json.decode(line, type=Judgement)
        except msgspec.DecodeError as error:
            raise JudgeError(f"the judge has ended with {self._judge.poll()}") from error


def _wanted(burst: Burst) -> tuple[str, ...] | None:
    wanted: dict[str, None] = {}
    for source in burst.sources:
        facts = FACTS_OF.get(source)
        if facts is None:
            return None
        wanted.update(dict.fromkeys(facts))
    return tuple(wanted)
