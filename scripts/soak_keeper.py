"""A day of the keeper, compressed: what a busy host does in 24 hours, as fast as it can be done. Needs root.

    scripts/soak_keeper.py [DAYS]           1 where nothing is said; 0.25 is six hours
    scripts/soak_keeper.py storms [COUNT]   nothing but storms of 20,000, three where nothing is said: does each add?

A day is 86,400 processes born (one a second), 2,880 transactions of rules that concern nobody (one every 30 s, as of a
host with containers), 24 overrides that cut guests off, each put back by the keeper, and one storm of a minute at some
1,000 transactions a second. Prints each hour what it weighs and when the rest will be done, then what all cost in
memory, in time and in words, and whether that is met; ends with 1 if memory has grown by more than a tenth, or if an
override was not put back. Of less than a day it also prints where a day would end if memory went on as in the second
half of the hours, which holds for what grows by the hour; of fewer than six hours it does not.

What may grow is what is bounded, until it is full: the memory of births (lineage.py) above all, which has one bound for
all its bytes, so that it is full whatever those processes are called. So the growth is that since a warm-up, in which
more processes are born than that keeps, and a storm and an override come. It is looked for in anonymous memory: of the
files that a process maps it is charged less while others on the machine map them too.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from bench_watch import Kept, both, keeping, memory, smaps
from watch_kinds import HOSTS

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.site import Site
from pxedoctor.watch.lineage import MOST_DEAD

_DAY_SECONDS = 86_400
_HOURS = 24
_AN_HOUR = 3600
_TRANSACTIONS_AN_HOUR = 120
_STORM = 60_000
_SMALL_STORM, _STORMS = 20_000, 3
_MAY_GROW = 1.10
_REPAIR_SECONDS = 60.0
# Born one after the other, on a machine that has other work.
_HOUR_MAY_LAST = 3600
_STORM_MAY_LAST = 1800


class Weighed(msgspec.Struct, frozen=True, kw_only=True):
    """MiB: anonymous memory of the keeper and of its judge, and all of both, what is shared counted once."""

    keeper: float
    judge: float
    whole: float

    @property
    def own(self) -> float:
        return self.keeper + self.judge

    def __str__(self) -> str:
        return f"{self.own:.1f} MiB (keeper {self.keeper:.1f}, judge {self.judge:.1f}; with files {self.whole:.1f})"


class Soak:
    """One keeper, and what came of the days."""

    def __init__(self, site: Site, kept: Kept) -> None:
        self._site = site
        self._kept = kept
        self.told: Counter[str] = Counter()
        self.not_repaired = 0

    def warm_up(self) -> None:
        """Everything has happened, and what is bounded is full."""
        self._bear(MOST_DEAD)
        self._storm(_STORM // 10)
        for _ in range(2):
            self._override()

    def hour(self) -> None:
        """What happens in one, and one override that the keeper puts back."""
        self._bear(_AN_HOUR)
        self._storm(_TRANSACTIONS_AN_HOUR)
        self._listen(0.3)
        self._override()

    def minute_of_storm(self, transactions: int = _STORM) -> float:
        """Transactions a second, as many as were made."""
        started = time.monotonic()
        self._storm(transactions)
        return transactions / (time.monotonic() - started)

    def small_storm(self) -> float:
        """As `minute_of_storm`, and then one override to put back."""
        rate = self.minute_of_storm(_SMALL_STORM)
        self._listen(0.5)
        self._override()
        return rate

    def weight(self) -> Weighed:
        keeper, judge = both(self._kept.pid)[:2]
        return Weighed(keeper=smaps(keeper, "Anonymous"), judge=smaps(judge, "Anonymous"), whole=memory(self._kept.pid))

    def _bear(self, processes: int) -> None:
        script = f"i=0; while [ $i -lt {processes} ]; do /bin/true; i=$((i+1)); done"
        self._site.ask("sh", "-c", script, seconds=_HOUR_MAY_LAST * -(-processes // _AN_HOUR))

    def _override(self) -> None:
        drop = HOSTS[0].kinds[0]
        self._site.run("sh", "-c", drop.script)
        deadline = time.monotonic() + _REPAIR_SECONDS
        repaired = self.told["repaired"]
        while self.told["repaired"] == repaired and time.monotonic() < deadline:
            self._listen(0.2)
        self.not_repaired += self.told["repaired"] == repaired
        drop.heal(self._site)
        self._listen(0.3)

    def _storm(self, transactions: int) -> None:
        self._site.write("/tmp/storm", "add table inet other\ndelete table inet other\n" * (transactions // 2))
        self._site.ask("sh", "-c", "nft -i < /tmp/storm", seconds=_STORM_MAY_LAST)

    def _listen(self, seconds: float) -> None:
        while (word := self._kept.next(seconds)) is not None:
            self._count(word[1])

    def _count(self, told: dict[str, Any]) -> None:
        self.told[told["event"]] += 1


@contextmanager
def warm() -> Iterator[tuple[Soak, Kept, Weighed]]:
    """A keeper that has seen everything once, and what it weighs then."""
    with open_site() as site:
        HOSTS[0].build(site)
        with keeping(site) as (kept, _):
            soak = Soak(site, kept)
            print(f"at the start: {soak.weight()}", flush=True)
            soak.warm_up()
            before = soak.weight()
            print(f"warm: {before}", flush=True)
            yield soak, kept, before


def main(days: float) -> int:
    hours = round(days * _HOURS)
    with warm() as (soak, kept, before):
        started, busy_before = time.monotonic(), busy(kept.pid)
        weights = [before]
        for hour in range(hours):
            soak.hour()
            if hour % _HOURS == min(hours, _HOURS) // 2:
                print(f"    a minute's storm: {soak.minute_of_storm():.0f} transactions a second", flush=True)
            weights.append(soak.weight())
            passed = time.monotonic() - started
            left = passed / (hour + 1) * (hours - hour - 1)
            when = f"{passed:.0f} s, some {left:.0f} s left"
            print(f"hour {hour + 1}: {weights[-1]}; told: {dict(soak.told)}; {when}", flush=True)
        seconds, cost = time.monotonic() - started, busy(kept.pid) - busy_before
    print(
        f"{hours} h in {seconds:.0f} s ({days * _DAY_SECONDS / seconds:.0f} times as fast); {cost:.0f} s of a core; "
        f"{_growth(soak, before, weights[-1])}"
    )
    for line in _a_day(weights):
        print(line)
    return _status(soak, before, weights[-1])


def _a_day(weights: list[Weighed]) -> Iterator[str]:
    """`weights`: warm, then after each hour."""
    hours = len(weights) - 1
    if hours >= _HOURS:
        return
    if hours < _HOURS // 4:
        yield f"a day: not run; {hours} h are too few to say where it would end"
        return
    middle = hours // 2
    by_hour = (weights[-1].own - weights[middle].own) / (hours - middle)
    end = weights[-1].own + by_hour * (_HOURS - hours)
    yield (
        f"a day: not run; at {by_hour:+.2f} MiB an hour, as from hour {middle} to {hours}, it would end at {end:.1f} "
        f"MiB, {_percent(weights[0].own, end):+.1f} %"
    )


def storms(count: int) -> int:
    with warm() as (soak, _, before):
        after = before
        for number in range(count):
            rate = soak.small_storm()
            after = soak.weight()
            print(f"storm {number + 1}, {rate:.0f} a second: {after}; told: {dict(soak.told)}", flush=True)
    print(f"{count} storms of {_SMALL_STORM}: {_growth(soak, before, after)}")
    return _status(soak, before, after)


def _growth(soak: Soak, before: Weighed, after: Weighed) -> str:
    return (
        f"{before} warm, {after} at the end, {_percent(before.own, after.own):+.1f} %; not put back: "
        f"{soak.not_repaired}; events lost and said so: {soak.told['events-lost']}; "
        f"{'MISSED' if _status(soak, before, after) else 'met'} (a tenth is allowed)"
    )


def _percent(before: float, after: float) -> float:
    return 100 * (after / before - 1)


def _status(soak: Soak, before: Weighed, after: Weighed) -> int:
    return int(after.own > before.own * _MAY_GROW or soak.not_repaired > 0)


def busy(keeper: int) -> float:
    """Seconds of a core that the keeper and its judge have taken; not those of the programs that they ran."""
    seconds = 0.0
    for pid in both(keeper):
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            words = file.read().rpartition(")")[2].split()
        seconds += (int(words[11]) + int(words[12])) / 100
    return seconds


if __name__ == "__main__":
    words = sys.argv[1:]
    if words[:1] == ["storms"]:
        sys.exit(storms(int(words[1]) if len(words) > 1 else _STORMS))
    sys.exit(main(float(words[0]) if words else 1))
