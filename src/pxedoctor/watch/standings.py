"""What stands, since when, and what is told as it changes."""

from collections.abc import Iterator

from msgspec.structs import replace

from pxedoctor.verdict.happened import EventWord, Happened, Standing
from pxedoctor.verdict.remembered import Key, Remembered, key_of
from pxedoctor.watch import clock
from pxedoctor.watch.difference import Difference, differences
from pxedoctor.watch.happened import happened
from pxedoctor.watch.settle import Burst

# What was broken no longer than this healed itself: a reload of a firewall.
DIP_SECONDS = 2.0


class Standings:
    """`at`: seconds of the steady clock, the same for all calls."""

    def __init__(self, remembered: Remembered | None = None) -> None:
        self._remembered = remembered
        self._since: dict[Key, float] = {}
        self.now: tuple[Standing, ...] = ()

    def judged(self, standing: tuple[Standing, ...], burst: Burst | None, at: float) -> tuple[Happened, ...]:
        """What is different, in events. The first time it is what is different since a keeper was here last."""
        remembered, self._remembered = self._remembered, None
        if remembered is not None:
            told = tuple(self._since_the_last_keeper(standing, remembered, at))
        else:
            told = tuple(self._different(standing, burst, at))
        self.now = standing
        self._since = {key: self._since.get(key, at) for key in map(key_of, standing)}
        return told

    def stirred_already(self) -> None:
        """While the first look was taken: what it sees anew may be of that time, or of the time before."""
        if self._remembered is not None:
            until = f"{self._remembered.until}, or as this one began"
            self._remembered = replace(self._remembered, until=until, missed="")

    def repaired(self, finding: str) -> None:
        """That it is gone has been told already."""
        self.now = tuple(entry for entry in self.now if entry.id != finding)

    def _different(self, standing: tuple[Standing, ...], burst: Burst | None, at: float) -> Iterator[Happened]:
        seconds = at - burst.ended if burst else 0.0
        for difference in differences(self.now, standing):
            lasted = self._lasted(difference, at)
            event = happened(_worded(difference, lasted), burst, clock.now(), seconds)
            yield replace(event, lasted=round(lasted, 3))

    def _lasted(self, difference: Difference, at: float) -> float:
        if difference.word is not EventWord.CLEARED:
            return 0.0
        return at - self._since.get(key_of(difference.standing), at)

    def _since_the_last_keeper(
        self, standing: tuple[Standing, ...], remembered: Remembered, at: float
    ) -> Iterator[Happened]:
        before = {key_of(stood.standing): stood for stood in remembered.stood}
        self._since = {key: at - clock.seconds_since(stood.since) for key, stood in before.items()}
        meanwhile = f"while no keeper listened, since {remembered.until}"
        if remembered.missed:
            meanwhile += f": {remembered.missed}"
        for stands in standing:
            if key_of(stands) in before:
                what = f"it has stood since {before[key_of(stands)].since}"
                told = happened(Difference(EventWord.STANDS, stands), None, clock.now(), 0.0)
                yield replace(told, what=what, lasted=round(at - self._since[key_of(stands)], 3))
        for difference in differences(tuple(stood.standing for stood in remembered.stood), standing):
            if difference.word is not EventWord.CHANGED:
                event = happened(difference, None, clock.now(), 0.0)
                yield replace(event, what=meanwhile, lasted=round(self._lasted(difference, at), 3))


def _worded(difference: Difference, lasted: float) -> Difference:
    short = lasted < DIP_SECONDS and difference.word is EventWord.CLEARED
    return Difference(EventWord.DIPPED, difference.standing) if short else difference
