"""By which ports the guest may fetch over HTTP: the usual ones, what the host's settings name, and what it is told."""

from collections.abc import Iterable

from pxedoctor.model.traced import HeardFrame
from pxedoctor.wire.http_port import USUAL, ports_named

# Whoever answers the guest may name as many as it likes; each costs a comparison.
_MOST = 8


class HttpPorts:
    """`named`: beside the usual ones."""

    def __init__(self, named: Iterable[int]) -> None:
        self.named = tuple(named)[:_MOST]

    @property
    def all(self) -> tuple[int, ...]:
        return (*USUAL, *self.named)

    def learn(self, frames: Iterable[HeardFrame]) -> bool:
        """From URLs in an offer, or in the beginning of a script; True where one names another port."""
        before = self.named
        told = ports_named(frame.content for frame in frames)
        self.named = (*before, *(port for port in told if port not in before))[:_MOST]
        return self.named != before
