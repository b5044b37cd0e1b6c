"""Everything the keeper listens to. A source that cannot be had says why, and the others go on."""

from collections.abc import Callable, Iterator
from typing import TypeVar

import msgspec

from pxedoctor.watch.link_events import LinkEvents
from pxedoctor.watch.nft_events import RuleEvents
from pxedoctor.watch.proc_events import ProcessEvents
from pxedoctor.watch.settle import Stir
from pxedoctor.watch.who import who

T = TypeVar("T")


class Deaf(msgspec.Struct, frozen=True):
    """A source that is not listened to, and why."""

    source: str
    why: str
    would_help: str = "run it as root in the host's own namespaces"


class Ears:
    """Open these where the processes of the host are seen; `open_network` where its network is."""

    def __init__(self) -> None:
        self.deaf: list[Deaf] = []
        self._processes = self._opened("processes", ProcessEvents)
        self._rules: RuleEvents | None = None
        self._links: LinkEvents | None = None

    def open_network(self) -> None:
        self._rules = self._opened("rules", RuleEvents)
        self._links = self._opened("links", LinkEvents)

    def handles(self) -> tuple[int, ...]:
        return tuple(source.fileno() for source in (self._processes, self._rules, self._links) if source is not None)

    def lost(self) -> int:
        """How often the kernel told that it could not keep what it had to say."""
        gaps = self._processes.lineage.gaps if self._processes else 0
        return gaps + sum(source.lost for source in (self._rules, self._links) if source is not None)

    def hear(self, at: float) -> tuple[Stir, ...]:
        """What stirred since the last time."""
        return tuple(self._heard(at))

    def _heard(self, at: float) -> Iterator[Stir]:
        # Rules first, then processes: whoever made a transaction was born before it.
        generations = self._rules.drain() if self._rules else ()
        if self._processes is not None:
            self._processes.drain()
        for made in generations:
            chain = self._processes.lineage.chain(made.pid) if self._processes else ()
            told = who(made.pid, made.name, chain)
            yield Stir(at=at, source="rules", what=f"firewall rules, generation {made.number}", who=told)
        for change in self._links.drain() if self._links else ():
            yield Stir(at=at, source=change.source, what=f"{change.what}: {change.device}".rstrip(": "))

    def _opened(self, source: str, make: Callable[[], T]) -> T | None:
        try:
            return make()
        except OSError as error:
            self.deaf.append(Deaf(source, str(error.strerror or error)))
            return None
