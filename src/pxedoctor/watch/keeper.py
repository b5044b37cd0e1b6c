"""The keeper: hears, waits until it is quiet, has it judged, tells what is different, and repairs what it may.

Hearing never waits for judging: the judge is another process. What stirs meanwhile is gathered for its next turn.

For editors: the judge has one question at a time. `_turn` is what it was asked for: a burst, a repair, or the beginning
of a burst that has not settled yet. Such an early answer is the burst's if nothing stirred after it was asked for; else
what it found broken is told as provisional, and the burst is judged when it has settled.
"""

import select
import selectors
import time
from collections.abc import Callable

import msgspec

from pxedoctor.verdict.happened import EventWord, Happened, Standing
from pxedoctor.verdict.remembered import Remembered, is_over, key_of
from pxedoctor.watch import clock, rounds
from pxedoctor.watch.difference import Difference, differences
from pxedoctor.watch.early import Early, covered, may_be_early
from pxedoctor.watch.ears import Ears
from pxedoctor.watch.given_back import Calm
from pxedoctor.watch.happened import UNHEARD, TellHappened, happened, listening
from pxedoctor.watch.healer import Healer, Wounded
from pxedoctor.watch.judge_link import JudgeLink
from pxedoctor.watch.question import Judgement, Question
from pxedoctor.watch.reread import facts_to_read
from pxedoctor.watch.settle import Burst, Settling, Stir, due_at, joined, settled, stirred
from pxedoctor.watch.standings import Standings

# Between two looks at what nobody tells of (bridge-nf-call has no event), and at whether to stop.
_LONGEST_SLEEP = 2.0
# A judge that is silent for longer hangs; a repair that restarts libvirt and proves it by a probe takes a minute.
_LONGEST_TURN = 300.0
_ROUND = "a round"


