"""What the keeper does about what it finds: by its policy, not while paused, and not in an endless fight."""

import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from pxedoctor.apply.busy import packages_busy
from pxedoctor.verdict.happened import EventWord, Happened, Standing, Who
from pxedoctor.watch.brake import Brake, repaired, sides
from pxedoctor.watch.decide import Situation, why_not
from pxedoctor.watch.one_owner import proposed
from pxedoctor.watch.policy import Policy
from pxedoctor.watch.question import Question, Repair

PAUSED = Path("/run/pxedoctor/keeper-paused")
# Of a fight at more places at once than a host has networks, the oldest are forgotten.
_MOST_FOUGHT = 1024
_LOOKS_SECONDS = 1.0
# `ufw reload` takes half a second. A script that never ends is not waited for longer than this.
_LONGEST_COMMAND_SECONDS = 3.0


class Wounded(msgspec.Struct, frozen=True, kw_only=True):
    """A finding that may be repaired, and who is behind it. `since`: when the change was, on the steady clock."""

    standing: Standing
    who: Who | None
    since: float


class Healer:
    """Decides, and remembers what came of it. Never acts itself: the judge does.

    `at_work`: whether the command behind this pid still runs. Whoever is in the middle of a reload is left to end it.
    """

    def __init__(
        self, policy: Policy, repairs: bool, first_run: bool, at_work: Callable[[int], bool] = lambda _: False
    ) -> None:
        self._policy = policy
        self._repairs = repairs
        self._at_work = at_work
        self._first_run = first_run
        self._brake = Brake(rounds=policy.rounds, window=policy.window)
        # By Finding.id, why its plan was refused: the same is told once.
        self._refused: dict[str, str] = {}
        self._waiting: dict[str, Wounded] = {}
        self._unfinished: dict[str, Wounded] = {}
        self._look_again = 0.0
        self._others: dict[str, dict[str, Who]] = {}

    def wants(self, wounded: Wounded, at: float) -> Question | None:
        """The question to the judge that repairs it; None where it is only told, or has to wait."""
        situation = self._situation()
        for waiting in (self._waiting, self._unfinished):
            waiting.pop(wounded.standing.id, None)
        if why_not(self._policy, wounded.standing, self._brake, situation, at):
            if self._repairs and situation.holds_back:
                self._waiting[wounded.standing.id] = wounded
            return None
        if self._goes_on(wounded, at):
            self._unfinished[wounded.standing.id] = wounded
            return None
        return Question(
            number=0,
            wanted=(),
            treat=wounded.standing.id,
            allow_risky=self._policy.allow_risky,
            edit_files=self._policy.edit_files,
        )

    def waited(self, at: float) -> tuple[Wounded, ...]:
        """What had to wait for a command, a package manager or a person, and need not any more."""
        done = tuple(wounded for wounded in self._unfinished.values() if not self._goes_on(wounded, at))
        for wounded in done:
            del self._unfinished[wounded.standing.id]
        return (*done, *self._no_longer_held(at))

    def _no_longer_held(self, at: float) -> tuple[Wounded, ...]:
        """Looks at the locks of packages once a second."""
        if not self._waiting or at < self._look_again:
            return ()
        self._look_again = at + _LOOKS_SECONDS
        if self._situation().holds_back:
            return ()
        waited, self._waiting = tuple(self._waiting.values()), {}
        return waited

    def _goes_on(self, wounded: Wounded, at: float) -> bool:
        who = wounded.who
        return who is not None and at - wounded.since < _LONGEST_COMMAND_SECONDS and self._at_work(who.pid)

    def _situation(self) -> Situation:
        return Situation(
            repairs=self._repairs,
            first_run=self._first_run,
            paused=PAUSED.exists(),
            busy=packages_busy() if self._repairs else "",
        )

    def came_of_it(self, wounded: Wounded, repair: Repair, time: str, at: float) -> tuple[Happened, ...]:
        """What is to be told of a repair that was tried."""
        seconds = round(at - wounded.since, 3)
        told = Happened(
            time=time,
            event=EventWord.REPAIRED,
            finding=wounded.standing,
            what=_words(repair),
            who=wounded.who,
            seconds=seconds,
            lasted=seconds if repair.outcome == "verified" else 0.0,
            outcome=repair.outcome,
            instead=tuple(f"left to you, by the policy: {words}" for words in repair.left),
        )
        if repair.outcome == "gone":
            # That it has healed itself is told as what it is: it cleared, or it was a dip.
            return ()
        if repair.outcome == "refused":
            if self._refused.get(wounded.standing.id) == repair.why:
                return ()
            self._refused[wounded.standing.id] = repair.why
            return (msgspec.structs.replace(told, event=EventWord.CHANGED),)
        other = wounded.who.words() if wounded.who else ""
        self._brake, fight = repaired(self._brake, wounded.standing.id, other, at)
        others = self._remembered(wounded)
        if not fight:
            return (told,)
        self._others.pop(wounded.standing.id, None)
        words = self._fight(wounded.standing)
        instead = proposed(wounded.standing, others, repair.for_good)
        return (told, msgspec.structs.replace(told, event=EventWord.FIGHT, what=words, instead=instead))

    def _remembered(self, wounded: Wounded) -> tuple[Who, ...]:
        """Whoever was on the other side of this finding, each once, the last ones."""
        known = self._others.setdefault(wounded.standing.id, {})
        if wounded.who is not None:
            known[wounded.who.words()] = wounded.who
        while len(known) > self._policy.rounds:
            del known[next(iter(known))]
        while len(self._others) > _MOST_FOUGHT:
            del self._others[next(iter(self._others))]
        return tuple(known.values())

    def _fight(self, standing: Standing) -> str:
        others = " and ".join(sides(self._brake, standing.id)) or "a program that is not known"
        return (
            f"pxedoctor has put this back {self._policy.rounds} times within {self._policy.window:.0f} s, and {others} "
            f"undid it each time; pxedoctor stops. One of them has to own it (pxedoctor explain {standing.name})"
        )


def _words(repair: Repair) -> str:
    if repair.outcome == "refused":
        return f"not repaired: {repair.why}"
    return f"{repair.outcome}; to take it back: pxedoctor undo {repair.id}"


def pause() -> None:
    """Raises OSError where this user may not."""
    PAUSED.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    os.close(os.open(PAUSED, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o644))


def resume() -> None:
    PAUSED.unlink(missing_ok=True)