class Keeper:
    """`run` returns when `stop` says so, or raises JudgeError. `remembered`: of a keeper that was here before.

    `every`: seconds after which everything is looked at although nothing was heard.
    """

    def __init__(
        self,
        ears: Ears,
        healer: Healer,
        tell: TellHappened,
        remembered: Remembered | None = None,
        every: float = rounds.EVERY,
    ) -> None:
        self._ears = ears
        self._healer = healer
        self._tell = tell
        self._settling = Settling()
        self._standings = Standings(remembered)
        self._wounded: list[Wounded] = []
        self._turn: Burst | Wounded | Early | None = None
        self._early: Early | None = None
        self._asked = self._heard = 0.0
        self._lost = 0
        self._deaf = list(ears.deaf)
        self._clock = clock.Clock()
        self._calm = Calm()
        self._rounds = rounds.Rounds(every)
        self._verdict = "unknown"
        self._judge = JudgeLink()

    @property
    def verdict(self) -> str:
        """Of the last judgement, in the words of diagnose."""
        return self._verdict

    @property
    def standing(self) -> tuple[Standing, ...]:
        """What was found by the last judgement."""
        return self._standings.now

    def hangs(self) -> bool:
        """Whether its judge has been silent for so long that it will not answer any more."""
        return self._turn is not None and time.monotonic() - self._asked > _LONGEST_TURN

    def run(self, stop: Callable[[], bool], ready: Callable[[], None]) -> None:
        """Judges once, says that it is `ready`, then judges whenever something stirred. `stop` is asked each turn."""
        try:
            if not self._first_look(stop):
                return
            ready()
            with selectors.DefaultSelector() as waiting:
                for source in (*self._ears.handles(), self._judge.fileno()):
                    waiting.register(source, selectors.EVENT_READ)
                while not stop():
                    woken = waiting.select(self._sleep())
                    self._go_on(any(key.fd == self._judge.fileno() for key, _ in woken))
        finally:
            self._judge.end(at_once=not isinstance(self._turn, Wounded))

    def look(self) -> None:
        """Judges once, tells what stands, and ends. Raises JudgeError."""
        try:
            self._first_look(lambda: False)
        finally:
            self._judge.end(at_once=True)

    def _first_look(self, stop: Callable[[], bool]) -> bool:
        """Whether it was taken: on a host with 500 networks it lasts half a minute, and whoever waits may `stop` it."""
        self._judge.ask(Question(number=0))
        while not select.select([self._judge.fileno()], [], [], _LONGEST_SLEEP)[0]:
            if stop():
                return False
        first = self._judge.answer()
        self._hear()
        if self._settling.count:
            self._standings.stirred_already()
        self._take_in(first, None)
        self._rounds.looked(time.monotonic(), first.seconds)
        return True

    def _go_on(self, answered: bool) -> None:
        self._hear()
        self._tell_losses()
        self._tell_the_time()
        self._tell_what_is_heard()
        self._make_a_round(time.monotonic())
        if answered:
            turn, self._turn = self._turn, None
            self._answered(self._judge.answer(), turn)
        if self._turn is None:
            self._next_turn()
            self._calm.look(time.monotonic())

    def _hear(self) -> None:
        for stir in self._ears.hear(time.monotonic()):
            self._settling = stirred(self._settling, stir)
            self._calm.stirred(stir.at)
            # Later than its own time, which is that of all that came in one go.
            self._heard = time.monotonic()

    def _answered(self, judgement: Judgement, turn: Burst | Wounded | Early | None) -> None:
        if isinstance(turn, Early):
            self._early = covered(turn, judgement, self._settling, self._heard)
            if self._early.count != self._settling.count:
                self._tell_provisionally(judgement, turn)
        elif isinstance(turn, Wounded):
            if judgement.repair is not None:
                at = time.monotonic()
                for event in self._healer.came_of_it(turn, judgement.repair, clock.now(), at):
                    self._tell(event)
                if judgement.repair.outcome == "verified":
                    self._standings.repaired(turn.standing.id)
            # What else is different by now is of those who have stirred meanwhile.
            since = self._settling
            self._take_in(judgement, Burst(stirs=since.stirs, count=since.count) if since.count else None)
            # Its own changes are not heard: what they did to everything else is looked at now.
            self._settling = stirred(self._settling, Stir(at=time.monotonic(), source="repair", what="a repair"))
        else:
            # While the judge was reading, others may have written what it read.
            burst = joined(turn, self._settling) if turn is not None else None
            if burst is not None and _ROUND in burst.sources:
                self._rounds.looked(time.monotonic(), judgement.seconds)
                burst = None if burst.sources == {_ROUND} else burst
            self._take_in(judgement, burst)

    def _make_a_round(self, at: float) -> None:
        if self._rounds.begins(at):
            self._settling = stirred(self._settling, Stir(at=at, source=_ROUND, what=UNHEARD))

    def _next_turn(self) -> None:
        """A repair comes before the next burst: what it heals need not be judged again."""
        now = time.monotonic()
        standing = {key_of(entry) for entry in self._standings.now}
        self._wounded += [entry for entry in self._healer.waited(now) if key_of(entry.standing) in standing]
        while self._wounded and self._turn is None:
            wounded = self._wounded.pop(0)
            question = self._healer.wants(wounded, now)
            if question is not None:
                # What was read before a repair is not how it is after it.
                self._turn, self._asked, self._early = wounded, now, None
                self._judge.ask(msgspec.structs.replace(question, still=not self._settling.count))
        if self._turn is not None:
            return
        self._settling, burst = settled(self._settling, now)
        if burst is not None:
            self._judge_burst(burst, now)
        elif self._early is None and may_be_early(self._settling):
            begun = Burst(stirs=self._settling.stirs, count=self._settling.count)
            self._turn, self._asked = Early(burst=begun), now
            self._judge.ask(Question(number=0, wanted=facts_to_read(begun)))

    def _judge_burst(self, burst: Burst, now: float) -> None:
        early, self._early = self._early, None
        if early is not None and early.judgement is not None and early.count == burst.count:
            self._take_in(early.judgement, burst)
            self._next_turn()
            return
        self._turn, self._asked = burst, now
        self._judge.ask(Question(number=0, wanted=facts_to_read(burst)))

    def _tell_provisionally(self, judgement: Judgement, early: Early) -> None:
        """At once, in the middle of a burst: what is broken now. Whether it stays, the burst's end says."""
        if judgement.failed:
            return
        seconds = time.monotonic() - early.burst.ended
        for difference in differences(self._standings.now, judgement.standing):
            if difference.word is EventWord.APPEARED and difference.standing.severity == "broken":
                word = Difference(EventWord.PROVISIONAL, difference.standing)
                self._tell(happened(word, early.burst, clock.now(), seconds))

    def _sleep(self) -> float:
        due = due_at(self._settling)
        if due is None or self._turn is not None:
            return _LONGEST_SLEEP
        return min(_LONGEST_SLEEP, max(0.0, due - time.monotonic()))

    def _take_in(self, judgement: Judgement, burst: Burst | None) -> None:
        if judgement.failed:
            return
        at = time.monotonic()
        for event in self._standings.judged(judgement.standing, burst, at):
            self._tell(event)
            if event.finding is not None and not is_over(event):
                since = burst.ended if burst else at
                self._wounded.append(Wounded(standing=event.finding, who=event.who, since=since))
        self._verdict = judgement.verdict
        keys = {key_of(standing) for standing in judgement.standing}
        self._wounded = [entry for entry in self._wounded if key_of(entry.standing) in keys]

    def _tell_losses(self) -> None:
        """What was not heard is looked for: everything is read again."""
        lost = self._ears.lost()
        if lost == self._lost:
            return
        self._lost = lost
        what = "the kernel had more to tell than it could keep; everything is looked at again"
        self._tell(Happened(time=clock.now(), event=EventWord.EVENTS_LOST, finding=None, what=what, who=None))
        self._settling = stirred(self._settling, Stir(at=time.monotonic(), source="lost", what="events were lost"))

    def _tell_what_is_heard(self) -> None:
        """A source that went, or came after all."""
        if self._ears.deaf != self._deaf:
            self._deaf = list(self._ears.deaf)
            self._tell(listening(self._ears.sources(), clock.now()))

    def _tell_the_time(self) -> None:
        """Nothing is measured by the wall clock; but times of events before it jumped are not those after it."""
        jumped = self._clock.jumped()
        if jumped:
            what = f"the wall clock was set {'forward' if jumped > 0 else 'back'} by {abs(jumped):.0f} s"
            self._tell(Happened(time=clock.now(), event=EventWord.CLOCK_JUMPED, finding=None, what=what, who=None))
